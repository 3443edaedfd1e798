# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of a reconciliation, and the items in them.

A bound is (expires_h, id prefix); an item is (expires_h, id, state).  Python
orders both as the protocol does, because it compares bytes as bytes.
"""
from dialect import is_bytes, is_uint, need

NOTHING, COMPARE, ALL, LACKED = 0, 1, 2, 3
STORED, CLEARED = 0, 1
ITEM_BYTES = 21
RANGES_MAX, ITEMS_MAX = 512, 1024
HOUR_MAX = 2**32 - 1
END = (HOUR_MAX, b"")


def pack(items):
    return b"".join(hours.to_bytes(4, "big") + id_ + bytes([state])
                    for hours, id_, state in sorted(items))


def unpack(data):
    need(isinstance(data, bytes) and len(data) % ITEM_BYTES == 0,
         "half an item")
    items = [(int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 20],
              data[at + 20]) for at in range(0, len(data), ITEM_BYTES)]
    need(all(state in (STORED, CLEARED) for _, _, state in items),
         "a state that is none")
    return items


def parse(ranges):
    """Each range as (low, high, mode, payload), both bounds absolute."""
    need(isinstance(ranges, list) and len(ranges) <= RANGES_MAX,
         "too many ranges")
    low, parsed, total = (0, b""), [], 0
    for one in ranges:
        need(isinstance(one, list) and len(one) >= 3, "no range")
        hours, prefix, mode = one[:3]
        need(is_uint(hours) and isinstance(prefix, bytes)
             and len(prefix) <= 16 and not prefix.endswith(b"\0"),
             "no bound")
        high = (low[0] + hours, prefix)
        need(high[0] <= HOUR_MAX, "a bound past the last hour")
        need(low < high or (not parsed and low == high),
             "bounds out of order")
        need(is_uint(mode, LACKED) and len(one) == (3 if mode == 0 else 4),
             "no mode")
        payload = one[3] if mode else None
        if mode == COMPARE:
            need(is_bytes(payload, 16), "no fingerprint")
        elif mode != NOTHING:
            payload = unpack(payload)
            _check_items(payload, low, high)
            total += len(payload)
        parsed.append((low, high, mode, payload))
        low = high
    need(total <= ITEMS_MAX, "too many items")
    return parsed


def _check_items(items, low, high):
    keys = [item[:2] for item in items]
    need(all(a < b for a, b in zip(keys, keys[1:])), "items out of order")
    need(all(low <= key < high for key in keys), "an item outside its range")


def check(ranges):
    parse(ranges)


def build(parsed):
    """The inverse of parse."""
    ranges, hours = [], 0
    for _, (high_h, prefix), mode, payload in parsed:
        one = [high_h - hours, prefix, mode]
        if mode == COMPARE:
            one.append(payload)
        elif mode != NOTHING:
            one.append(pack(payload))
        ranges.append(one)
        hours = high_h
    return ranges
