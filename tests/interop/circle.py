# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who is in groups.

Operations and keys are taken in as they come; what is answered, and when, is
for whoever plays.
"""
import dataclasses
import os
import time

import card as cards
import group as groups
import letter as letters
from dialect import Malformed
from group_letter import Receiver, Sender
from person import LIFE_H, Person, Taken, now_h
from roster import Roster, Signer


@dataclasses.dataclass
class Circle:
    """One person's end of a group."""
    id: bytes
    signer: Signer
    sender: Sender
    roster: Roster = dataclasses.field(default_factory=Roster)
    receivers: list = dataclasses.field(default_factory=list)

    def key(self):
        """The content of a GROUP KEY."""
        return [self.id, self.roster.view(), *self.sender.hand_over()]


class Member(Person):
    def __init__(self):
        super().__init__()
        self.circles = {}

    @property
    def fingerprint(self):
        return self.card.fingerprint()

    def _circle(self, id_, signer):
        circle = Circle(id_, signer, Sender(os.urandom, self.fingerprint))
        self.circles[id_] = circle
        return circle

    def found(self, name):
        circle = self._circle(None, Signer(os.urandom(32)))
        circle.roster.sign(
            circle.signer, self.fingerprint, groups.NEW, self.fingerprint,
            (circle.signer.public, self.card.encode(), name), True)
        del self.circles[None]
        circle.id = circle.roster.group
        self.circles[circle.id] = circle
        return circle

    def join(self, invite, inviter):
        """(circle, envelope and opening) of a GROUP JOIN."""
        circle = self._circle(invite.content[0], Signer(os.urandom(32)))
        return circle, self.say(inviter, letters.GROUP_JOIN, [
            circle.id, circle.signer.public, self.card.encode()])

    def add(self, circle, join, name):
        """The ADD of whoever sent a GROUP JOIN."""
        _, key, card = join.content
        who = cards.decode(card).check().fingerprint()
        return circle.roster.sign(circle.signer, self.fingerprint, groups.ADD,
                                  who, (key, card, name))

    def write_to(self, circle, text, view=None):
        """(envelope, opening) of a text to a group."""
        letter = letters.Letter(letters.TEXT, os.urandom(16),
                                int(time.time()), now_h() + LIFE_H, 0, text)
        return letter.message_id, circle.sender.seal(
            circle.id, view or circle.roster.view(), letter.encode(),
            letter.expires_h)

    def tell_all(self, fingerprint, circle):
        """A GROUP OPS with all operations."""
        ops = [one.encoding for one in circle.roster.operations()]
        return self.say(fingerprint, letters.GROUP_OPS, [circle.id, ops])

    def take(self, envelope):
        taken = super().take(envelope)
        if taken and taken.letter and taken.is_new:
            self._learn(taken)
        return taken or self._take_from_group(envelope)

    def _learn(self, taken):
        kind, content = taken.letter.type, taken.letter.content
        if kind not in (letters.GROUP_OPS, letters.GROUP_KEY):
            return
        circle = self.circles.get(content[0])
        if circle and kind == letters.GROUP_KEY:
            circle.receivers.append(
                (taken.sender, Receiver(taken.sender, *content[2:])))
        elif circle:
            for encoding in content[1]:
                circle.roster.take(encoding)

    def _take_from_group(self, envelope):
        for circle in self.circles.values():
            for owner, receiver in circle.receivers:
                if envelope.tag not in receiver.tags():
                    continue
                try:
                    view, content = receiver.open(circle.id, envelope)
                except Malformed:
                    continue
                return Taken(envelope.id(), None, owner, None,
                             letters.decode(content), True, circle.id, view)
        return None
