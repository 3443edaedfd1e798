# SPDX-License-Identifier: GPL-3.0-or-later
"""What is inside the seal: what a person wrote, or a vault says to a vault."""
import dataclasses

import dialect
from dialect import Malformed, is_bytes, is_uint, need

TEXT, READ, WELCOME = 1, 2, 3
GROUP_INVITE, GROUP_JOIN, GROUP_OPS, GROUP_ASK, GROUP_KEY, GROUP_RECEIPT = (
    4, 5, 6, 7, 8, 9)
FILE, FILE_PART, FILE_DONE, SIGNED_FILE = 10, 11, 12, 13
PROPOSE, ACCEPT, SIGNED, END, NONE = 16, 17, 18, 19, 20
TEXT_BYTES_MAX = 24576
BURN_S_MAX = 365 * 24 * 3600
TIME_S_MAX = 2**53 - 1
READ_MAX = 18
NAME_BYTES_MAX = 64
OPS_MAX = 32
HEADS_MAX = 8
OP_BYTES_MAX = 864
CARD_BYTES = 201
GROUP_MESSAGES_MAX = 256
HALF_BYTES = 16
EVIDENCE_NUMBER_MAX = 2**31 - 1
FILE_PART_BYTES = 31744
FILE_NAME_BYTES_MAX = 255
FILE_BYTES_MAX = 2**53 - 1
HASH_BYTES = 32
FILE_ENDS = (WHOLE, DROPPED, DAMAGED, BAD_NAME, BAD_SIZE, NO_ROOM, TOO_MANY,
             STRANGER) = range(8)


@dataclasses.dataclass
class Letter:
    type: int
    message_id: bytes
    sent_at_s: int
    expires_h: int
    burn_s: int
    content: object

    def encode(self):
        return dialect.encode([self.type, self.message_id, self.sent_at_s,
                               self.expires_h, self.burn_s, self.content])


def _is_key(value):
    return is_bytes(value, 32)


def _is_op(value):
    return isinstance(value, bytes) and 1 <= len(value) <= OP_BYTES_MAX


# What stands behind the group's id.
GROUP_FIELDS = {
    GROUP_INVITE: [lambda name: isinstance(name, str)
                   and 1 <= len(name.encode()) <= NAME_BYTES_MAX],
    GROUP_JOIN: [_is_key, lambda card: is_bytes(card, CARD_BYTES)],
    GROUP_OPS: [lambda ops: isinstance(ops, list)
                and 1 <= len(ops) <= OPS_MAX and all(map(_is_op, ops))],
    GROUP_ASK: [lambda heads: isinstance(heads, list)
                and len(heads) <= HEADS_MAX and all(map(_is_key, heads))],
    GROUP_KEY: [_is_key,
                lambda number: is_uint(number, GROUP_MESSAGES_MAX - 1),
                _is_key, _is_key, _is_key],
}


def _group_is_right(kind, content):
    rules = [_is_key, *GROUP_FIELDS[kind]]
    return (isinstance(content, list) and len(content) == len(rules)
            and all(rule(one) for rule, one in zip(rules, content)))


def is_letter_text(value):
    return isinstance(value, str) and len(value.encode()) <= TEXT_BYTES_MAX


def place_is_right(place):
    """The five elements that say where a letter stands in its chain."""
    number, previous, seen, seen_hash, signature = place
    return (is_uint(number, EVIDENCE_NUMBER_MAX) and number > 0
            and is_bytes(previous, 32) and is_uint(seen, EVIDENCE_NUMBER_MAX)
            and is_bytes(seen_hash, 32) and is_bytes(signature, 64)
            and (number > 1 or previous == bytes(32))
            and (seen > 0 or seen_hash == bytes(32)))


def _evidence_is_right(kind, content):
    if not isinstance(content, list):
        return False
    if kind in (PROPOSE, NONE):
        return len(content) == 1 and is_bytes(content[0], HALF_BYTES)
    if kind == ACCEPT:
        return len(content) == 1 and is_bytes(content[0], 2 * HALF_BYTES)
    return (len(content) == (7 if kind == SIGNED else 6)
            and is_bytes(content[0], 2 * HALF_BYTES)
            and place_is_right(content[1:6])
            and all(map(is_letter_text, content[6:])))


# What a letter about a file holds.
FILE_FIELDS = {
    FILE: [is_letter_text,
           lambda name: isinstance(name, str)
           and 1 <= len(name.encode()) <= FILE_NAME_BYTES_MAX,
           lambda size: is_uint(size, FILE_BYTES_MAX), _is_key,
           lambda parts: isinstance(parts, bytes)
           and len(parts) % HASH_BYTES == 0],
    FILE_PART: [lambda file: is_bytes(file, 16),
                lambda number: is_uint(number, FILE_BYTES_MAX),
                lambda part: isinstance(part, bytes)
                and 1 <= len(part) <= FILE_PART_BYTES],
    FILE_DONE: [lambda file: is_bytes(file, 16),
                lambda end: is_uint(end, FILE_ENDS[-1])],
}


def _file_is_right(kind, content):
    rules = FILE_FIELDS[kind]
    return (isinstance(content, list) and len(content) == len(rules)
            and all(rule(one) for rule, one in zip(rules, content)))


def _content_is_right(kind, content):
    if kind in FILE_FIELDS:
        return _file_is_right(kind, content)
    if kind == SIGNED_FILE:
        return (isinstance(content, list) and len(content) == 11
                and is_bytes(content[0], 2 * HALF_BYTES)
                and place_is_right(content[1:6])
                and _file_is_right(FILE, content[6:]))
    if kind in GROUP_FIELDS:
        return _group_is_right(kind, content)
    if kind >= PROPOSE:
        return _evidence_is_right(kind, content)
    if kind == TEXT:
        return is_letter_text(content)
    if kind in (READ, GROUP_RECEIPT):
        return (isinstance(content, list) and 1 <= len(content) <= READ_MAX
                and all(is_bytes(one, 16) for one in content))
    return content == ""


def decode(data):
    """A letter; None for a type that is not known."""
    fields = dialect.decode(data)
    need(isinstance(fields, list) and fields and is_uint(fields[0]),
         "no letter")
    if not (TEXT <= fields[0] <= SIGNED_FILE
            or PROPOSE <= fields[0] <= NONE):
        return None
    need(len(fields) == 6, "another number of fields")
    letter = Letter(*fields)
    if not (is_bytes(letter.message_id, 16)
            and is_uint(letter.sent_at_s, TIME_S_MAX)
            and is_uint(letter.expires_h, 2**32 - 1)
            and is_uint(letter.burn_s, BURN_S_MAX)
            and _content_is_right(letter.type, letter.content)):
        raise Malformed("a field that is not the letter's")
    return letter
