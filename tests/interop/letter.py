# SPDX-License-Identifier: GPL-3.0-or-later
"""What is inside the seal: a text, a read receipt, or a welcome."""
import dataclasses

import dialect
from dialect import Malformed, is_bytes, is_uint, need

TEXT, READ, WELCOME = 1, 2, 3
TEXT_BYTES_MAX = 24576
BURN_S_MAX = 365 * 24 * 3600
TIME_S_MAX = 2**53 - 1
READ_MAX = 18


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


def _content_is_right(kind, content):
    if kind == TEXT:
        return (isinstance(content, str)
                and len(content.encode()) <= TEXT_BYTES_MAX)
    if kind == READ:
        return (isinstance(content, list) and 1 <= len(content) <= READ_MAX
                and all(is_bytes(one, 16) for one in content))
    return content == ""


def decode(data):
    """A letter; None for a type that is not known."""
    fields = dialect.decode(data)
    need(isinstance(fields, list) and fields and is_uint(fields[0]),
         "no letter")
    if fields[0] not in (TEXT, READ, WELCOME):
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
