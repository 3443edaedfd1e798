# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles: sealed mail in a file; and digests, which say what is had.

usage: bundle.py FILE      read a bundle; prints each record's id and kind
       bundle.py --vector  print proto/vectors/bundle.txt
"""
import sys

import dialect
import envelope
import frame
from dialect import Malformed, is_uint, need

MAGIC = b"sotto bundle 1\n"
DIGEST_MAGIC = b"sotto digest 1\n"
END = 0
NUMBER_MAX = 2**53 - 1


def _next_check(check, array):
    return envelope.kdf(None, "sotto1 bundle", check + array, 16)


def _parse(array):
    """A frame that may be carried, or the end."""
    record = dialect.decode(array)
    need(isinstance(record, list) and record and is_uint(record[0]),
         "no record")
    if record[0] == END:
        need(len(record) == 2 and is_uint(record[1], NUMBER_MAX), "no end")
        return record
    need(record[0] in (frame.PUSH, frame.RECEIPT), "a frame of another type")
    return frame.decode(array)


def read(data):
    """The records of a whole bundle, without its end."""
    need(data.startswith(MAGIC), "no bundle")
    at, check, records = len(MAGIC), bytes(16), []
    while True:
        need(at + 4 <= len(data), f"cut at {at}")
        size = int.from_bytes(data[at:at + 4], "big")
        need(size <= frame.FRAME_BYTES_MAX, f"a long record at {at}")
        need(at + 20 + size <= len(data), f"cut at {at}")
        array = data[at + 4:at + 4 + size]
        record = _parse(array)
        check = _next_check(check, array)
        need(data[at + 4 + size:at + 20 + size] == check, f"damaged at {at}")
        at += 20 + size
        if record[0] != END:
            records.append(record)
            continue
        need(record[1] == len(records), "an end that counts others")
        need(at == len(data), "something behind the end")
        return records


def write(records):
    out, check = MAGIC, bytes(16)
    for record in [*records, [END, len(records)]]:
        array = dialect.encode(record)
        check = _next_check(check, array)
        out += len(array).to_bytes(4, "big") + array + check
    return out


def id_of(record):
    if record[0] == frame.RECEIPT:
        return record[1]
    return envelope.decode(record[1]).id()


def write_digest(items):
    """items: pairs of an id and a state, 0 stored or 1 cleared."""
    items = sorted(items)
    return (DIGEST_MAGIC + len(items).to_bytes(8, "big")
            + b"".join(id_ + bytes([state]) for id_, state in items))


def read_digest(data):
    need(data.startswith(DIGEST_MAGIC) and len(data) >= 23, "no digest")
    items = [(data[at:at + 16], data[at + 16])
             for at in range(23, len(data) - 16, 17)]
    need(write_digest(items) == data
         and len({id_ for id_, _ in items}) == len(items)
         and all(state < 2 for _, state in items), "no digest")
    return items


def play():
    """Two envelopes and a receipt, as the vector has them."""
    sealed = [envelope.Envelope(
        0, 0, 500168, bytes([0x10 + k]) * 16, bytes([0x20 + k]) * 32,
        bytes([0x30 + k]) * 16, bytes([0x40 + k]) * 50,
        bytes([0x50 + k]) * 366).encode() for k in range(2)]
    records = [[frame.PUSH, one] for one in sealed]
    records.append([frame.RECEIPT, bytes([0x60]) * 16, bytes([0x70]) * 32])
    return records


def digest_of(records):
    return write_digest((id_of(one), int(one[0] == frame.RECEIPT))
                        for one in records)


def refuses_every_flip(data):
    for at in range(len(data)):
        bent = bytearray(data)
        bent[at] ^= 1
        try:
            read(bytes(bent))
            return False
        except Malformed:
            pass
    return True


COMMENT = """\
# NAME HEX.  bundle: a whole file, of two envelopes and a receipt.  digest: what
# who has taken that in has, if the receipt's envelope was here before.
"""


def main():
    if sys.argv[1] == "--vector":
        print(COMMENT + "bundle " + write(play()).hex()
              + "\ndigest " + digest_of(play()).hex())
        return 0
    with open(sys.argv[1], "rb") as file:
        try:
            records = read(file.read())
        except Malformed as why:
            print(why)
            return 5
    for record in records:
        print(id_of(record).hex(),
              "receipt" if record[0] == frame.RECEIPT else "envelope")
    return 0


if __name__ == "__main__":
    sys.exit(main())
