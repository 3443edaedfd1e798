# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's keys, and the card that others need to write to them first."""
import base64
import dataclasses

from nacl import bindings
from nacl.exceptions import CryptoError

from dialect import Malformed, need
from envelope import kdf

CARD_BYTES = 201
PREFIX = "sotto:"
SUITE = 1
INVITE_SUITE = 2
FIELD_PRIME = 2**255 - 19
LOW_ORDER = {number.to_bytes(32, "little")
             for number in (0, 1, FIELD_PRIME - 1)} | {
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46a"
                  "da098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b"
                  "04445cc4581c8e86d8224eddd09f1157")}


def check_key(key):
    need(int.from_bytes(key, "little") < FIELD_PRIME, "a key not canonical")
    return key


def agree(secret, public):
    try:
        return bindings.crypto_scalarmult(secret, check_key(public))
    except (CryptoError, RuntimeError):
        raise Malformed("an agreement on nothing") from None


def public_of(secret):
    return bindings.crypto_scalarmult_base(secret)


@dataclasses.dataclass(frozen=True)
class Card:
    sign: bytes
    agree: bytes
    address: bytes
    prekey_id: int
    prekey_expires_h: int
    prekey: bytes
    signature: bytes = b""

    def signed_part(self):
        return (bytes([SUITE]) + self.sign + self.agree + self.address
                + self.prekey_id.to_bytes(4, "big")
                + self.prekey_expires_h.to_bytes(4, "big") + self.prekey)

    def encode(self):
        return self.signed_part() + self.signature

    def text(self):
        digits = base64.b32encode(self.encode()).decode()
        return PREFIX + digits.rstrip("=").lower()

    def fingerprint(self):
        return kdf(None, "sotto1 finger", self.sign + self.agree, 32)

    def check(self):
        """Refuse a card whose keys or signature do not hold."""
        for key in (self.agree, self.prekey):
            need(check_key(key) not in LOW_ORDER, "a key of low order")
        try:
            bindings.crypto_sign_open(
                self.signature + b"sotto1 card" + self.signed_part(),
                self.sign)
        except CryptoError:
            raise Malformed("a signature that does not hold") from None
        return self


def safety_number(one, other):
    """The digits that two people compare, from their fingerprints."""
    both = b"".join(sorted((one, other)))
    digest = kdf(None, "sotto1 safety", both, 64)
    groups = (int.from_bytes(digest[at:at + 5], "big")
              for at in range(0, 60, 5))
    return "".join(f"{group % 100000:05}" for group in groups)


def decode(data):
    data = bytes(data)
    need(len(data) == CARD_BYTES and data[0] == SUITE, "not a card")
    return Card(sign=data[1:33], agree=data[33:65], address=data[65:97],
                prekey_id=int.from_bytes(data[97:101], "big"),
                prekey_expires_h=int.from_bytes(data[101:105], "big"),
                prekey=data[105:137], signature=data[137:])


def from_text(text):
    text = text.strip().lower()
    need(text.startswith(PREFIX), "no card")
    digits = text[len(PREFIX):]
    need(len(digits) == 322, "a card of another length")
    try:
        data = base64.b32decode(digits.upper() + "=" * 6)
    except ValueError:
        raise Malformed("not base32") from None
    card = decode(data)
    need(card.text() == text, "unused bits that are not 0")
    return card


class Identity:
    """The secrets behind a card.  `draw(n)` gives n random bytes."""

    def __init__(self, draw, prekey_id, prekey_expires_h):
        self._sign, self._sign_secret = bindings.crypto_sign_seed_keypair(
            draw(32))
        self.agree_secret = draw(32)
        self._address = draw(32)
        self.renew(draw, prekey_id, prekey_expires_h)

    def renew(self, draw, prekey_id, prekey_expires_h):
        """A card that offers a new prekey takes the place of the last."""
        self.prekey_secret = draw(32)
        unsigned = Card(self._sign, public_of(self.agree_secret),
                        self._address, prekey_id, prekey_expires_h,
                        public_of(self.prekey_secret))
        signature = self.sign(b"sotto1 card" + unsigned.signed_part())
        self.card = dataclasses.replace(unsigned, signature=signature)

    def sign(self, message):
        return bindings.crypto_sign(message, self._sign_secret)[:64]


class Invite:
    """One of an identity's own: a card for one person and one use."""

    def __init__(self, identity, draw):
        self.card = identity.card
        self.address = draw(32)
        self.prekey_secret = draw(32)
        self.prekey = public_of(self.prekey_secret)
        self.secret = draw(32)
        self._signature = identity.sign(b"sotto1 invite" + self._signed())

    def _signed(self):
        return (bytes([INVITE_SUITE]) + self.card.encode() + self.address
                + self.prekey + self.secret)

    def encode(self):
        return self._signed() + self._signature

    def check(self):
        """Refuse one whose keys or signature do not hold."""
        self.card.check()
        need(check_key(self.prekey) not in LOW_ORDER, "a key of low order")
        try:
            bindings.crypto_sign_open(
                self._signature + b"sotto1 invite" + self._signed(),
                self.card.sign)
        except CryptoError:
            raise Malformed("a signature that does not hold") from None
        return self
