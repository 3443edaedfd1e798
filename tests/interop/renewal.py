# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's newer card, under a tag that who knows the address can find."""
from nacl import bindings
from nacl.exceptions import CryptoError

import card as cards
from dialect import Malformed, need
from envelope import Envelope, kdf, receipt_hash

RENEWAL_CLASS = 0
SIGNED_BYTES = 1 + cards.CARD_BYTES
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


def seal(identity, now_h):
    """(envelope, opening) of an identity's card, in the week of an hour."""
    card = identity.card
    number = week(card.address, now_h)
    signed = bytes([cards.SUITE]) + card.encode()
    signature = identity.sign(CONTEXT + signed)
    mark = number.to_bytes(4, "big") + signature
    opening = kdf(identity.prekey_secret, "sotto1 renewopen", mark, 32)
    salt = _salt(card.address, mark)
    made = Envelope(
        size_class=RENEWAL_CLASS, zone=0, expires_h=card.prekey_expires_h,
        tag=tag(card.address, number), receipt=receipt_hash(opening),
        salt=salt, header=_header(card.address, salt))
    made.put_body(_key(card.address, number), signed + signature)
    return made, opening


def open_renewal(address, number, envelope):
    """The card in it, or Malformed."""
    need(envelope.size_class == RENEWAL_CLASS, "a renewal of another class")
    content = envelope.unseal_body(_key(address, number))
    need(len(content) == SIGNED_BYTES + 64, "a renewal of another length")
    need(content[0] == cards.SUITE, "another suite")
    signed, signature = content[:SIGNED_BYTES], content[SIGNED_BYTES:]
    card = cards.decode(signed[1:]).check()
    need(card.address == address, "another address")
    salt = _salt(address, number.to_bytes(4, "big") + signature)
    need(envelope.salt == salt, "another salt")
    need(envelope.header == _header(address, salt), "another header")
    try:
        bindings.crypto_sign_open(signature + CONTEXT + signed, card.sign)
    except CryptoError:
        raise Malformed("a signature that does not hold") from None
    return card
