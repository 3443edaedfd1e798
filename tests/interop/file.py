# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in letters: cut into parts by who sends one, put together by who reads
it, and held to their hashes."""
import hashlib

import letter as letters

PART_BYTES = letters.FILE_PART_BYTES


def content_hash(data):
    return hashlib.blake2b(data, digest_size=letters.HASH_BYTES).digest()


def cut(data):
    return [data[at:at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]


def offer(text, name, data):
    """What a FILE holds."""
    return [text, name, len(data), content_hash(data),
            b"".join(map(content_hash, cut(data)))]


def part(message_id, data, number):
    """What a FILE PART holds."""
    return [message_id, number, cut(data)[number]]


class Arriving:
    """A file whose FILE has come."""

    def __init__(self, letter):
        self.id = letter.message_id
        self.text, self.name, self.size, self._hash, hashes = letter.content
        self._hashes = [hashes[at:at + letters.HASH_BYTES]
                        for at in range(0, len(hashes), letters.HASH_BYTES)]
        self._parts = {}
        self.refused = 0

    def fits(self):
        """Whether there are as many hashes as there are to be parts."""
        return len(self._hashes) == -(-self.size // PART_BYTES)

    def take(self, letter):
        """A FILE PART of this file."""
        _, number, data = letter.content
        left = self.size - number * PART_BYTES
        if not (number < len(self._hashes)
                and len(data) == min(left, PART_BYTES)
                and content_hash(data) == self._hashes[number]):
            self.refused += 1
            return
        for like, expected in enumerate(self._hashes):
            if expected == self._hashes[number]:
                self._parts[like] = data

    def whole(self):
        """Its bytes; None before all are there and right."""
        if len(self._parts) < len(self._hashes):
            return None
        data = b"".join(self._parts[i] for i in range(len(self._hashes)))
        return data if content_hash(data) == self._hash else None
