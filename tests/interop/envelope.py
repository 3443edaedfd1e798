# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope: ten fields at constant offsets, and what seals them."""
import dataclasses
import hashlib
import hmac

from nacl import bindings
from nacl.exceptions import CryptoError

from dialect import Malformed, need

SEAL_BYTES = 16
HEADER_PLAIN_BYTES = 34
BODY_BYTES = (366, 1902, 8046, 32622)


def kdf(key, label, data, size):
    """Keyed BLAKE2b, personalised with the label; no key for None."""
    return hashlib.blake2b(data, digest_size=size, key=key or b"",
                           person=label.encode()).digest()


def pair_of(key, label, data=b""):
    """The two keys that a K64 gives."""
    both = kdf(key, label, data, 64)
    return both[:32], both[32:]


def seal(key, salt, plain, ad):
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, ad, salt + bytes(8), key)


def unseal(key, salt, sealed, ad):
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed, ad, salt + bytes(8), key)
    except CryptoError:
        raise Malformed("a seal that does not open") from None


def receipt_hash(opening):
    return kdf(opening, "sotto1 receipt", b"", 32)


@dataclasses.dataclass
class Envelope:
    size_class: int
    zone: int
    expires_h: int
    tag: bytes
    receipt: bytes
    salt: bytes
    header: bytes = bytes(50)
    body: bytes = b""
    stamp: bytes = bytes(8)

    def _clear(self):
        return (b"\x9a\x01" + bytes([self.size_class])
                + b"\xcd" + self.zone.to_bytes(2, "big")
                + b"\xce" + self.expires_h.to_bytes(4, "big")
                + b"\xc4\x10" + self.tag + b"\xc4\x20" + self.receipt)

    def _salt(self):
        return b"\xc4\x10" + self.salt

    def header_ad(self):
        return self._clear() + self._salt()

    def body_ad(self):
        return self.header_ad() + b"\xc4\x32" + self.header

    def encode(self):
        return (self._clear() + b"\xc4\x08" + self.stamp + self._salt()
                + b"\xc4\x32" + self.header
                + b"\xc5" + len(self.body).to_bytes(2, "big") + self.body)

    def id(self):
        unstamped = dataclasses.replace(self, stamp=bytes(8)).encode()
        return kdf(None, "sotto1 envelope", unstamped, 32)[:16]

    def put_body(self, key, content):
        room = BODY_BYTES[self.size_class] - SEAL_BYTES
        plain = len(content).to_bytes(2, "big") + content
        self.body = seal(key, self.salt, plain.ljust(room, b"\0"),
                         self.body_ad())

    def take_body(self, key, opening):
        """The content; the opening is compared before anything is opened."""
        need(hmac.compare_digest(receipt_hash(opening), self.receipt),
             "a receipt hash of another key")
        return self.unseal_body(key)

    def unseal_body(self, key):
        plain = unseal(key, self.salt, self.body, self.body_ad())
        end = 2 + int.from_bytes(plain[:2], "big")
        need(end <= len(plain), "a length past the body")
        need(not any(plain[end:]), "padding that is not zeros")
        return plain[2:end]


def class_for(content):
    for size_class, size in enumerate(BODY_BYTES):
        if len(content) + 2 + SEAL_BYTES <= size:
            return size_class
    raise ValueError("longer than the largest class")


def decode(data):
    data = bytes(data)
    need(len(data) >= 512 and data[2] < 4, "no class")
    need(len(data) == 512 * 4**data[2], "a size that is not the class's")
    envelope = Envelope(
        size_class=data[2], zone=int.from_bytes(data[4:6], "big"),
        expires_h=int.from_bytes(data[7:11], "big"), tag=data[13:29],
        receipt=data[31:63], stamp=data[65:73], salt=data[75:91],
        header=data[93:143], body=data[146:])
    need(envelope.encode() == data, "a form that is not the envelope's")
    return envelope
