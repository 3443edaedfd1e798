# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters to a group: a sender's chains, and a signature inside the seal."""
import hashlib

from dialect import need
from envelope import (Envelope, class_for, pair_of, receipt_hash, seal,
                      unseal)
from ratchet import Chain, Skipped, group_tag_of, walk
from roster import Signer, check_signature

SIGNED = b"sotto1 group letter"


def claim(origin, envelope, view, letter):
    """What is signed of a letter from its origin: a group, and its author."""
    return SIGNED + hashlib.blake2b(
        b"".join(origin) + envelope.body_ad() + view + letter, digest_size=64,
        person=b"sotto1 groupbody").digest()


class Sender:
    """One epoch of one's own, whose fingerprint is given."""

    def __init__(self, draw, own):
        self._draw, self._own = draw, own
        self._key, self._tag_key = draw(32), draw(32)
        self._signer = Signer(draw(32))
        self._sent = 0

    def hand_over(self):
        """number, chain key, tag key, sign key: from here on."""
        return self._sent, self._key, self._tag_key, self._signer.public

    def seal(self, group, view, letter, expires_h):
        """An envelope, and the opening, which nobody else knows."""
        self._tag_key, x = pair_of(self._tag_key, "sotto1 tagchain")
        self._key, message_key = pair_of(self._key, "sotto1 chain")
        body_key, _ = pair_of(message_key, "sotto1 message")
        opening = self._draw(32)
        made = Envelope(size_class=class_for(bytes(64) + letter), zone=0,
                        expires_h=expires_h, tag=group_tag_of(x, self._own),
                        receipt=receipt_hash(opening), salt=self._draw(16))
        made.header = seal(x, made.salt, view + bytes(2), made.header_ad())
        signature = self._signer.sign(
            claim((group, self._own), made, view, letter))
        made.put_body(body_key, signature + letter)
        self._sent += 1
        return made, opening


class Receiver:
    """Somebody else's epoch, from where they handed it over."""

    def __init__(self, owner, number, key, tag_key, sign_key):
        self._owner = owner
        self._chain = Chain(tag_key)
        self._chain.key = key
        self._number, self._sign_key = number, sign_key
        self._skipped = {}

    def tags(self):
        return set(self._chain.group_tags(self._owner)) | set(self._skipped)

    def open(self, group, envelope):
        """(view, letter), or Malformed and nothing has changed."""
        kept = self._skipped.get(envelope.tag)
        if kept:
            opened = self._open(group, envelope, kept)
            del self._skipped[envelope.tag]
            return opened
        tags = self._chain.group_tags(self._owner)
        need(envelope.tag in tags, "a tag that is not expected")
        index = tags.index(envelope.tag)
        message_keys, key = walk(self._chain.key, index + 1)
        ahead = [Skipped(x, message_key, b"") for x, message_key
                 in zip(self._chain.header_keys, message_keys)]
        opened = self._open(group, envelope, ahead[-1])
        for one in ahead[:-1]:
            self._skipped[group_tag_of(one.header_key, self._owner)] = one
        self._chain.pass_over(index + 1, key)
        return opened

    def _open(self, group, envelope, keys):
        header = unseal(keys.header_key, envelope.salt, envelope.header,
                        envelope.header_ad())
        view = header[:32]
        need(not any(header[32:]), "zeros that are none")
        body_key, _ = pair_of(keys.message_key, "sotto1 message")
        content = envelope.unseal_body(body_key)
        need(len(content) >= 64, "no signature")
        signature, letter = content[:64], content[64:]
        check_signature(self._sign_key,
                        claim((group, self._owner), envelope, view, letter),
                        signature)
        return view, letter
