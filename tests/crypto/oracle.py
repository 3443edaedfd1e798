#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second implementation of Sotto's cryptography, to hold the first one to.

It shares no code with the C: BLAKE2b comes from hashlib, and X25519 (RFC
7748), Ed25519 (RFC 8032) and XChaCha20-Poly1305 (RFC 8439 and
draft-irtf-cfrg-xchacha) are written out here, slowly.  It plays a first
contact and three letters between Alice and Bob, whose k-th draws of random
bytes are all of value 0x10 + k and 0x80 + k, k from 0.

  oracle.py FILE           compare with the vectors in FILE
  oracle.py --write FILE   write them
"""
import hashlib
import struct
import sys

NOW_H = 500000
EXPIRES_H = NOW_H + 168


# BLAKE2b

def kdf(size, key, label, data=b""):
    return hashlib.blake2b(
        data, digest_size=size, key=key, person=label.encode()).digest()


def halves(key, label, data=b""):
    out = kdf(64, key, label, data)
    return out[:32], out[32:]


# X25519

P = 2**255 - 19


def x25519(secret, public):
    k = int.from_bytes(secret, "little")
    k = (k & ~7 & (2**255 - 1)) | 2**254
    u = int.from_bytes(public, "little")
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb)**2 % P, u * (da - cb)**2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_public(secret):
    return x25519(secret, (9).to_bytes(32, "little"))


# Ed25519

Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BY = 4 * pow(5, P - 2, P) % P


def recover_x(y):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


BASE = (recover_x(BY), BY)


def edwards_add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + t, P - 2, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, P - 2, P) % P
    return x, y


def edwards_times(n, point):
    total = (0, 1)
    while n:
        if n & 1:
            total = edwards_add(total, point)
        point = edwards_add(point, point)
        n >>= 1
    return total


def edwards_bytes(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def sha512_int(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def ed25519_expand(seed):
    digest = hashlib.sha512(seed).digest()
    k = int.from_bytes(digest[:32], "little")
    return (k & ~7 & (2**254 - 1)) | 2**254, digest[32:]


def ed25519_public(seed):
    return edwards_bytes(edwards_times(ed25519_expand(seed)[0], BASE))


def ed25519_sign(seed, message):
    scalar, prefix = ed25519_expand(seed)
    public = ed25519_public(seed)
    r = sha512_int(prefix + message) % Q
    point = edwards_bytes(edwards_times(r, BASE))
    s = (r + sha512_int(point + public + message) * scalar) % Q
    return point + s.to_bytes(32, "little")


# XChaCha20-Poly1305

def chacha_rounds(state):
    def quarter(a, b, c, d):
        for first, second, third, turn in (
                (a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[first] = (state[first] + state[second]) & 0xffffffff
            mixed = state[third] ^ state[first]
            state[third] = (mixed << turn | mixed >> 32 - turn) & 0xffffffff
    for _ in range(10):
        quarter(0, 4, 8, 12)
        quarter(1, 5, 9, 13)
        quarter(2, 6, 10, 14)
        quarter(3, 7, 11, 15)
        quarter(0, 5, 10, 15)
        quarter(1, 6, 11, 12)
        quarter(2, 7, 8, 13)
        quarter(3, 4, 9, 14)
    return state


def chacha_start(key, tail):
    return list(struct.unpack("<16I", b"expand 32-byte k" + key + tail))


def chacha_block(key, count, nonce):
    start = chacha_start(key, struct.pack("<I", count) + nonce)
    end = chacha_rounds(start[:])
    return struct.pack(
        "<16I", *((a + b) & 0xffffffff for a, b in zip(start, end)))


def chacha_xor(key, nonce, data):
    out = bytearray()
    for i in range(0, len(data), 64):
        block = chacha_block(key, 1 + i // 64, nonce)
        out += bytes(a ^ b for a, b in zip(data[i:i + 64], block))
    return bytes(out)


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little")
    r &= 0x0ffffffc0ffffffc0ffffffc0fffffff
    total = 0
    for i in range(0, len(data), 16):
        total += int.from_bytes(data[i:i + 16] + b"\1", "little")
        total = total * r % (2**130 - 5)
    total += int.from_bytes(key[16:], "little")
    return (total & (2**128 - 1)).to_bytes(16, "little")


def padded(data):
    return data + bytes(-len(data) % 16)


def aead(key, nonce, data, ad):
    end = chacha_rounds(chacha_start(key, nonce[:16]))
    key = struct.pack("<8I", *end[:4], *end[12:])
    nonce = bytes(4) + nonce[16:]
    text = chacha_xor(key, nonce, data)
    lengths = struct.pack("<QQ", len(ad), len(text))
    return text + poly1305(chacha_block(key, 0, nonce)[:32],
                           padded(ad) + padded(text) + lengths)


# Envelopes

def envelope(tag, opening, salt, header, body_key, plain):
    """header is a function from the associated data to 50 bytes."""
    nonce = salt + bytes(8)
    receipt = kdf(32, opening, "sotto1 receipt")
    size_class = 0 if len(plain) <= 512 - 146 - 16 - 2 else 1
    body_bytes = 512 * 4 ** size_class - 146
    clear = (b"\x9a\x01" + bytes([size_class]) + b"\xcd\x00\x00\xce" +
             struct.pack(">I", EXPIRES_H) + b"\xc4\x10" + tag + b"\xc4\x20" + receipt)
    stamp = b"\xc4\x08" + bytes(8)
    salt_element = b"\xc4\x10" + salt
    ad = clear + salt_element
    head = header(ad, nonce)
    ad += b"\xc4\x32" + head
    body = struct.pack(">H", len(plain)) + plain
    body = body.ljust(body_bytes - 16, b"\0")
    whole = (clear + stamp + salt_element + b"\xc4\x32" + head + b"\xc5" +
             struct.pack(">H", body_bytes) + aead(body_key, nonce, body, ad))
    assert len(whole) == 512 * 4 ** size_class
    identity = hashlib.blake2b(
        whole, digest_size=32, person=b"sotto1 envelope").digest()[:16]
    return whole, identity, opening


# People

class Person:
    def __init__(self, first):
        self.next = first
        self.seed = self.draw(32)
        self.secret = self.draw(32)
        self.address = self.draw(32)
        self.prekey_secret = self.draw(32)
        self.sign = ed25519_public(self.seed)
        self.agree = x25519_public(self.secret)
        self.prekey = x25519_public(self.prekey_secret)
        signed = (b"\x01" + self.sign + self.agree + self.address +
                  struct.pack(">II", 7, EXPIRES_H) + self.prekey)
        self.card = signed + ed25519_sign(self.seed, b"sotto1 card" + signed)

    def draw(self, size):
        self.next += 1
        return bytes([self.next - 1]) * size

    def fingerprint(self):
        return hashlib.blake2b(self.sign + self.agree, digest_size=32,
                               person=b"sotto1 finger").digest()

    def turn(self):
        """A DH step of the sending side."""
        self.own = self.draw(32)
        shared = x25519(self.own, self.peer)
        next_tag = kdf(32, self.root, "sotto1 nexttag", shared)
        self.root, self.chain = halves(self.root, "sotto1 root", shared)
        self.sent = 0
        self.next_tag = next_tag

    def hear(self, public):
        """The half of a step that a letter of a new chain makes."""
        shared = x25519(self.own, public)
        self.root, _ = halves(self.root, "sotto1 root", shared)
        self.peer, self.own = public, None
        self.previous, self.tag = self.sent, self.next_tag

    def seal(self, plain):
        if not self.own:
            self.turn()
        salt = self.draw(16)
        self.tag, header_key = halves(self.tag, "sotto1 tagchain")
        tag = kdf(16, header_key, "sotto1 tag")
        self.chain, message = halves(self.chain, "sotto1 chain")
        body_key, opening = halves(message, "sotto1 message")
        header = x25519_public(self.own) + struct.pack(">H", self.previous)
        self.sent += 1
        return envelope(tag, opening, salt, lambda ad, nonce: aead(
            header_key, nonce, header, ad), body_key, plain)


def safety_number(one, other):
    digest = hashlib.blake2b(b"".join(sorted((one, other))), digest_size=64,
                             person=b"sotto1 safety").digest()
    groups = (int.from_bytes(digest[i:i + 5], "big") % 100000
              for i in range(0, 60, 5))
    return "".join(f"{group:05}" for group in groups).encode()


class Invite:
    """Of Bob's; its card is his."""
    def __init__(self, bob):
        self.address = bob.draw(32)
        self.prekey_secret = bob.draw(32)
        self.secret = bob.draw(32)
        self.prekey = x25519_public(self.prekey_secret)
        signed = (b"\x02" + bob.card + self.address + self.prekey +
                  self.secret)
        self.bytes = signed + ed25519_sign(
            bob.seed, b"sotto1 invite" + signed)


