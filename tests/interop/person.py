# SPDX-License-Identifier: GPL-3.0-or-later
"""A person: an identity, sessions, and who is expected under which tag.

Envelopes in, letters out: no socket here.  take() says what an envelope was
to this person; a letter that was shown before is not shown again.
"""
import dataclasses
import os
import time

import card as cards
import intro
import letter as letters
from dialect import Malformed

LIFE_H = 168


def now_h():
    return int(time.time()) // 3600


@dataclasses.dataclass
class Contact:
    card: cards.Card
    session: object
    ek: bytes = b""           # of a first contact that was theirs
    begun: object = None      # the first contact, where it was ours


@dataclasses.dataclass
class Taken:
    """What an envelope was: an intro, or a letter; and what clears it."""
    id: bytes
    opening: bytes
    sender: bytes
    letter: object = None
    is_new: bool = True


class Person:
    def __init__(self):
        self._identity = cards.Identity(os.urandom, 1, now_h() + LIFE_H)
        self._intro_tags = intro.expected_tags(self.card.address, now_h())
        self._contacts = {}
        self._seen = set()

    @property
    def card(self):
        return self._identity.card

    def begin(self, card):
        """First contact with the owner of a card; knock() sends it."""
        begun = intro.Initiator(self._identity, card, os.urandom)
        self._contacts[card.fingerprint()] = Contact(card, begun.session,
                                                     begun=begun)

    def knock(self, fingerprint):
        """(envelope, opening) of the first contact, a new one each time."""
        begun = self._contacts[fingerprint].begun
        return begun.envelope(now_h(), now_h() + LIFE_H, os.urandom)

    def session(self, fingerprint):
        return self._contacts[fingerprint].session

    def write(self, fingerprint, text, message_id=None):
        """(envelope, opening) of a text to a contact."""
        return self._seal(fingerprint, letters.TEXT, text, message_id)

    def welcome(self, fingerprint):
        return self._seal(fingerprint, letters.WELCOME, "", None)

    def tell_read(self, fingerprint, message_ids):
        return self._seal(fingerprint, letters.READ, message_ids, None)

    def _seal(self, fingerprint, kind, content, message_id):
        letter = letters.Letter(kind, message_id or os.urandom(16),
                                int(time.time()), now_h() + LIFE_H, 0, content)
        return self.session(fingerprint).seal(letter.encode(),
                                              letter.expires_h)

    def take(self, envelope):
        """What this envelope is, or None when it is not for this person."""
        if envelope.tag in self._intro_tags:
            return self._take_intro(envelope)
        for fingerprint, contact in self._contacts.items():
            if envelope.tag in contact.session.tags():
                return self._take_letter(envelope, fingerprint, contact)
        return None

    def _take_intro(self, envelope):
        try:
            card, ek, opening, session = intro.open_intro(
                self._identity, envelope, os.urandom)
        except Malformed:
            return None
        fingerprint = card.fingerprint()
        known = self._contacts.get(fingerprint)
        repeated = known is not None and known.ek == ek
        if not repeated:
            self._contacts[fingerprint] = Contact(card, session, ek)
        return Taken(envelope.id(), opening, fingerprint,
                     is_new=not repeated)

    def _take_letter(self, envelope, fingerprint, contact):
        try:
            content, opening = contact.session.open(envelope)
        except Malformed:
            return None
        letter = letters.decode(content)
        is_new = letter is not None and letter.message_id not in self._seen
        if is_new:
            self._seen.add(letter.message_id)
        return Taken(envelope.id(), opening, fingerprint, letter, is_new)
