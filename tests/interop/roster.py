# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in a group: from a set of signed operations, and nothing else."""
import dataclasses

from nacl import bindings
from nacl.exceptions import CryptoError

import card as cards
import dialect
import group as groups
from dialect import Malformed, need
from envelope import kdf
from group import ADD, LEAVE, NEW, REMOVE

SIGNED = b"sotto1 group operation"
SIGNATURE_ELEMENT_BYTES = 2 + 64
HEADS_MAX = 8  # that are parents


@dataclasses.dataclass(frozen=True)
class Operation:
    encoding: bytes
    hash: bytes
    kind: int
    group: bytes
    parents: tuple
    author: bytes
    subject: bytes
    admin: bool
    key: bytes
    past: frozenset  # hashes of all that stands before it
    depth: int

    def adds(self):
        return self.kind in (NEW, ADD)

    def removes(self):
        return self.kind in (REMOVE, LEAVE)

    def place(self):
        return self.depth, self.hash


class Signer:
    """Somebody's Ed25519 key for one group."""

    def __init__(self, seed):
        self.public, self._secret = bindings.crypto_sign_seed_keypair(seed)

    def sign(self, message):
        return bindings.crypto_sign(message, self._secret)[:64]


def check_signature(key, message, signature):
    try:
        bindings.crypto_sign_open(signature + message, key)
    except CryptoError:
        raise Malformed("a signature that does not hold") from None


class Roster:
    def __init__(self):
        self._ops = {}  # by hash; parents before their children
        self.group = None

    def sign(self, signer, author, kind, subject, person=None, admin=False,
             parents=None):
        """An operation behind these parents (the heads, if none are named),
        taken in.  person: (key, card, name) of who comes in."""
        key, card, name = person or (b"", b"", "")
        fields = [kind, self.group or bytes(32),
                  sorted(parents or self.heads()[:HEADS_MAX]), author,
                  subject, admin,
                  key, card, name]
        unsigned = dialect.encode(fields + [bytes(64)])
        signature = signer.sign(SIGNED + unsigned[:-SIGNATURE_ELEMENT_BYTES])
        return self.take(dialect.encode(fields + [signature]))

    def take(self, encoding):
        """Take in an operation whose parents are here."""
        kind, group, parents, author, subject, admin, key, card, _, sign = (
            groups.decode(encoding))
        hash_ = kdf(None, "sotto1 groupop", encoding, 32)
        if hash_ in self._ops:
            return self._ops[hash_]
        need(bool(self._ops) == (kind != NEW)
             and (kind == NEW or group == self.group), "of another group")
        need(all(one in self._ops for one in parents), "a parent not known")
        before = [self._ops[one] for one in parents]
        op = Operation(
            encoding, hash_, kind, group, tuple(parents), author, subject,
            admin, key,
            frozenset(parents).union(*(one.past for one in before)),
            1 + max((one.depth for one in before), default=-1))
        if op.adds():
            theirs = cards.decode(card).check()
            need(theirs.fingerprint() == subject, "the card of another")
        self._check_author(op, sign)
        self._ops[hash_] = op
        self.group = self.group or op.hash
        return op

    def _check_author(self, op, signature):
        """Some addition before it names its author, with this key."""
        signed = SIGNED + op.encoding[:-SIGNATURE_ELEMENT_BYTES]
        additions = [op] if op.kind == NEW else [
            one for one in self._ops.values()
            if one.hash in op.past and one.adds()
            and one.subject == op.author
            and (one.admin or op.kind == LEAVE)]
        for one in additions:
            try:
                return check_signature(one.key, signed, signature)
            except Malformed:
                continue
        raise Malformed("an author who may not, or did not sign")

    def operations(self):
        return list(self._ops.values())

    def heads(self):
        parents = {one for op in self._ops.values() for one in op.parents}
        return sorted(set(self._ops) - parents)

    def view(self):
        return kdf(None, "sotto1 groupview",
                   self.group + b"".join(self.heads()), 32)

    # Who is in.

    def members(self):
        """{fingerprint: whether an admin}"""
        counting = self._decide()
        everything = set(self._ops)
        people = {op.subject for op in counting if op.adds()}
        return {person: self._is_in(person, everything, counting, True)
                for person in people
                if self._is_in(person, everything, counting, False)}

    @staticmethod
    def _is_in(person, within, counting, as_admin):
        theirs = [op for op in counting
                  if op.subject == person and op.hash in within]
        removals = {op.hash for op in theirs if op.removes()}
        return any(removals <= op.past and (op.admin or not as_admin)
                   for op in theirs if op.adds())

    def _counting(self, void):
        """The operations that count, in an order with parents first."""
        counting = []
        for op in sorted(self._ops.values(), key=Operation.place):
            if op.hash not in void and (
                    op.kind == NEW or self._is_in(
                        op.author, op.past, counting, op.kind != LEAVE)):
                counting.append(op)
        return counting

    def _decide(self):
        void = set()
        while True:
            counting = self._counting(void)
            removals = [(self._rank(op, counting), op)
                        for op in counting if op.removes()]
            for _, removal in sorted(removals, key=lambda pair: pair[0]):
                undone = self._undone_by(removal, counting)
                if undone:
                    void |= undone
                    break
            else:
                return counting

    @staticmethod
    def _rank(removal, counting):
        first = min(op.place() for op in counting
                    if op.adds() and op.subject == removal.author)
        return first, removal.place()

    @staticmethod
    def _undone_by(removal, counting):
        return {op.hash for op in counting
                if op.kind in (ADD, REMOVE) and op.author == removal.subject
                and op.hash not in removal.past and removal.hash not in op.past
                and op.hash != removal.hash}
