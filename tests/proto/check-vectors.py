#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read proto/vectors/encodings.txt with a second decoder, written from
proto/README.md alone.  Prints TAP; run by check-vectors.sh."""
import base64
import os
import sys

FORMS = {
    0xC4: ("bytes", 1, 0), 0xC5: ("bytes", 2, 1 << 8), 0xC6: ("bytes", 4, 1 << 16),
    0xCC: ("uint", 1, 1 << 7), 0xCD: ("uint", 2, 1 << 8),
    0xCE: ("uint", 4, 1 << 16), 0xCF: ("uint", 8, 1 << 32),
    0xD9: ("text", 1, 1 << 5), 0xDA: ("text", 2, 1 << 8), 0xDB: ("text", 4, 1 << 16),
    0xDC: ("array", 2, 1 << 4), 0xDD: ("array", 4, 1 << 16),
}


class Malformed(Exception):
    pass


def take(data, at, size):
    if size > len(data) - at:
        raise Malformed
    return data[at:at + size], at + size


def head(data, at, strict):
    first, at = take(data, at, 1)
    byte = first[0]
    if byte <= 0x7F:
        return "uint", byte, at
    if 0x90 <= byte <= 0x9F:
        return "array", byte & 15, at
    if 0xA0 <= byte <= 0xBF:
        return "text", byte & 31, at
    if byte in (0xC2, 0xC3):
        return "bool", byte & 1, at
    if byte not in FORMS:
        raise Malformed
    kind, width, least = FORMS[byte]
    raw, at = take(data, at, width)
    value = int.from_bytes(raw, "big")
    if strict and value < least:
        raise Malformed
    return kind, value, at


def element(data, at, strict, depth=0):
    """The element's meaning as text, and where it ends."""
    kind, value, at = head(data, at, strict)
    if kind == "uint":
        return str(value), at
    if kind == "bool":
        return ("true" if value else "false"), at
    if kind == "array":
        if depth == 8 or value > len(data) - at:
            raise Malformed
        parts = []
        for _ in range(value):
            part, at = element(data, at, strict, depth + 1)
            parts.append(part)
        return "[" + ",".join(parts) + "]", at
    raw, at = take(data, at, value)
    if kind == "bytes":
        return "x" + raw.hex(), at
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed from error
    if "\0" in text:
        raise Malformed
    return '"' + text + '"', at


def meaning(name, data):
    if name == "card":
        if len(data) != 201 or data[0] != 1:
            raise Malformed
        text = base64.b32encode(data).decode().lower().rstrip("=")
        return '"sotto:' + text + '"'
    text, at = element(data, 0, strict=name != "envelope")
    if at != len(data):
        raise Malformed
    return text


# Refused for what the values mean, which a decoder of the dialect can't know.
BEYOND = {"refused.count", "refused.no-ids", "refused.bound-zero",
          "refused.bound-twice"}


def main():
    path = os.path.join(os.environ.get("top_srcdir", "."),
                        "proto/vectors/encodings.txt")
    count = failed = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            name, digits, *expected = line.split()
            if name in BEYOND:
                continue
            data = bytes.fromhex(digits.replace("-", ""))
            try:
                got = meaning(name, data)
            except Malformed:
                got = None
            holds = (got is None if name.startswith("refused.")
                     else got is not None and expected in ([], [got]))
            count += 1
            failed += not holds
            print("ok" if holds else "not ok", count, "-", name)
    print(f"1..{count}")
    return failed > 0 or count == 0


sys.exit(main())
