# SPDX-License-Identifier: GPL-3.0-or-later
"""A node with one link: a shelf, and the people who live here.

It keeps what comes, shows it to its people, clears what they took, answers
WANT and RECONCILE, and passes nothing on: it has nobody to pass it to.
"""
import time

import envelope as envelopes
import reconcile
from envelope import receipt_hash
from frame import DISCONNECT, HELLO, PUSH, RECEIPT, RECONCILE, WANT
from link import LinkError

WANT_MAX = 256
STEP_S = 0.05


class Node:
    def __init__(self, people):
        self._people = people
        self._link = None
        self._runs = 0
        self.shelf = {}      # id: Envelope
        self.cleared = {}    # id: (expires_h, opening)
        self.holding = False  # leave what comes on the shelf, unopened
        self.runs_ended = 0
        self.ranges_seen = 0
        self.taken = []      # (person, Taken), in order

    def attach(self, link):
        self._link = link

    def detach(self):
        self._link.close()

    def begin_run(self):
        self._runs += 1
        self._link.send(RECONCILE, self._runs, 0,
                        reconcile.opening_move(self._stored()))

    def _stored(self):
        return {(e.expires_h, id_) for id_, e in self.shelf.items()}

    def submit(self, made):
        """Put an envelope of one's own on the shelf, and push it."""
        envelope, _ = made
        self.shelf[envelope.id()] = envelope
        self._link.send(PUSH, envelope.encode())

    def run_until(self, state, seconds=30):
        """Serve the link until state() is true; whether it came to be."""
        deadline = time.monotonic() + seconds
        while not state():
            if time.monotonic() > deadline:
                return False
            frame = self._link.receive(time.monotonic() + STEP_S)
            if frame is not None:
                self._handle(frame)
        return True

    def _handle(self, frame):
        kind, *fields = frame
        if kind == PUSH:
            self._store(envelopes.decode(fields[0]))
        elif kind == RECEIPT:
            self._clear(*fields)
        elif kind == WANT:
            for id_ in fields[0]:
                self._give(id_)
        elif kind == RECONCILE:
            self._reconcile(*fields)
        elif kind == DISCONNECT:
            raise LinkError(f"the node hung up, reason {fields[0]}")
        elif kind != HELLO:
            raise LinkError(f"frame {kind} is not to be here")

    def _store(self, envelope):
        id_ = envelope.id()
        if id_ in self.cleared:
            self._give(id_)
        elif id_ not in self.shelf:
            self.shelf[id_] = envelope
            if not self.holding:
                self._show(envelope)

    def _clear(self, id_, opening):
        envelope = self.shelf.get(id_)
        if envelope and receipt_hash(opening) == envelope.receipt:
            self.cleared[id_] = (envelope.expires_h, opening)
            del self.shelf[id_]

    def _give(self, id_):
        if id_ in self.cleared:
            self._link.send(RECEIPT, id_, self.cleared[id_][1])
        elif id_ in self.shelf:
            self._link.send(PUSH, self.shelf[id_].encode())

    def _show(self, envelope):
        """Let each person try; who takes it clears it, if they can."""
        for person in self._people:
            taken = person.take(envelope)
            if taken:
                self.taken.append((person, taken))
                if taken.opening:
                    self._clear(taken.id, taken.opening)
                    self._link.send(RECEIPT, taken.id, taken.opening)
                if taken.brings_tags:  # look through the shelf
                    self.show_all(list(self.shelf.values()))

    def show_all(self, envelopes_in_order):
        for envelope in envelopes_in_order:
            if envelope.id() in self.shelf:
                self._show(envelope)

    def _reconcile(self, run, round_, frame_ranges):
        if not frame_ranges:
            self.runs_ended += 1
            return
        self.ranges_seen += len(frame_ranges)
        cleared = {(hours, id_) for id_, (hours, _) in self.cleared.items()}
        answer = reconcile.Answer(frame_ranges, self._stored(), cleared)
        self._link.send(RECONCILE, run, round_ + 1, answer.ranges)
        for _, id_ in answer.push + answer.tell_cleared:
            self._give(id_)
        wanted = [id_ for _, id_ in answer.want]
        for at in range(0, len(wanted), WANT_MAX):
            self._link.send(WANT, wanted[at:at + WANT_MAX])
        if not answer.ranges:
            self.runs_ended += 1

    def letters_to(self, person, kind):
        """New letters of a kind that a person took, in order."""
        return [taken.letter for who, taken in self.taken
                if who is person and taken.letter and taken.is_new
                and taken.group is None and taken.letter.type == kind]
