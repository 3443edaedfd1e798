# SPDX-License-Identifier: GPL-3.0-or-later
"""Beacons that contacts alone can read.

usage: beacon.py --vector  print proto/vectors/beacon.txt
"""
import ipaddress
import sys

from nacl import bindings

from envelope import kdf

EPOCH_S = 600


def pair(own_secret, other):
    return bindings.crypto_scalarmult(own_secret, other)


def key_of(shared, epoch, sayer):
    """The tag and the key of what one of the two says in an epoch."""
    both = kdf(shared, "sotto1 beacon", epoch.to_bytes(4, "big") + sayer, 64)
    return both[:8], both[32:]


def mapped(address):
    """An address in 16 bytes."""
    address = ipaddress.ip_address(address)
    if address.version == 4:
        return bytes(10) + b"\xff\xff" + address.packed
    return address.packed


def _nonce(salt, address):
    return kdf(None, "sotto1 beaconad", salt + mapped(address), 32)[:24]


def seal(key, place, node, port):
    """place: the salt of the datagram, and the address it is sent from."""
    tag, secret = key
    return tag + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        node + port.to_bytes(2, "big"), b"", _nonce(*place), secret)


def unseal(key, place, entry):
    tag, secret = key
    if entry[:8] != tag:
        return None
    plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        entry[8:], b"", _nonce(*place), secret)
    return plain[:32], int.from_bytes(plain[32:], "big")


def play():
    """Lines of the vectors, as names and bytes."""
    one, two = (bytes([value]) * 32 for value in (0x10, 0x20))
    sayer, other = map(bindings.crypto_scalarmult_base, (one, two))
    key = key_of(pair(one, other), 3000000, sayer)
    place = bytes([0x40]) * 16, "10.0.0.1"
    entry = seal(key, place, bytes([0x30]) * 32, 7311)
    heard = unseal(key_of(pair(two, sayer), 3000000, sayer), place, entry)
    if heard != (bytes([0x30]) * 32, 7311):
        raise ValueError("what was sealed does not open")
    return {"agree-secret": one, "agree-other": other, "entry": entry}


COMMENT = """\
# NAME HEX.  An entry of a beacon that the owner of agree-secret says to that of
# agree-other, in epoch 3000000, from 10.0.0.1; its salt is 40, and the node's
# key 30, again and again, and the port is 7311.
"""

if __name__ == "__main__" and sys.argv[1:] == ["--vector"]:
    print(COMMENT + "\n".join(
        f"{name} {data.hex()}" for name, data in play().items()))
