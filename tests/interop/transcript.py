# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidential letters, and the transcript that proves them to anybody.

usage: transcript.py FILE      check a file; says what it proves
       transcript.py --vector  print proto/vectors/transcript.txt
"""
import hashlib
import json
import sys

from nacl import bindings
from nacl.exceptions import CryptoError

import card as cards
import dialect
from dialect import Malformed, is_bytes, is_uint, need
from envelope import kdf
from letter import (EVIDENCE_NUMBER_MAX, TEXT_BYTES_MAX, TIME_S_MAX,
                    is_letter_text, place_is_right)

MAGIC = b"sotto transcript 1\n"
CONVERSATION, LETTER, BURNED, ENDING, MISSING = range(5)
CONTEXT = b"sotto1 evidential letter"
NOTHING = bytes(32)


def content_hash(message_id, sent_at_s, text):
    return kdf(None, "sotto1 content",
               message_id + sent_at_s.to_bytes(8, "big") + text.encode(), 32)


def letter_hash(people, kind, conversation, place, content):
    """people: the writer's and the reader's fingerprint, and the role."""
    writer, reader, role = people
    number, previous, seen, seen_hash = place
    return kdf(None, "sotto1 evidence",
               writer + reader + conversation + bytes([role, kind])
               + number.to_bytes(4, "big") + previous
               + seen.to_bytes(4, "big") + seen_hash + content, 32)


def _check_signature(sign_key, digest, signature):
    try:
        bindings.crypto_sign_open(signature + CONTEXT + digest, sign_key)
    except CryptoError:
        raise Malformed("a signature that does not hold") from None


class Chain:
    """What one of the two has written, record by record."""

    def __init__(self, conversation, people, sign_key):
        self._conversation, self._people = conversation, people
        self._sign_key = sign_key
        self.hashes = {}    # by number
        self.seen = {}      # by number: (seen, seen hash)
        self.next = 1
        self.counts = {LETTER: 0, BURNED: 0, ENDING: 0, MISSING: 0}
        self._last = None   # kind of the record before

    def take(self, fields):
        need(isinstance(fields, list) and len(fields) >= 3
             and is_uint(fields[0], MISSING) and fields[0] != CONVERSATION
             and is_uint(fields[1], EVIDENCE_NUMBER_MAX), "no record")
        need(fields[1] == self.next and self._last != ENDING,
             f"another record than that of {self.next}")
        if fields[0] == MISSING:
            self._take_missing(fields)
        else:
            self._take_place(fields)
        self._last = fields[0]

    def _take_missing(self, fields):
        need(len(fields) == 3 and is_uint(fields[2], EVIDENCE_NUMBER_MAX)
             and fields[2] >= fields[1] and self._last != MISSING, "no gap")
        self.counts[MISSING] += fields[2] - fields[1] + 1
        self.next = fields[2] + 1

    def _content(self, kind, rest):
        if kind == BURNED:
            need(len(rest) == 1 and is_bytes(rest[0], 32), "no content")
            return rest[0]
        need(len(rest) == (3 if kind == LETTER else 2)
             and is_bytes(rest[0], 16) and is_uint(rest[1], TIME_S_MAX)
             and all(map(is_letter_text, rest[2:])), "no letter")
        return content_hash(*rest) if kind == LETTER else content_hash(
            *rest, "")

    def _take_place(self, fields):
        kind, *place = fields[:6]
        need(len(place) == 5 and place_is_right(place), "no place")
        number, previous, seen, seen_hash, signature = place
        digest = letter_hash(self._people, 2 if kind == ENDING else 1,
                             self._conversation, place[:4],
                             self._content(kind, fields[6:]))
        _check_signature(self._sign_key, digest, signature)
        need(self.hashes.get(number - 1, previous) == previous,
             f"{number} follows another letter")
        before = self.seen[max(self.seen)] if self.seen else (0, NOTHING)
        need(seen > before[0] or (seen, seen_hash) == before,
             f"{number} has seen less than the one before")
        self.hashes[number], self.seen[number] = digest, (seen, seen_hash)
        self.counts[kind] += 1
        self.next = number + 1

    def check_end(self):
        need(self._last != MISSING, "a gap at the end")

    def check_seen(self, other):
        for number, (seen, seen_hash) in self.seen.items():
            need(seen < other.next
                 and other.hashes.get(seen, seen_hash) == seen_hash,
                 f"{number} has seen what is not there")


def records(data):
    """The arrays of a file."""
    need(data.startswith(MAGIC), "no transcript")
    at = len(MAGIC)
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        need(len(data) - at >= 4 + size and size <= TEXT_BYTES_MAX + 256,
             "a record of another length")
        yield dialect.decode(data[at + 4:at + 4 + size])
        at += 4 + size


def _begin(head):
    need(isinstance(head, list) and len(head) == 8 and head[0] == CONVERSATION
         and all(is_bytes(key, 32) for key in head[1:6])
         and all(is_uint(count, 2**32 - 1) for count in head[6:]), "no head")
    who = [kdf(None, "sotto1 finger", head[at] + head[at + 1], 32)
           for at in (1, 3)]
    need(who[0] != who[1], "one person as both")
    return who, [Chain(head[5], (who[0], who[1], 1), head[1]),
                 Chain(head[5], (who[1], who[0], 2), head[3])]


def check(data):
    """[(id, fingerprints, chains)] of each conversation; or Malformed."""
    rows = records(data)
    found = []
    for head in rows:
        who, chains = _begin(head)
        need(not found or found[-1][0] < head[5], "out of order")
        for chain, count in zip(chains, head[6:]):
            for _ in range(count):
                chain.take(next(rows, None))
            chain.check_end()
        need(chains[0].hashes or chains[1].hashes, "nothing signed")
        chains[0].check_seen(chains[1])
        chains[1].check_seen(chains[0])
        found.append((head[5], who, chains))
    need(found, "no conversation")
    return found


class Writer:
    """One of the two, as their node writes."""

    def __init__(self, identity, reader, conversation, role):
        self._identity = identity
        self._people = (identity.card.fingerprint(), reader, role)
        self._conversation = conversation
        self.number, self.last, self.records = 0, NOTHING, []

    def place(self, other, kind, content):
        """The next place in the chain: four elements and the signature."""
        self.number += 1
        place = [self.number, self.last, other.number, other.last]
        self.last = letter_hash(self._people, kind, self._conversation, place,
                                content)
        return place + [self._identity.sign(CONTEXT + self.last)]

    def write(self, other, kind, message_id, sent_at_s, text=""):
        content = content_hash(message_id, sent_at_s, text)
        place = self.place(other, 2 if kind == ENDING else 1, content)
        rest = {LETTER: [message_id, sent_at_s, text], BURNED: [content],
                ENDING: [message_id, sent_at_s]}[kind]
        self.records.append([kind, *place, *rest])

    def lose(self, number):
        self.records[number - 1] = [MISSING, number, number]


def framed(fields):
    data = dialect.encode(fields)
    return len(data).to_bytes(4, "big") + data


def play():
    """A transcript with one record of each kind, at least."""
    def draw(size, count=[0]):
        count[0] += 1
        return hashlib.shake_256(b"transcript"
                                 + count[0].to_bytes(4, "big")).digest(size)
    ann, bo = (cards.Identity(draw, 1, 500168) for _ in range(2))
    conversation = draw(32)
    anns = Writer(ann, bo.card.fingerprint(), conversation, 1)
    bos = Writer(bo, ann.card.fingerprint(), conversation, 2)
    anns.write(bos, LETTER, draw(16), 1800000000, "ten crates, on Monday")
    bos.write(anns, LETTER, draw(16), 1800000060, "agreed")
    anns.write(bos, BURNED, draw(16), 1800000120, "not for long")
    anns.write(bos, LETTER, draw(16), 1800000180, "lost on the way")
    anns.write(bos, LETTER, draw(16), 1800000240, "and the price is 40 €")
    anns.lose(3)
    bos.write(anns, ENDING, draw(16), 1800000300)
    anns.write(bos, ENDING, draw(16), 1800000301)
    head = [CONVERSATION, ann.card.sign, ann.card.agree, bo.card.sign,
            bo.card.agree, conversation, len(anns.records), len(bos.records)]
    return MAGIC + b"".join(map(framed, [head, *anns.records, *bos.records]))


def refuses_every_flip(data):
    """How many of the files with one byte changed are taken."""
    taken = 0
    for at in range(len(data)):
        bent = bytearray(data)
        bent[at] ^= 1
        try:
            check(bytes(bent))
            taken += 1
        except Malformed:
            pass
    return taken == 0


COMMENT = """\
# NAME HEX.  transcript: a whole file, of one conversation.  The proposer wrote
# 5 records: a letter, a burned one, one that is missing, a letter and the end;
# the accepter a letter and the end.
"""


def main():
    if sys.argv[1] == "--vector":
        print(COMMENT + "transcript " + play().hex())
        return 0
    with open(sys.argv[1], "rb") as file:
        try:
            found = check(file.read())
        except Malformed as why:
            print(why)
            return 5
    for _, who, chains in found:
        print(json.dumps([[one.hex(), *chain.counts.values()]
                          for one, chain in zip(who, chains)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
