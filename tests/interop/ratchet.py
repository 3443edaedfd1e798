# SPDX-License-Identifier: GPL-3.0-or-later
"""The Double Ratchet with a tag a message.

A session says which tags it expects; whoever holds many sessions looks one
tag up.  open() changes nothing until the body has opened.
"""
import dataclasses

from card import agree, public_of
from dialect import need
from envelope import (Envelope, class_for, kdf, pair_of, receipt_hash, seal,
                      unseal)

WINDOW = 128
SKIPPED_MAX = 2048


def tag_of(header_key):
    return kdf(header_key, "sotto1 tag", b"", 16)


def group_tag_of(header_key, writer):
    """The tag of a letter to a group, which is its writer's."""
    return kdf(header_key, "sotto1 grouptag", writer, 16)


def _message_keys(message_key):
    return pair_of(message_key, "sotto1 message")


@dataclasses.dataclass
class Skipped:
    header_key: bytes
    message_key: bytes
    public: bytes


class Chain:
    """A receiving chain: `header_keys` are those of messages head to head +
    127, `public` and `key` are not known until it is the current one."""

    def __init__(self, tag_key):
        self._tag_key = tag_key
        self.header_keys = []
        self.head = 0
        self.key = self.public = None
        self._fill()

    def _fill(self):
        while len(self.header_keys) < WINDOW:
            self._tag_key, x = pair_of(self._tag_key, "sotto1 tagchain")
            self.header_keys.append(x)

    def tags(self):
        return [tag_of(x) for x in self.header_keys]

    def group_tags(self, owner):
        return [group_tag_of(x, owner) for x in self.header_keys]

    def pass_over(self, count, key):
        """Leave `count` messages behind, with `key` the chain key there."""
        self.head += count
        self.key = key
        del self.header_keys[:count]
        self._fill()


def walk(key, count):
    """The next `count` message keys of a chain, and the chain key behind."""
    keys = []
    for _ in range(count):
        key, message_key = pair_of(key, "sotto1 chain")
        keys.append(message_key)
    return keys, key


class Session:
    def __init__(self, root, draw):
        self._root, self._draw = root, draw
        self._secret = self._public = None
        self._unanswered = None  # the other's key, when ours is to be drawn
        self._key = self._tag_key = None
        self._next_tag_key = None
        self._sent = self._sent_before = 0
        self._current, self._next = None, None
        self._skipped = {}

    @classmethod
    def of_initiator(cls, root, tag_keys, prekey, draw):
        session = cls(root, draw)
        session._next_tag_key = tag_keys[0]
        session._next = Chain(tag_keys[1])
        session._step_sending(prekey)
        return session

    @classmethod
    def of_responder(cls, root, tag_keys, prekey_secret, draw):
        session = cls(root, draw)
        session._secret = prekey_secret
        session._next_tag_key = tag_keys[1]
        session._next = Chain(tag_keys[0])
        return session

    def can_send(self):
        return self._key is not None or self._unanswered is not None

    def tags(self):
        chains = [c for c in (self._current, self._next) if c]
        return {tag for c in chains for tag in c.tags()} | set(self._skipped)

    def _root_step(self, root, public):
        """(next RK, CK, NTK) of a Diffie-Hellman step."""
        shared = agree(self._secret, public)
        following, key = pair_of(root, "sotto1 root", shared)
        return following, key, kdf(root, "sotto1 nexttag", shared, 32)

    def _step_sending(self, public):
        self._unanswered = None
        self._secret = self._draw(32)
        self._public = public_of(self._secret)
        self._tag_key = self._next_tag_key
        self._root, self._key, self._next_tag_key = self._root_step(
            self._root, public)

    def _end_sending(self, public):
        """The own key goes; the next letter draws another."""
        self._unanswered, self._secret, self._key = public, None, None
        self._sent_before, self._sent = self._sent, 0

    def seal(self, content, expires_h):
        """An envelope, and the opening that will prove its delivery."""
        assert self.can_send()
        if self._unanswered:
            self._step_sending(self._unanswered)
        self._tag_key, x = pair_of(self._tag_key, "sotto1 tagchain")
        self._key, message_key = pair_of(self._key, "sotto1 chain")
        body_key, opening = _message_keys(message_key)
        made = Envelope(size_class=class_for(content), zone=0,
                        expires_h=expires_h, tag=tag_of(x),
                        receipt=receipt_hash(opening), salt=self._draw(16))
        previous = (self._sent_before % 2**16).to_bytes(2, "big")
        made.header = seal(x, made.salt, self._public + previous,
                           made.header_ad())
        made.put_body(body_key, content)
        self._sent += 1
        return made, opening

    def open(self, envelope):
        """(content, opening), or Malformed and nothing has changed."""
        if envelope.tag in self._skipped:
            return self._open_skipped(envelope)
        for chain in (self._current, self._next):
            if chain and envelope.tag in chain.tags():
                return self._open_ahead(chain, envelope)
        need(False, "a tag that is not expected")

    def _open_skipped(self, envelope):
        kept = self._skipped[envelope.tag]
        header = unseal(kept.header_key, envelope.salt, envelope.header,
                        envelope.header_ad())
        need(header[:32] == kept.public, "the key of another chain")
        body_key, opening = _message_keys(kept.message_key)
        content = envelope.take_body(body_key, opening)
        del self._skipped[envelope.tag]
        return content, opening

    def _open_ahead(self, chain, envelope):
        index = chain.tags().index(envelope.tag)
        header = unseal(chain.header_keys[index], envelope.salt,
                        envelope.header, envelope.header_ad())
        public, previous = header[:32], int.from_bytes(header[32:], "big")
        step = None
        if chain is self._next:
            need(self._secret, "a chain after one that was not answered")
            step = self._root_step(self._root, public)
            key = step[1]
        else:
            need(public == chain.public, "the key of another chain")
            key = chain.key
        message_keys, key = walk(key, index + 1)
        body_key, opening = _message_keys(message_keys[-1])
        content = envelope.take_body(body_key, opening)
        left = self._left_behind(previous) if step else 0
        need(len(self._skipped) + left + index <= SKIPPED_MAX, "no room")
        if step:
            self._close_current(left)
            self._next.public = public
            self._current, self._next = self._next, Chain(step[2])
            self._root = step[0]
        self._keep(chain, message_keys[:-1])
        chain.pass_over(index + 1, key)
        if step:
            self._end_sending(public)
        return content, opening

    def _left_behind(self, previous):
        """How many messages of the current chain are still under way."""
        if self._current is None:
            return 0
        return min((previous - self._current.head) % 2**16, WINDOW)

    def _close_current(self, count):
        if self._current is not None:
            self._keep(self._current, walk(self._current.key, count)[0])

    def _keep(self, chain, message_keys):
        for x, message_key in zip(chain.header_keys, message_keys):
            self._skipped[tag_of(x)] = Skipped(x, message_key, chain.public)
