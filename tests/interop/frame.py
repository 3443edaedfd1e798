# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: what crosses one link, each an array with its type first.

A frame is a list here too, [type, field...], because that is all it is; this
module only knows which lists are frames.
"""
import dialect
import envelope
import ranges
from dialect import is_bytes, is_uint, need

HELLO, PING, PONG, DISCONNECT = 1, 2, 3, 4
TERMS = 11
PUSH, WANT, RECONCILE, RECEIPT = 16, 21, 24, 32
IHAVE, GRAFT, PRUNE, IDONTWANT = 17, 18, 19, 20
STEM, DECLINED, UNKEPT, STEM_RECEIPT = 22, 23, 25, 33
CLEARED = 34
JOIN, FORWARD_JOIN, NEIGHBOR, NEIGHBOR_REPLY = 5, 6, 7, 8
SHUFFLE, SHUFFLE_REPLY = 9, 10

FRAME_BYTES_MAX = 32832
STAMP_VALUE_MAX = 54
TIME_S_MAX = 2**53 - 1


def _id_list(value, maximum=256):
    return (isinstance(value, list) and 1 <= len(value) <= maximum
            and all(is_bytes(one, 16) for one in value))


def _endpoints(value):
    return (isinstance(value, list) and len(value) <= 8
            and all(isinstance(one, str) and len(one.encode()) <= 128
                    for one in value))


def _envelope(value):
    if not isinstance(value, bytes):
        return False
    envelope.decode(value)
    return True


def _node(value):
    return (isinstance(value, list) and len(value) == 3
            and is_bytes(value[0], 32)
            and (is_bytes(value[1], 4) or is_bytes(value[1], 16))
            and is_uint(value[2], 65535) and value[2] > 0)


def _nodes(value):
    return (isinstance(value, list) and len(value) <= 8
            and all(_node(one) for one in value))


def _hops(value):
    return is_uint(value, 6)


def _bool(value):
    return isinstance(value, bool)


def _ranges(value):
    ranges.check(value)
    return True


# Each type's fields, as questions to ask of them.
FIELDS = {
    HELLO: (is_uint, lambda v: is_bytes(v, 32), is_uint, lambda v: v == [],
            _endpoints, lambda v: is_uint(v, TIME_S_MAX)),
    PING: (is_uint,),
    PONG: (is_uint,),
    DISCONNECT: (is_uint,),
    JOIN: (),
    FORWARD_JOIN: (_node, _hops),
    NEIGHBOR: (_bool,),
    NEIGHBOR_REPLY: (_bool, _nodes),
    SHUFFLE: (is_uint, _hops, _nodes),
    SHUFFLE_REPLY: (is_uint, _nodes),
    TERMS: (lambda v: is_uint(v, STAMP_VALUE_MAX),
            lambda v: is_uint(v, STAMP_VALUE_MAX),
            lambda v: is_uint(v, 2**32 - 1)),
    PUSH: (_envelope,),
    IHAVE: (_id_list,),
    GRAFT: (_id_list,),
    PRUNE: (),
    IDONTWANT: (_id_list,),
    WANT: (_id_list,),
    STEM: (_envelope,),
    DECLINED: (_id_list,),
    RECONCILE: (lambda v: is_uint(v, 2**32 - 1), is_uint, _ranges),
    UNKEPT: (_id_list,),
    RECEIPT: (lambda v: is_bytes(v, 16), lambda v: is_bytes(v, 32)),
    STEM_RECEIPT: (lambda v: is_bytes(v, 16), lambda v: is_bytes(v, 32)),
    CLEARED: (_id_list,),
}


def encode(*frame):
    return dialect.encode(list(frame))


def decode(data):
    """A frame; None for a type that is not known."""
    need(len(data) <= FRAME_BYTES_MAX, "longer than a frame")
    frame = dialect.decode(data)
    need(isinstance(frame, list) and frame and is_uint(frame[0]), "no frame")
    checks = FIELDS.get(frame[0])
    if checks is None:
        return None
    need(len(frame) == 1 + len(checks), "another number of fields")
    for check, field in zip(checks, frame[1:]):
        need(check(field), f"a field that is none of frame {frame[0]}")
    return frame
