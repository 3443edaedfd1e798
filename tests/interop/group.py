# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on a group's membership: their shape."""
import dialect
from dialect import is_bytes, need

NEW, ADD, REMOVE, LEAVE = 1, 2, 3, 4
PARENTS_MAX = 8
CARD_BYTES = 201
NAME_BYTES_MAX = 64


def _parents_are_right(kind, parents):
    return (isinstance(parents, list) and len(parents) <= PARENTS_MAX
            and (not parents) == (kind == NEW)
            and all(is_bytes(one, 32) for one in parents)
            and parents == sorted(set(parents)))


def _person_is_right(kind, key, card, name):
    if kind not in (NEW, ADD):
        return (key, card, name) == (b"", b"", "")
    return (is_bytes(key, 32) and is_bytes(card, CARD_BYTES)
            and isinstance(name, str)
            and 1 <= len(name.encode()) <= NAME_BYTES_MAX)


def decode(data):
    """The ten fields of an operation."""
    op = dialect.decode(data)
    need(isinstance(op, list) and len(op) == 10, "no operation")
    kind, group, parents, author, subject, admin, key, card, name, sign = op
    need(kind in (NEW, ADD, REMOVE, LEAVE), "an unknown kind")
    need(is_bytes(group, 32) and (group == bytes(32)) == (kind == NEW),
         "another group")
    need(_parents_are_right(kind, parents), "parents out of order")
    need(is_bytes(author, 32) and is_bytes(subject, 32)
         and (author == subject or kind in (ADD, REMOVE)), "another author")
    need(isinstance(admin, bool) and (kind == ADD or admin == (kind == NEW)),
         "no such admin")
    need(_person_is_right(kind, key, card, name), "no such person")
    need(is_bytes(sign, 64), "no signature")
    return op
