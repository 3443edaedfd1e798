# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's newer card, under a tag that who knows the address can find."""
from nacl import bindings
from nacl.exceptions import CryptoError

import card as cards
from dialect import Malformed, need
from envelope import Envelope, kdf, receipt_hash

KEM_SUITE = 3
# What is signed, and the class of the envelope, by suite.
FORMS = {cards.SUITE: (1 + cards.CARD_BYTES, 0),
         KEM_SUITE: (1 + cards.CARD_BYTES + 1216, 1)}
CONTEXT = b"sotto1 renewal"
WEEK_H = 168


def week(address, hour):
    first = kdf(address, "sotto1 renewweek", b"", 16)[:2]
    return (hour + int.from_bytes(first, "big") % WEEK_H) // WEEK_H


def tag(address, number):
    return kdf(address, "sotto1 renewtag", number.to_bytes(4, "big"), 16)


def expected_tags(address, now_h):
    """Each with the number of its week."""
    this = week(address, now_h)
    return {tag(address, number): number
            for number in (this - 1, this, this + 1)}


def _key(address, number):
    return kdf(address, "sotto1 renewkey", number.to_bytes(4, "big"), 32)


def _salt(address, mark):
    return kdf(address, "sotto1 renewsalt", mark, 16)


def _header(address, salt):
    return kdf(address, "sotto1 renewmask", salt, 64)[:50]


def seal(identity, now_h, kem=b""):
    """(envelope, opening) of an identity's card, in the week of an hour; with
    an X-Wing key, if there is one."""
    card = identity.card
    number = week(card.address, now_h)
    suite = KEM_SUITE if kem else cards.SUITE
    signed = bytes([suite]) + card.encode() + kem
    signature = identity.sign(CONTEXT + signed)
    mark = number.to_bytes(4, "big") + signature
    opening = kdf(identity.prekey_secret, "sotto1 renewopen", mark, 32)
    salt = _salt(card.address, mark)
    made = Envelope(
        size_class=FORMS[suite][1], zone=0, expires_h=card.prekey_expires_h,
        tag=tag(card.address, number), receipt=receipt_hash(opening),
        salt=salt, header=_header(card.address, salt))
    made.put_body(_key(card.address, number), signed + signature)
    return made, opening


def open_renewal(address, number, envelope):
    """The card in it, whatever key is with it, or Malformed."""
    content = envelope.unseal_body(_key(address, number))
    need(content[:1] and content[0] in FORMS, "another suite")
    size, size_class = FORMS[content[0]]
    need(envelope.size_class == size_class, "a renewal of another class")
    need(len(content) == size + 64, "a renewal of another length")
    signed, signature = content[:size], content[size:]
    card = cards.decode(signed[1:1 + cards.CARD_BYTES]).check()
    need(card.address == address, "another address")
    salt = _salt(address, number.to_bytes(4, "big") + signature)
    need(envelope.salt == salt, "another salt")
    need(envelope.header == _header(address, salt), "another header")
    try:
        bindings.crypto_sign_open(signature + CONTEXT + signed, card.sign)
    except CryptoError:
        raise Malformed("a signature that does not hold") from None
    return card
