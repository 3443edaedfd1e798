# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of msgpack: unsigned integers, booleans, bin, str and arrays.

decode() scans the whole input by the dialect's rules before msgpack sees any
of it; encode() has one form for each value.
"""
import msgpack

DEPTH_MAX = 8


class Malformed(Exception):
    """Bytes that are not what the protocol allows here."""


def need(claim, what):
    if not claim:
        raise Malformed(what)


def _head(small, sizes, count):
    """The shortest head: a fixed one for small counts, else by width."""
    limit, first = small
    if count < limit:
        return bytes([first + count])
    for code, width in sizes:
        if count < 1 << (8 * width):
            return bytes([code]) + count.to_bytes(width, "big")
    raise ValueError("too large for msgpack")


_UINT = ((128, 0x00), ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)))
_BIN = ((0, 0), ((0xC4, 1), (0xC5, 2), (0xC6, 4)))
_STR = ((32, 0xA0), ((0xD9, 1), (0xDA, 2), (0xDB, 4)))
_ARRAY = ((16, 0x90), ((0xDC, 2), (0xDD, 4)))


def encode(value):
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _head(*_UINT, value)
    if isinstance(value, (bytes, bytearray)):
        return _head(*_BIN, len(value)) + bytes(value)
    if isinstance(value, str):
        text = value.encode()
        return _head(*_STR, len(text)) + text
    return _head(*_ARRAY, len(value)) + b"".join(map(encode, value))


def _width(data, at, families):
    """The number in a head that is not fixed, its end, and its family."""
    for family in families:
        for code, width in family[1]:
            if data[at] == code:
                need(at + 1 + width <= len(data), "cut in a head")
                number = int.from_bytes(data[at + 1:at + 1 + width], "big")
                need(_head(*family, number) == data[at:at + 1 + width],
                     "a head that is not the shortest")
                return number, at + 1 + width, family
    raise Malformed(f"type {data[at]:02x} is not in the dialect")


def _scan(data, at, depth):
    """The offset behind the element at `at`."""
    need(at < len(data), "cut")
    first = data[at]
    if first < 0x80 or first in (0xC2, 0xC3):
        return at + 1
    if 0x90 <= first < 0xA0:
        count, at, family = first - 0x90, at + 1, _ARRAY
    elif 0xA0 <= first < 0xC0:
        count, at, family = first - 0xA0, at + 1, _STR
    else:
        count, at, family = _width(data, at, (_UINT, _BIN, _STR, _ARRAY))
    if family is _UINT:
        return at
    need(count <= len(data) - at, "a count beyond the input")
    if family is _ARRAY:
        need(depth < DEPTH_MAX, "too deep")
        for _ in range(count):
            at = _scan(data, at, depth + 1)
        return at
    if family is _STR:
        need(is_text(data[at:at + count]), "not a text")
    return at + count


def is_text(data):
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def decode(data):
    data = bytes(data)
    need(_scan(data, 0, 0) == len(data), "bytes behind the element")
    return msgpack.unpackb(data, raw=False, use_list=True)


def is_uint(value, maximum=2**64 - 1):
    return type(value) is int and 0 <= value <= maximum


def is_bytes(value, size):
    return type(value) is bytes and len(value) == size