class Kem:
    """Of Bob's, beside his prekey 8.  Not X-Wing, but what the tests put in its
    place: X25519 in X-Wing's sizes."""
    def __init__(self, bob):
        self.id = struct.pack(">I", 8)
        bob.draw(32)
        self.key = x25519_public(bob.draw(32)).ljust(1216, b"\0")

    def encapsulate(self, alice):
        secret = alice.draw(64)[:32]
        self.ciphertext = x25519_public(secret).ljust(1120, b"\0")
        self.shared = hashlib.blake2b(
            x25519(secret, self.key[:32]) + self.ciphertext + self.key,
            digest_size=32, person=b"test stand-in").digest()


def first_contact(alice, bob, invite=None, kem=None):
    ephemeral = alice.draw(32)
    public = x25519_public(ephemeral)
    address = invite.address if invite else bob.address
    suite = b"\x03" if kem else b"\x02" if invite else b"\x01"
    outer = x25519(ephemeral, bob.prekey) + x25519(ephemeral, bob.agree)
    body_key, opening_key = halves(address, "sotto1 introkey", outer)
    agreed = outer + x25519(alice.secret, bob.prekey)
    transcript = (b"\x01" + suite + alice.sign + alice.agree + bob.sign +
                  bob.agree + public + struct.pack(">I", 7) + bob.prekey)
    if kem:
        kem.encapsulate(alice)
        secret = kdf(32, bytes(32), "sotto1 kemroot",
                     agreed + kem.shared + transcript + kem.id + kem.key +
                     kem.ciphertext)
    elif invite:
        secret = kdf(32, invite.secret, "sotto1 invroot",
                     agreed + x25519(ephemeral, invite.prekey) + transcript +
                     invite.prekey)
    else:
        secret = kdf(32, bytes(32), "sotto1 introroot", agreed + transcript)
    root, proof = halves(secret, "sotto1 session")
    first, second = halves(secret, "sotto1 firsttags")
    alice.root = bob.root = root
    alice.tag, bob.next_tag = first, second
    alice.peer, bob.own = bob.prekey, bob.prekey_secret
    alice.previous = bob.sent = 0
    alice.turn()

    slot = int.from_bytes(alice.draw(8), "big") % 64
    salt = alice.draw(16)
    tag = kdf(16, address, "sotto1 introtag",
              struct.pack(">II", NOW_H // 24, slot))
    mask = kdf(64, address, "sotto1 intromask", salt)
    header = public + struct.pack(">I", 7) + suite
    header = (header + (kem.id if kem else b"")).ljust(50, b"\0")
    masked = bytes(a ^ b for a, b in zip(header, mask))
    sealed = aead(proof, salt + bytes(8), b"", alice.card + public)
    opening = kdf(32, opening_key, "sotto1 introopen", salt)
    content = (kem.ciphertext if kem else b"") + alice.card + sealed
    return envelope(tag, opening, salt, lambda ad, nonce: masked, body_key,
                    content)


def renewal(person, kem=b""):
    """Of the person's own card, in the week of the conversation; with an
    X-Wing key, if there is one."""
    offset = int.from_bytes(
        kdf(16, person.address, "sotto1 renewweek")[:2], "big") % 168
    week = struct.pack(">I", (NOW_H + offset) // 168)
    content = (b"\x03" if kem else b"\x01") + person.card + kem
    signature = ed25519_sign(person.seed, b"sotto1 renewal" + content)
    mark = week + signature
    salt = kdf(16, person.address, "sotto1 renewsalt", mark)
    header = kdf(64, person.address, "sotto1 renewmask", salt)[:50]
    return envelope(
        kdf(16, person.address, "sotto1 renewtag", week),
        kdf(32, person.prekey_secret, "sotto1 renewopen", mark), salt,
        lambda ad, nonce: header,
        kdf(32, person.address, "sotto1 renewkey", week), content + signature)


def vectors():
    alice, bob = Person(0x10), Person(0x80)
    yield "kdf", kdf(64, bytes(range(32)), "sotto1 vector", b"input")
    yield "card.alice", alice.card
    yield "card.bob", bob.card
    yield "fingerprint.alice", alice.fingerprint()
    yield "fingerprint.bob", bob.fingerprint()
    yield "safety", safety_number(alice.fingerprint(), bob.fingerprint())

    def parts(name, made):
        yield name + ".envelope", made[0]
        yield name + ".id", made[1]
        yield name + ".opening", made[2]
    yield from parts("intro", first_contact(alice, bob))
    yield from parts("letter1", alice.seal(b"one"))
    bob.hear(x25519_public(alice.own))
    yield from parts("letter2", bob.seal(b"two"))
    alice.hear(x25519_public(bob.own))
    yield from parts("letter3", alice.seal(b"three"))
    bob.hear(x25519_public(alice.own))
    invite = Invite(bob)
    yield "invite", invite.bytes
    yield from parts("invited", first_contact(alice, bob, invite))
    yield from parts("renewal", renewal(bob))
    yield from parts("kemrenewal", renewal(bob, bytes(1216)))
    kem = Kem(bob)
    made = first_contact(alice, bob, kem=kem)
    yield "kem.public", kem.key
    yield "kem.shared", kem.shared
    yield from parts("kemintro", made)


def main(arguments):
    made = "".join(f"{name} {value.hex()}\n" for name, value in vectors())
    if arguments[0] == "--write":
        with open(arguments[1], "w", encoding="ascii") as file:
            file.write(made)
        return 0
    with open(arguments[0], encoding="ascii") as file:
        same = file.read() == made
    print("ok" if same else "not ok", "1 - the vectors are the oracle's")
    print("1..1")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
