# SPDX-License-Identifier: GPL-3.0-or-later
"""What stays near: the port between vault and relay, and the beacon."""
import dialect
import envelope
from dialect import is_bytes, is_uint, need

PORT_BYTES_MAX = 64 * 1024
BEACON_BYTES_MAX = 55
SEALED_BYTES = 1189
ENTRY_BYTES, ENTRIES = 58, 20


def _envelope(value):
    if not isinstance(value, bytes):
        return False
    envelope.decode(value)
    return True


def _tags(value):
    return (isinstance(value, list) and 1 <= len(value) <= 512
            and all(is_bytes(one, 16) for one in value))


def _bool(value):
    return isinstance(value, bool)


def _id(value):
    return is_bytes(value, 16)


def _opening(value):
    return is_bytes(value, 32)


def _keys(value):
    if not isinstance(value, bytes) or len(value) % 40 or len(value) > 20000:
        return False
    tags = [value[at:at + 8] for at in range(0, len(value), 40)]
    return all(one < two for one, two in zip(tags, tags[1:]))


PORT_FIELDS = {
    1: (_envelope, _bool), 2: (_id, _opening), 3: (_tags,), 4: (_bool,),
    5: (lambda v: is_uint(v, 2**32 - 1), _bool, _keys),
    16: (_envelope,), 17: (_id, is_uint), 18: (_id, _opening),
    19: (_id, is_uint),
    20: (_id, is_uint),
}


def decode_port(data):
    """A message of the port; None for a type that is not known."""
    need(len(data) <= PORT_BYTES_MAX, "longer than the port takes")
    message = dialect.decode(data)
    need(isinstance(message, list) and message and is_uint(message[0]),
         "no message")
    checks = PORT_FIELDS.get(message[0])
    if checks is None:
        return None
    need(len(message) == 1 + len(checks)
         and all(check(field) for check, field in zip(checks, message[1:])),
         "fields that are not the message's")
    return message


def decode_beacon(data):
    """A beacon; None for one of another version."""
    need(len(data) <= SEALED_BYTES, "longer than a beacon")
    fields = dialect.decode(data)
    need(isinstance(fields, list) and len(fields) >= 2
         and fields[0] == "sotto", "no beacon")
    if fields[1] == 2:
        need(len(fields) == 4 and is_bytes(fields[2], 16)
             and is_bytes(fields[3], ENTRIES * ENTRY_BYTES),
             "fields that are not a sealed beacon's")
        return fields
    if fields[1] != 1:
        return None
    need(len(data) <= BEACON_BYTES_MAX, "longer than an open beacon")
    need(len(fields) == 5 and is_bytes(fields[2], 32)
         and is_uint(fields[3], 65535) and fields[3] > 0
         and is_bytes(fields[4], 8), "fields that are not a beacon's")
    return fields
