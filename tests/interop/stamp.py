# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of work on an envelope: eight bytes, bits and a nonce."""
from nacl.bindings import crypto_pwhash_ALG_ARGON2ID13, crypto_pwhash_alg

from envelope import kdf

NONE = bytes(8)
FILTER_BITS = 10
BITS_MOST = 40
VALUE_ZERO = 13
MEMORY = 1 << 20


def zeros(digest):
    """How many zero bits a digest begins with."""
    return 8 * len(digest) - int.from_bytes(digest, "big").bit_length()


def passed(id_, expires_h, stamp):
    """The filter's digest; None for a stamp that does not pass."""
    digest = kdf(None, "sotto1 stamp",
                 id_ + expires_h.to_bytes(4, "big") + stamp, 32)
    return digest if zeros(digest) >= FILTER_BITS else None


def work(id_, digest):
    return zeros(crypto_pwhash_alg(32, digest, id_, 1, MEMORY,
                                   crypto_pwhash_ALG_ARGON2ID13))


def is_good(id_, expires_h, stamp):
    if stamp == NONE:
        return True
    digest = passed(id_, expires_h, stamp)
    return (1 <= stamp[0] <= BITS_MOST and digest is not None
            and work(id_, digest) >= stamp[0])


def make(id_, expires_h, bits):
    nonce = 0
    while True:
        nonce += 1
        stamp = bytes([bits]) + nonce.to_bytes(7, "big")
        if is_good(id_, expires_h, stamp):
            return stamp


def value(bits, size_class, expires_h, hour):
    life = max(expires_h - hour, 1)
    return max(VALUE_ZERO + bits - (2 * size_class - 1)
               - (life.bit_length() - 1), 0)
