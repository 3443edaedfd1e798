# SPDX-License-Identifier: GPL-3.0-or-later
"""First contact: the envelope that begins a session from a card alone."""
import dataclasses
import hmac

import card as cards
from card import SUITE, agree, public_of
from dialect import need
from envelope import Envelope, kdf, pair_of, receipt_hash, seal, unseal
from ratchet import Session

SLOTS, DAYS = 64, 16
KEM_SUITE, KEM_CIPHERTEXT_BYTES = 3, 1120
CLASSES = {SUITE: 0, cards.INVITE_SUITE: 0, KEM_SUITE: 1}


@dataclasses.dataclass(frozen=True)
class Kem:
    """An X-Wing key under its id, a ciphertext for it, and the secret in that:
    whoever has X-Wing makes them, and opens one."""
    id: int
    key: bytes
    ciphertext: bytes
    secret: bytes


def tag(address, day, slot):
    return kdf(address, "sotto1 introtag",
               day.to_bytes(4, "big") + slot.to_bytes(4, "big"), 16)


def expected_tags(address, now_h):
    """The tags of a first contact made lately, or by a clock a little fast."""
    today = now_h // 24
    return {tag(address, day, slot)
            for day in range(today + 2 - DAYS, today + 2)
            for slot in range(SLOTS)}


def _mask(address, salt, header):
    mask = kdf(address, "sotto1 intromask", salt, 64)
    return bytes(a ^ b for a, b in zip(header, mask))


def _transcript(initiator, responder, ek, suite):
    return (b"\x01" + bytes([suite]) + initiator.sign + initiator.agree
            + responder.sign + responder.agree + ek
            + responder.prekey_id.to_bytes(4, "big") + responder.prekey)


class _Keys:
    """What both sides derive, from the agreements in the order they appear."""

    def __init__(self, initiator, responder, ek, agreements, invite=None,
                 kem=None):
        agreed = b"".join(agreements)
        if kem:
            root = kdf(bytes(32), "sotto1 kemroot",
                       agreed + kem.secret
                       + _transcript(initiator, responder, ek, KEM_SUITE)
                       + kem.id.to_bytes(4, "big") + kem.key
                       + kem.ciphertext, 32)
        elif invite:
            root = kdf(invite.secret, "sotto1 invroot",
                       agreed + _transcript(initiator, responder, ek,
                                            cards.INVITE_SUITE)
                       + invite.prekey, 32)
        else:
            root = kdf(bytes(32), "sotto1 introroot",
                       agreed + _transcript(initiator, responder, ek, SUITE),
                       32)
        self.root, self.proof = pair_of(root, "sotto1 session")
        self.tags = pair_of(root, "sotto1 firsttags")


def _first_stage(address, ek_spk, ek_ik):
    return pair_of(address, "sotto1 introkey", ek_spk + ek_ik)


class Initiator:
    """Writes the intro, as often as asked, and has the session.  Through an
    invite, if there is one, whose card is the one given; or to an X-Wing key:
    `encapsulate(draw)` gives its Kem."""

    def __init__(self, identity, card, draw, invite=None, encapsulate=None):
        self._identity, self._card = identity, card.check()
        self._suite = cards.INVITE_SUITE if invite else SUITE
        self._address = invite.check().address if invite else card.address
        secret = draw(32)
        self.ek = public_of(secret)
        agreements = (agree(secret, card.prekey), agree(secret, card.agree),
                      agree(identity.agree_secret, card.prekey))
        if invite:
            agreements += (agree(secret, invite.prekey),)
        self._kem = encapsulate(draw) if encapsulate else None
        if self._kem:
            self._suite = KEM_SUITE
        self._stage = _first_stage(self._address, *agreements[:2])
        self._keys = _Keys(identity.card, card, self.ek, agreements, invite,
                           self._kem)
        self.session = Session.of_initiator(
            self._keys.root, self._keys.tags, card.prekey, draw)

    def envelope(self, now_h, expires_h, draw):
        slot = int.from_bytes(draw(8), "big") % SLOTS
        salt = draw(16)
        body_key, opener = self._stage
        opening = kdf(opener, "sotto1 introopen", salt, 32)
        header = (self.ek + self._card.prekey_id.to_bytes(4, "big")
                  + bytes([self._suite]))
        if self._kem:
            header += self._kem.id.to_bytes(4, "big")
        header = header.ljust(50, b"\0")
        made = Envelope(
            size_class=CLASSES[self._suite], zone=0, expires_h=expires_h,
            tag=tag(self._address, now_h // 24, slot),
            receipt=receipt_hash(opening), salt=salt,
            header=_mask(self._address, salt, header))
        mine = self._identity.card.encode()
        proof = seal(self._keys.proof, salt, b"", mine + self.ek)
        ciphertext = self._kem.ciphertext if self._kem else b""
        made.put_body(body_key, ciphertext + mine + proof)
        return made, opening


def open_intro(identity, envelope, draw, invite=None, decapsulate=None):
    """(card, EK, opening, session) of who is writing, or Malformed.  With an
    invite of one's own, of who comes through it.  Where there is X-Wing,
    `decapsulate(id, ciphertext)` gives the Kem of an own key, or Malformed."""
    mine = identity.card
    address = invite.address if invite else mine.address
    header = _mask(address, envelope.salt, envelope.header)
    ek, prekey_id, suite = header[:32], header[32:36], header[36]
    to_kem = suite == KEM_SUITE and decapsulate and not invite
    expected = cards.INVITE_SUITE if invite else SUITE
    need(to_kem or suite == expected, "another suite")
    need(not any(header[41 if to_kem else 37:]), "zeros that are none")
    need(envelope.size_class == CLASSES[suite], "an intro of another class")
    need(prekey_id == mine.prekey_id.to_bytes(4, "big"), "another prekey")
    ek_spk = agree(identity.prekey_secret, ek)
    ek_ik = agree(identity.agree_secret, ek)
    body_key, opener = _first_stage(address, ek_spk, ek_ik)
    opening = kdf(opener, "sotto1 introopen", envelope.salt, 32)
    content = envelope.take_body(body_key, opening)
    kem = None
    if to_kem:
        kem = decapsulate(int.from_bytes(header[37:41], "big"),
                          content[:KEM_CIPHERTEXT_BYTES])
        content = content[KEM_CIPHERTEXT_BYTES:]
    need(len(content) == cards.CARD_BYTES + 16, "content of another length")
    theirs = cards.decode(content[:cards.CARD_BYTES]).check()
    ik_spk = agree(identity.prekey_secret, theirs.agree)
    agreements = (ek_spk, ek_ik, ik_spk)
    if invite:
        agreements += (agree(invite.prekey_secret, ek),)
    keys = _Keys(theirs, mine, ek, agreements, invite, kem)
    proof = unseal(keys.proof, envelope.salt, content[cards.CARD_BYTES:],
                   theirs.encode() + ek)
    need(hmac.compare_digest(proof, b""), "no proof")
    return theirs, ek, opening, Session.of_responder(
        keys.root, keys.tags, identity.prekey_secret, draw)
