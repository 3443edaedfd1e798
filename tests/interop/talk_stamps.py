# SPDX-License-Identifier: GPL-3.0-or-later
"""A real sottod works for its letters when it is asked to, takes stamps that
were worked for, and no others.  Prints TAP.

usage: talk_stamps.py ENDPOINT HOME
"""
import dataclasses
import json
import os
import sys
import time

import zmq

import envelope as envelopes
import link as links
import stamp as stamps
from frame import DISCONNECT, IHAVE, PUSH, TERMS, WANT
from person import Person, now_h
from talk import REASON_MISBEHAVIOUR, WAIT_S, sotto
from tap import Tap

KEEPS_TO_TERMS = 8
ASKED = 10
LONG_LETTERS = 5
MOST = 20
RATE = 65536


def invented(bits=0):
    """An envelope for nobody, with a stamp of so many bits."""
    made = envelopes.Envelope(0, 0, now_h() + 24, os.urandom(16),
                              os.urandom(32), os.urandom(16))
    made.body = os.urandom(envelopes.BODY_BYTES[0])
    if bits == 0:
        return made
    return dataclasses.replace(
        made, stamp=stamps.make(made.id(), made.expires_h, bits))


class Stamps:
    def __init__(self, endpoint, home):
        self.tap, self.endpoint, self.home = Tap(), endpoint, home
        self.context = zmq.Context()

    def dial(self):
        return links.dial(self.context, self.endpoint,
                          time.monotonic() + WAIT_S, KEEPS_TO_TERMS)

    def status(self):
        return json.loads(sotto(self.home, "status", "--json"))

    @staticmethod
    def first_of(link, *kinds):
        deadline = time.monotonic() + WAIT_S
        frame = link.receive(deadline)
        while frame and frame[0] not in kinds:
            frame = link.receive(deadline)
        return frame

    @staticmethod
    def frames_until_read(link):
        """What comes until the node has read all that was sent to it."""
        return link.until_pong(time.monotonic() + WAIT_S)

    def is_heard_of(self, link, id_):
        """Whether the node passes an envelope on to that link."""
        while frame := self.first_of(link, PUSH, IHAVE):
            if frame[0] == PUSH:
                ids = [envelopes.decode(frame[1]).id()]
            else:
                ids = frame[1]
            if id_ in ids:
                return True
        return False

    def held_of(self, ids):
        """Those of some envelopes that the node hands out when asked.  It has
        the last, and hands them out in order."""
        link, pushed = self.dial(), []
        link.send(WANT, ids)
        while ids[-1] not in pushed:
            frame = self.first_of(link, PUSH)
            if not frame:
                break
            pushed.append(envelopes.decode(frame[1]).id())
        return [id_ for id_ in ids if id_ in pushed]

    def own_letters(self, link):
        terms = self.first_of(link, TERMS)
        self.tap.ok(terms and terms[1:3] == [0, 0] and terms[3] > 0,
                    "who keeps to terms is told them: at rest, anything")
        link.send(TERMS, ASKED, ASKED, RATE)
        self.frames_until_read(link)
        self.tap.ok(self.status()["stamps"]["asked"] == ASKED,
                    "what a neighbour asks for is asked of oneself")
        sotto(self.home, "add", "petra", Person().card.text())
        sotto(self.home, "send", "petra", "-", text="worked for")
        pushed = envelopes.decode(self.first_of(link, PUSH)[1])
        bits = pushed.stamp[0]
        worth = stamps.value(bits, pushed.size_class, pushed.expires_h,
                             now_h())
        self.tap.ok(bits > 0 and worth >= ASKED and stamps.is_good(
            pushed.id(), pushed.expires_h, pushed.stamp),
            "a letter goes out when it is worth that")
        link.send(TERMS, 0, 0, RATE)
        self.frames_until_read(link)
        self.tap.ok(self.status()["stamps"]["asked"] == 0,
                    "and no longer than it is asked")

    def goes_on(self, link):
        """Stamps of some hundred thousand tries each, one after the other (the
        first may be found at once), and meanwhile all else."""
        link.send(TERMS, MOST, MOST, RATE)
        self.frames_until_read(link)
        for _ in range(LONG_LETTERS):
            sotto(self.home, "send", "petra", "-", text="long " * 4000)
        deadline = time.monotonic() + WAIT_S
        making = self.status()["stamps"]["making"]
        while making == 0 and time.monotonic() < deadline:
            making = self.status()["stamps"]["making"]
        other, hears = invented(), self.dial()
        link.send(PUSH, other.encode())
        self.tap.ok(making > 0 and self.is_heard_of(hears, other.id()),
                    "while it works for a letter it goes on with others'")
        link.send(TERMS, 0, 0, RATE)

    def others(self, link):
        good, hears = invented(3), self.dial()
        link.send(PUSH, good.encode())
        self.tap.ok(self.is_heard_of(hears, good.id())
                    and self.status()["stamps"]["checked"] == 1,
                    "a stamp that was worked for is checked, and taken")
        false = [dataclasses.replace(
            invented(), stamp=bytes([9]) + os.urandom(7)) for _ in range(3)]
        for one in false:
            link.send(PUSH, one.encode())
        end = self.first_of(link, DISCONNECT)
        self.tap.ok(end and end[1] == REASON_MISBEHAVIOUR,
                    "who pushes false ones is dropped")
        held = self.held_of([one.id() for one in false] + [good.id()])
        self.tap.ok(held == [good.id()]
                    and self.status()["refused"]["false-stamp"] >= 2,
                    "and they are not kept, but counted")

    def play(self):
        link = self.dial()
        self.own_letters(link)
        self.goes_on(link)
        self.others(link)
        return self.tap.done()


def main():
    try:
        return Stamps(*sys.argv[1:3]).play()
    except Exception as error:  # pylint: disable=broad-except
        print(f"Bail out! {type(error).__name__}: {error}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
