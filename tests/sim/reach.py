#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact bound of what a contact trace can carry, letter by letter.

  reach.py make SEED TRACE MESSAGES     write a trace and messages by chance
  reach.py check TRACE MESSAGES LIFE_S LETTERS.CSV SLOW_S
                                        compare a run's letters with the bound:
                                        the same must arrive, at most so much
                                        later

A letter reaches whoever a chain of contacts in order of time joins to its
sender, at once and without limit, until its life is over.  Written from the
description of the format alone: it shares nothing with the simulator.
"""
import csv
import random
import sys

SLOT_S = 20


def make(seed, trace, messages):
    rng = random.Random(seed)
    nodes, slots = 30, 400
    open_until = {}
    events = []
    for slot in range(slots):
        now = slot * SLOT_S
        for pair, until in sorted(open_until.items()):
            if until == now:
                events.append((now, 0, pair))
                del open_until[pair]
        for _ in range(rng.randrange(3)):
            pair = tuple(sorted(rng.sample(range(nodes), 2)))
            if pair not in open_until:
                open_until[pair] = now + SLOT_S * rng.randrange(1, 6)
                events.append((now, 1, pair))
    for pair in sorted(open_until):
        events.append((slots * SLOT_S, 0, pair))
    with open(trace, "w") as out:
        for now, meets, (one, other) in sorted(events):
            out.write(f"{now} CONN {one} {other} "
                      f"{'up' if meets else 'down'}\n")
    with open(messages, "w") as out:
        times = sorted(rng.randrange(slots * SLOT_S) for _ in range(120))
        for number, now in enumerate(times):
            one, other = rng.sample(range(nodes), 2)
            out.write(f"{now}.5 C M{number} {one} {other} "
                      f"{rng.randrange(100, 4000)}\n")


def spread(peers, carried, start):
    """All that is joined with start now has what any of them has."""
    part, todo = {start}, [start]
    while todo:
        for peer in peers[todo.pop()]:
            if peer not in part:
                part.add(peer)
                todo.append(peer)
    union = set().union(*(carried[node] for node in part))
    for node in part:
        carried[node] |= union
    return part


def bound(trace, messages, life_s):
    """When each letter is there at the earliest; None: never in its life."""
    events = []
    with open(trace) as lines:
        for order, line in enumerate(lines):
            now, _, one, other, state = line.split()
            events.append((float(now), order, state, int(one), int(other)))
    letters = []
    with open(messages) as lines:
        for order, line in enumerate(lines):
            now, _, _, one, other, _ = line.split()
            letters.append((float(now), int(one), int(other)))
            events.append((float(now), order, "write", len(letters) - 1, 0))
    nodes = 1 + max(max(e[3], e[4]) for e in events if e[2] != "write")
    peers = [set() for _ in range(nodes)]
    carried = [set() for _ in range(nodes)]
    arrived = [None] * len(letters)
    for now, _, what, one, other in sorted(events):
        if what == "down":
            peers[one].discard(other)
            peers[other].discard(one)
            continue
        if what == "write":
            start = letters[one][1]
            carried[start].add(one)
        else:
            start = one
            peers[one].add(other)
            peers[other].add(one)
        for node in spread(peers, carried, start):
            for letter in list(carried[node]):
                written, _, to = letters[letter]
                if now > written + life_s:
                    carried[node].discard(letter)
                elif to == node and arrived[letter] is None:
                    arrived[letter] = now
    return letters, arrived


def check(trace, messages, life_s, path, slow_s):
    letters, arrived = bound(trace, messages, life_s)
    wrong = 0
    with open(path) as lines:
        rows = list(csv.DictReader(lines))
    if len(rows) != len(letters):
        sys.exit(f"{len(rows)} letters in the run, {len(letters)} in the file")
    for number, row in enumerate(rows):
        shown = float(row["shown_ms"]) / 1000 if row["shown_ms"] else None
        if shown is not None and shown > letters[number][0] + life_s:
            shown = None
        best = arrived[number]
        if (shown is None) != (best is None) or (
                shown is not None and not best <= shown <= best + slow_s):
            print(f"letter {number}: shown {shown}, bound {best}")
            wrong += 1
    reached = sum(best is not None for best in arrived)
    print(f"{reached} of {len(letters)} can be reached")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        check(sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5],
              float(sys.argv[6]))
