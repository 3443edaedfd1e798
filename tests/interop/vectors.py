# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the vectors in proto/vectors to this implementation.  Prints TAP."""
import os
import re
import sys

import beacon
import bundle
import card as cards
import dialect
import envelope as envelopes
import frame as frames
import intro
import group as groups
import group_vectors
import letter as letters
import local
import ranges
import reconcile
import renewal
import stamp as stamps
import transcript
from dialect import Malformed, need
from roster import Roster
from tap import Tap

HOUR = 500000


def read_vectors(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, value, *meaning = line.rstrip("\n").split(" ", 2)
                data = b"" if value == "-" else bytes.fromhex(value)
                yield name, data, meaning[0] if meaning else None


def parse_meaning(text):
    """The notation of encodings.txt: JSON, and xHEX for byte strings."""
    quoted = re.sub(r"x([0-9a-f]*)(?=[],]|$)",
                    lambda m: f'bytes.fromhex("{m[1]}")', text)
    names = {"bytes": bytes, "true": True, "false": False}
    return eval(quoted, {"__builtins__": {}}, names)


class Script:
    """Draws bytes of one value each, the next time one more."""

    def __init__(self, first):
        self._value = first

    def __call__(self, size):
        drawn = bytes([self._value]) * size
        self._value += 1
        return drawn


DECODERS = {"frame": frames.decode, "group": groups.decode,
            "letter": letters.decode,
            "port": local.decode_port, "beacon": local.decode_beacon}


def again(data):
    """The value that is encoded, and its encoding."""
    value = dialect.decode(data)
    return value, dialect.encode(value)


def check_envelope(tap, data, meaning):
    e = envelopes.decode(data)
    fields = [1, e.size_class, e.zone, e.expires_h, e.tag, e.receipt, e.stamp,
              e.salt, e.header, e.body]
    tap.ok(fields == parse_meaning(meaning) and e.encode() == data,
           "envelope: its fields, and back")
    for at in list(range(4)) + [6, 11, 12, 29, 30, 63, 64, 73, 74, 91, 92, 143,
                                144, 145]:
        bent = bytearray(data)
        bent[at] ^= 0x40
        tap.refuses(envelopes.decode, bytes(bent),
                    f"envelope: another byte {at}")


def check_card(tap, data, meaning):
    card = cards.from_text(meaning.strip('"'))
    tap.ok(card.encode() == data, "card: from its text")
    tap.ok(card.text() == meaning.strip('"'), "card: to its text")
    shouted = cards.from_text("  " + meaning.strip('"').upper() + "\n")
    tap.ok(shouted == card, "card: in capitals, with white space")
    tap.refuses(lambda text: cards.from_text(text).check(), card.text(),
                "card: no key, so no signature that holds")


def check_refused(tap, name, decode, data):
    """As a frame it is malformed; to others it may be of no known type."""
    what = f"{name}: {decode.__module__}.{decode.__name__}"
    try:
        is_nothing = decode(data) is None and decode is not frames.decode
    except Malformed:
        is_nothing = True
    tap.ok(is_nothing, what + " makes nothing of it")


def check_encodings(tap, path):
    for name, data, meaning in read_vectors(path):
        kind, _, rest = name.partition(".")
        if kind == "refused":
            for decode in (*DECODERS.values(), envelopes.decode):
                check_refused(tap, name, decode, data)
        elif kind == "envelope":
            check_envelope(tap, data, meaning)
        elif kind == "card":
            check_card(tap, data, meaning)
        elif rest == "unknown":
            tap.ok(DECODERS[kind](data) is None, name)
        else:
            value, encoded = again(data)
            tap.ok(value == parse_meaning(meaning) and encoded == data
                   and DECODERS[kind](data) is not None, name)


class Conversation:
    """Alice's first contact with Bob and their three letters."""

    def __init__(self):
        alice, bob = Script(0x10), Script(0x80)
        self._made = {}
        a = cards.Identity(alice, 7, HOUR + 168)
        b = cards.Identity(bob, 7, HOUR + 168)
        for name, person in (("alice", a), ("bob", b)):
            self._made["card." + name] = person.card.encode()
            self._made["fingerprint." + name] = person.card.fingerprint()
        self._made["safety"] = cards.safety_number(
            b.card.fingerprint(), a.card.fingerprint()).encode()
        begun = intro.Initiator(a, b.card, alice)
        self._note("intro", begun.envelope(HOUR, HOUR + 168, alice))
        sent = envelopes.decode(self._made["intro.envelope"])
        self.known = sent.tag in intro.expected_tags(b.card.address, HOUR)
        self.writer, _, opening, at_bob = intro.open_intro(b, sent, bob)
        self.opened = [opening == self._made["intro.opening"],
                       self.writer == a.card, not at_bob.can_send()]
        self._pass("letter1", b"one", begun.session, at_bob)
        self._pass("letter2", b"two", at_bob, begun.session)
        self._pass("letter3", b"three", begun.session, at_bob)
        invite = cards.Invite(b, bob)
        self._made["invite"] = invite.encode()
        begun = intro.Initiator(a, invite.card, alice, invite)
        self._note("invited", begun.envelope(HOUR, HOUR + 168, alice))
        sent = envelopes.decode(self._made["invited.envelope"])
        self.opened.append(intro.open_intro(b, sent, bob, invite)[0] == a.card)
        self._note("renewal", renewal.seal(b, HOUR))
        sent = envelopes.decode(self._made["renewal.envelope"])
        expected = renewal.expected_tags(b.card.address, HOUR)
        self.known &= sent.tag in expected
        self.opened.append(renewal.open_renewal(
            b.card.address, expected[sent.tag], sent) == b.card)
        self._note("kemrenewal", renewal.seal(b, HOUR, bytes(1216)))
        sent = envelopes.decode(self._made["kemrenewal.envelope"])
        self.opened.append(renewal.open_renewal(
            b.card.address, expected[sent.tag], sent) == b.card)
        self._meet_with_kem(a, alice, b, bob)
        self._made["kdf"] = envelopes.kdf(bytes(range(32)), "sotto1 vector",
                                          b"input", 64)

    def _meet_with_kem(self, a, alice, b, bob):
        """The stand-in for X-Wing that README.md tells of."""
        bob(32)
        seed = bob(32)
        key = cards.public_of(seed).ljust(1216, b"\0")

        def kem_of(id_, agreement, ciphertext):
            need(id_ == 8, "another key")
            shared = envelopes.kdf(None, "test stand-in",
                                   agreement + ciphertext + key, 32)
            return intro.Kem(id_, key, ciphertext, shared)

        def encapsulate(draw):
            coins = draw(64)[:32]
            return kem_of(8, cards.agree(coins, key[:32]),
                          cards.public_of(coins).ljust(1120, b"\0"))

        def decapsulate(id_, ciphertext):
            found = kem_of(id_, cards.agree(seed, ciphertext[:32]), ciphertext)
            self._made["kem.shared"] = found.secret
            return found

        self._made["kem.public"] = key
        begun = intro.Initiator(a, b.card, alice, encapsulate=encapsulate)
        self._note("kemintro", begun.envelope(HOUR, HOUR + 168, alice))
        sent = envelopes.decode(self._made["kemintro.envelope"])
        self.opened.append(intro.open_intro(
            b, sent, bob, decapsulate=decapsulate)[0] == a.card)
        try:
            intro.open_intro(b, sent, bob)
            self.opened.append(False)
        except Malformed:
            self.opened.append(True)

    def _note(self, name, made):
        envelope, opening = made
        self._made[name + ".envelope"] = envelope.encode()
        self._made[name + ".id"] = envelope.id()
        self._made[name + ".opening"] = opening

    def _pass(self, name, text, writer, reader):
        self._note(name, writer.seal(text, HOUR + 168))
        sent = envelopes.decode(self._made[name + ".envelope"])
        self.opened.append(reader.open(sent)
                           == (text, self._made[name + ".opening"]))

    def value(self, name):
        return self._made.get(name)


def check_crypto(tap, path):
    played = Conversation()
    for name, data, _ in read_vectors(path):
        tap.ok(played.value(name) == data, f"{name}: as in the vectors")
    tap.ok(played.known, "the tags of the intro and of the renewal are expected")
    tap.ok(all(played.opened), "what was sealed opens, with its opening")


def check_groups(tap, path):
    """The file is played anew, and read by somebody who was not there."""
    found = [(name, data) for name, data, _ in read_vectors(path)]
    tap.ok(found == list(group_vectors.lines()), "groups: as in the vectors")
    rosters = {}
    for name, data in found:
        kind, number, *rest = name.split(".")
        if kind != "roster":
            continue
        roster = rosters.setdefault(number, Roster())
        if rest == ["op"]:
            roster.take(data)
        elif rest == ["view"]:
            tap.ok(roster.view() == data, f"{name}: as in the vectors")
        else:
            tap.ok(group_vectors.members_of(roster) == data,
                   f"{name}: as in the vectors")
    tap.ok(group_vectors.opens_as_it_should(),
           "letters to a group open once each, in any order, from the key on")


def check_sets(tap, path):
    for name, data, _ in read_vectors(path):
        ids = [bytes([k]) * 16 for k in range(int(name.split(".")[1]))]
        tap.ok(reconcile.fingerprint([(5, id_) for id_ in ids]) == data, name)


def check_stamps(tap, path):
    for name, data, _ in read_vectors(path):
        id_, expires_h = data[:16], int.from_bytes(data[16:20], "big")
        good = stamps.is_good(id_, expires_h, data[20:])
        tap.ok(good == name.startswith("good"), "stamp: " + name)
    made = stamps.make(bytes(16), HOUR, 2)
    tap.ok(stamps.is_good(bytes(16), HOUR, made), "stamp: one of its own")
    tap.ok([stamps.value(*case) for case in (
        (0, 3, HOUR + 337, HOUR), (0, 0, HOUR, HOUR),
        (9, 1, HOUR + 168, HOUR))] == [0, 14, 14], "stamp: values")


def check_transcript(tap, path):
    (_, data, _), = read_vectors(path)
    tap.ok(data == transcript.play(), "transcript: as in the vectors")
    (_, who, chains), = transcript.check(data)
    tap.ok(who[0] != who[1] and [list(chain.counts.values())
                                 for chain in chains]
           == [[2, 1, 1, 1], [1, 0, 1, 0]], "transcript: what it proves")
    tap.ok(transcript.refuses_every_flip(data),
           "transcript: no byte can be changed")


def check_beacon(tap, path):
    tap.ok({name: data for name, data, _ in read_vectors(path)}
           == beacon.play(), "a contact's beacon: as in the vectors")


def check_bundle(tap, path):
    whole, digest = (data for _, data, _ in read_vectors(path))
    tap.ok(whole == bundle.write(bundle.play()), "bundle: as in the vectors")
    tap.ok(bundle.read(whole) == bundle.play(), "bundle: what is in it")
    tap.ok(bundle.refuses_every_flip(whole),
           "bundle: no byte can be changed")
    tap.ok(digest == bundle.digest_of(bundle.play())
           and len(bundle.read_digest(digest)) == 3,
           "digest: as in the vectors")


def check_answers(tap):
    """What a run finds, between two sets in memory."""
    keys = [(hours, bytes([k]) * 16) for hours, k in
            ((5, 1), (5, 2), (6, 0), (7, 9))]
    ours, theirs, cleared = set(keys[:3]), {keys[0], keys[3]}, {keys[3]}
    first = reconcile.Answer(reconcile.opening_move(ours), theirs, set())
    listed = ranges.parse(first.ranges)
    tap.ok(len(listed) == 1 and listed[0][2] == ranges.ALL,
           "sets that differ are listed")
    found = reconcile.Answer(first.ranges, ours, cleared)
    tap.ok((found.push, found.want, found.tell_cleared, found.ranges)
           == ([keys[1], keys[2]], [], [keys[3]], []),
           "what one lacks is pushed, what is cleared is told")
    wanting = reconcile.Answer(first.ranges, ours, set())
    tap.ok(wanting.want == [keys[3]], "what is lacking is asked for")
    same = reconcile.Answer(reconcile.opening_move(ours), ours, set())
    tap.ok(same.ranges == [], "equal sets end at once")


def main():
    tap = Tap()
    folder = sys.argv[1]
    check_encodings(tap, os.path.join(folder, "encodings.txt"))
    check_sets(tap, os.path.join(folder, "sets.txt"))
    check_stamps(tap, os.path.join(folder, "stamps.txt"))
    check_answers(tap)
    check_groups(tap, os.path.join(folder, "groups.txt"))
    check_transcript(tap, os.path.join(folder, "transcript.txt"))
    check_beacon(tap, os.path.join(folder, "beacon.txt"))
    check_bundle(tap, os.path.join(folder, "bundle.txt"))
    check_crypto(tap, os.path.join(folder, "crypto.txt"))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
