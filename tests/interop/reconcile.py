# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding out what one side of a link has and the other lacks.

Ranges that differ are answered with all their items at once, however many:
right for a node with few envelopes, and a legal answer for any.
"""
import ranges
from envelope import kdf
from ranges import (ALL, CLEARED, COMPARE, END, LACKED, NOTHING, STORED)


def fingerprint(keys):
    """Of a set of (expires_h, id)."""
    total = sum(int.from_bytes(kdf(None, "sotto1 member", id_, 32), "little")
                for _, id_ in keys) % 2**256
    return kdf(None, "sotto1 range", total.to_bytes(32, "little")
               + len(keys).to_bytes(8, "little"), 16)


def opening_move(stored):
    """The ranges of round 0: is all that we have all that you have?"""
    return ranges.build([((0, b""), END, COMPARE, fingerprint(stored))])


class Answer:
    """To one frame: `ranges` to send, ids to push, clear and want.

    stored and cleared are sets of (expires_h, id).
    """

    def __init__(self, frame_ranges, stored, cleared):
        self._stored, self._cleared = stored, cleared
        self.push, self.tell_cleared, self.want = [], [], []
        answers = [self._range(*one) for one in ranges.parse(frame_ranges)]
        done = all(mode == NOTHING for _, _, mode, _ in answers)
        self.ranges = [] if done else ranges.build(answers)

    def _range(self, low, high, mode, payload):
        mine = {key for key in self._stored if low <= key < high}
        if mode == COMPARE and payload != fingerprint(mine):
            return low, high, ALL, [key + (STORED,) for key in mine]
        if mode == ALL:
            theirs = {item[:2] for item in payload}
            self.push += sorted(mine - theirs)
        if mode in (ALL, LACKED):
            self._take(payload)
        return low, high, NOTHING, None

    def _take(self, items):
        for hours, id_, state in items:
            key = (hours, id_)
            if state == CLEARED and key in self._stored:
                self.want.append(key)
            elif state == STORED and key in self._cleared:
                self.tell_cleared.append(key)
            elif state == STORED and key not in self._stored:
                self.want.append(key)
