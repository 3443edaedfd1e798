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
import renewal
from dialect import Malformed

LIFE_H = 168


def now_h():
    return int(time.time()) // 3600


@dataclasses.dataclass
class Thread:
    """One session with a contact, told by the EK that began it."""
    session: object
    ek: bytes
    begun: object = None  # the first contact, where it was ours
    heard: bool = False   # a letter has come through it


@dataclasses.dataclass
class Contact:
    card: cards.Card
    threads: list

    def written_on(self):
        """Of those in which a letter has come, the one of the lower EK."""
        heard = [one for one in self.threads if one.heard]
        begun = [one for one in self.threads if one.begun]
        return min(heard or begun, key=lambda one: one.ek)

    def find(self, ek):
        return next((one for one in self.threads if one.ek == ek), None)


@dataclasses.dataclass
class Taken:
    """What an envelope was: an intro, or a letter; and what clears it, which
    of a letter to a group its writer alone knows."""
    id: bytes
    opening: bytes | None
    sender: bytes
    ek: bytes
    letter: object = None
    is_new: bool = True
    group: bytes | None = None
    view: bytes | None = None

    @property
    def brings_tags(self):
        return self.letter is None or self.letter.type in (
            letters.GROUP_KEY, letters.GROUP_OPS)


class Person:
    def __init__(self):
        self._identity = cards.Identity(os.urandom, 1, now_h() + LIFE_H)
        self._intro_tags = intro.expected_tags(self.card.address, now_h())
        self._contacts = {}
        self._seen = set()

    @property
    def card(self):
        return self._identity.card

    def _contact(self, card):
        return self._contacts.setdefault(card.fingerprint(),
                                         Contact(card, []))

    def renew(self):
        """(envelope, opening) of a card that takes the place of the last, and
        of which alone this person has the secrets."""
        self._identity.renew(os.urandom, self.card.prekey_id + 1,
                             now_h() + LIFE_H)
        return renewal.seal(self._identity, now_h())

    def begin(self, card, suits=lambda ek: True):
        """First contact with the owner of a card; knock() sends it.  EKs are
        drawn until one suits."""
        begun = intro.Initiator(self._identity, card, os.urandom)
        while not suits(begun.ek):
            begun = intro.Initiator(self._identity, card, os.urandom)
        self._contact(card).threads.append(
            Thread(begun.session, begun.ek, begun))

    def knock(self, fingerprint):
        """(envelope, opening) of the first contact, a new one each time."""
        begun = next(one.begun for one in self._contacts[fingerprint].threads
                     if one.begun)
        return begun.envelope(now_h(), now_h() + LIFE_H, os.urandom)

    def ek_if_intro(self, envelope):
        """The EK of an intro to this person; None of anything else.  Nothing
        is taken by it."""
        if envelope.tag not in self._intro_tags:
            return None
        return intro.open_intro(self._identity, envelope, os.urandom)[1]

    def written_on(self, fingerprint):
        """The EK of the session that this contact is written to on."""
        return self._contacts[fingerprint].written_on().ek

    def write(self, fingerprint, text, message_id=None):
        """(envelope, opening) of a text to a contact."""
        return self._seal(fingerprint, letters.TEXT, text, message_id)

    def welcome(self, fingerprint):
        return self._seal(fingerprint, letters.WELCOME, "", None)

    def tell_read(self, fingerprint, message_ids):
        return self._seal(fingerprint, letters.READ, message_ids, None)

    def say(self, fingerprint, kind, content):
        """(envelope, opening) of any letter to a contact."""
        return self._seal(fingerprint, kind, content, None)

    def say_as(self, fingerprint, kind, content, message_id):
        """As say, under that id."""
        return self._seal(fingerprint, kind, content, message_id)

    def _seal(self, fingerprint, kind, content, message_id):
        letter = letters.Letter(kind, message_id or os.urandom(16),
                                int(time.time()), now_h() + LIFE_H, 0, content)
        session = self._contacts[fingerprint].written_on().session
        return session.seal(letter.encode(), letter.expires_h)

    def take(self, envelope):
        """What this envelope is, or None when it is not for this person."""
        try:
            if envelope.tag in self._intro_tags:
                return self._take_intro(envelope)
            for fingerprint, contact in self._contacts.items():
                for thread in contact.threads:
                    if envelope.tag in thread.session.tags():
                        return self._take_letter(envelope, fingerprint, thread)
        except Malformed:
            pass
        return None

    def _take_intro(self, envelope):
        card, ek, opening, session = intro.open_intro(
            self._identity, envelope, os.urandom)
        contact = self._contact(card)
        is_new = contact.find(ek) is None
        if is_new:
            contact.threads.append(Thread(session, ek))
        return Taken(envelope.id(), opening, card.fingerprint(), ek,
                     is_new=is_new)

    def _take_letter(self, envelope, fingerprint, thread):
        content, opening = thread.session.open(envelope)
        thread.heard = True
        letter = letters.decode(content)
        is_new = letter is not None and letter.message_id not in self._seen
        if is_new:
            self._seen.add(letter.message_id)
        return Taken(envelope.id(), opening, fingerprint, thread.ek, letter,
                     is_new)
