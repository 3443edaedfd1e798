# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays what proto/vectors/groups.txt has: memberships in which people act
without knowing of each other, and letters to a group.

usage: group_vectors.py        print the file
"""
import hashlib
import sys

import card as cards
import letter as letters
from dialect import Malformed
from group import ADD, LEAVE, NEW, REMOVE
from group_letter import Receiver, Sender
from roster import Roster, Signer

HOUR = 500000
PEOPLE = 5
ROSTERS = 6
ACTIONS = 14


class Stream:
    """Bytes that a seed determines."""

    def __init__(self, seed):
        self._seed, self._count = seed.encode(), 0

    def __call__(self, size):
        self._count += 1
        return hashlib.shake_256(self._seed + self._count.to_bytes(4, "big")
                                 ).digest(size)

    def below(self, limit):
        return int.from_bytes(self(8), "big") % limit


class Member:
    def __init__(self, draw, name):
        self.card = cards.Identity(draw, 1, HOUR + 168).card
        self.fingerprint = self.card.fingerprint()
        self.signer = Signer(draw(32))
        self.name = name
        self.roster = Roster()

    def described(self):
        return self.signer.public, self.card.encode(), self.name


def _act(draw, people):
    """Somebody does something, right or not, by what they know."""
    actor, subject = (people[draw.below(PEOPLE)] for _ in range(2))
    kind = (ADD, ADD, REMOVE, LEAVE)[draw.below(4)]
    if kind == LEAVE:
        subject = actor
    try:
        actor.roster.sign(
            actor.signer, actor.fingerprint, kind, subject.fingerprint,
            subject.described() if kind == ADD else None,
            kind == ADD and draw.below(2) == 0)
    except Malformed:
        pass


def learn(to, source):
    for op in source.operations():
        to.take(op.encoding)


def play_roster(number):
    """A roster in which everything is known that was done by some."""
    draw = Stream(f"roster {number}")
    people = [Member(draw, f"person {i}") for i in range(PEOPLE)]
    founder = people[0]
    founder.roster.sign(founder.signer, founder.fingerprint, NEW,
                        founder.fingerprint, founder.described(), True)
    for one in people[1:3]:
        founder.roster.sign(founder.signer, founder.fingerprint, ADD,
                            one.fingerprint, one.described(), True)
    for one in people[1:]:
        learn(one.roster, founder.roster)
    for _ in range(ACTIONS):
        _act(draw, people)
        if draw.below(4) == 0:
            teacher, pupil = (people[draw.below(PEOPLE)] for _ in range(2))
            learn(pupil.roster, teacher.roster)
    whole = Roster()
    for one in people:
        learn(whole, one.roster)
    return whole


def members_of(roster):
    return b"".join(who + bytes([admin])
                    for who, admin in sorted(roster.members().items()))


def play_letters():
    """Three letters of an epoch that was handed over before the second."""
    draw = Stream("letters")
    group, author, view = draw(32), draw(32), draw(32)
    sender = Sender(draw, author)
    made = []
    for number in range(3):
        if number == 1:
            handed = sender.hand_over()
        letter = letters.Letter(letters.TEXT, draw(16), HOUR * 3600,
                                HOUR + 168, 0, f"letter {number}")
        made.append((letter.encode(),
                     sender.seal(group, view, letter.encode(), HOUR + 168)))
    return group, author, view, handed, made


def opens_as_it_should():
    """The one before the hand-over does not open; the others do, each once,
    the last one first."""
    group, author, view, handed, made = play_letters()
    receiver = Receiver(author, *handed)
    seen = []
    for number in (0, 2, 1, 2, 1):
        text, (envelope, _) = made[number]
        try:
            seen.append(receiver.open(group, envelope) == (view, text))
        except Malformed:
            seen.append(None)
    return seen == [None, True, True, None, None]


def lines():
    """(name, value) of each line of the file."""
    for number in range(ROSTERS):
        roster = play_roster(number)
        for op in roster.operations():
            yield f"roster.{number}.op", op.encoding
        yield f"roster.{number}.view", roster.view()
        yield f"roster.{number}.members", members_of(roster)
    group, author, view, handed, made = play_letters()
    yield "letter.group", group
    yield "letter.author", author
    yield "letter.view", view
    yield "letter.number", handed[0].to_bytes(4, "big")
    for name, key in zip(("chain", "tag", "sign"), handed[1:]):
        yield f"letter.{name}", key
    for text, (envelope, _) in made:
        yield "letter.plain", text
        yield "letter.envelope", envelope.encode()


COMMENT = """\
# NAME HEX.  roster.N.op: the operations of group N, parents before children;
# then its view, and who is in: each fingerprint, and 1 for an admin or 0.
# letter: a group, its author and a view; what a GROUP KEY hands over; then
# three letters, each plain and as an envelope, of which the first was before the key.
"""


def main():
    sys.stdout.write(COMMENT)
    for name, value in lines():
        print(name, value.hex() or "-")


if __name__ == "__main__":
    main()
