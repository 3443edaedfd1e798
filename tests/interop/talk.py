# SPDX-License-Identifier: GPL-3.0-or-later
"""Python people and a person on a real sottod exchange letters.  Prints TAP.

usage: talk.py RELAY-ENDPOINT RELAY-HOME ANNA-HOME

Anna lives on a node of her own, which knows only the relay, as we do.
"""
import dataclasses
import json
import os
import subprocess
import sys
import time

import zmq

import card as cards
import letter as letters
import link as links
from envelope import class_for
from frame import DISCONNECT, PING, PUSH, RECEIPT
from node import Node
from person import Person
from tap import Tap

REASON_MISBEHAVIOUR = 4
WAIT_S = 60


def sotto(home, *arguments, text=None):
    done = subprocess.run(["sotto", "--home", home, *arguments], input=text,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"sotto {arguments[0]}: {done.stderr}")
    return done.stdout


def rows(home, *arguments):
    return [json.loads(line)
            for line in sotto(home, *arguments, "--json").splitlines()]


class Talk:
    def __init__(self, endpoint, relay_home, anna_home):
        self.tap = Tap()
        self.endpoint, self.relay, self.home = (endpoint, relay_home,
                                                anna_home)
        self.context = zmq.Context()
        self.petra, self.paul = Person(), Person()
        self.mia, self.noa = Person(), Person()
        self.node = Node([self.petra, self.paul, self.mia, self.noa])
        own = json.loads(sotto(anna_home, "id", "--json"))
        self.anna = cards.from_text(own["card"])
        self.anna_key = self.anna.check().fingerprint()

    # What is looked at.

    def dial(self):
        return links.dial(self.context, self.endpoint,
                          time.monotonic() + WAIT_S)

    @staticmethod
    def first_of(link, kind):
        """The first frame of that kind on a link, or None."""
        deadline = time.monotonic() + WAIT_S
        frame = link.receive(deadline)
        while frame and frame[0] != kind:
            frame = link.receive(deadline)
        return frame

    def connect(self):
        self.link = self.dial()
        self.node.attach(self.link)

    def ok_when(self, state, what):
        self.tap.ok(self.node.run_until(state, WAIT_S), what)

    def shown_to_anna(self, text):
        """How often that text is in her inbox."""
        return [row["text"] for row in rows(self.home, "read", "--all",
                                            "--peek")].count(text)

    def last_from_her(self):
        """The text of the letter that Petra opened last."""
        return self.node.letters_to(self.petra, letters.TEXT)[-1].content

    def outbox_states(self, ids):
        states = {row["id"]: row["state"]
                  for row in rows(self.home, "outbox")}
        return [states[id_] for id_ in ids]

    def relay_status(self):
        return json.loads(sotto(self.relay, "status", "--json"))

    def anna_sends(self, name, text, *options):
        return json.loads(sotto(self.home, "send", name, "-", "--json",
                                *options, text=text))["id"]

    def submit_and_clear(self, made):
        """Whether the true opening comes back for it."""
        self.node.submit(made)
        id_ = made[0].id()
        return (self.node.run_until(lambda: id_ in self.node.cleared, WAIT_S)
                and self.node.cleared[id_][1] == made[1])

    # The chapters.

    def greeting(self):
        self.connect()
        self.tap.ok(True, "HELLO is the first frame each way, and names the "
                    "node that CURVE proved")
        self.link.send(PING, 2**63)
        self.ok_when(lambda: self.link.pongs() == [2**63],
                     "PONG has the nonce of the PING")

    def first_contact(self):
        sotto(self.home, "add", "petra", self.petra.card.text())
        shown = json.loads(sotto(self.home, "verify", "petra", "--json"))
        number = cards.safety_number(self.petra.card.fingerprint(),
                                     self.anna_key)
        self.tap.ok("".join(filter(str.isdigit, shown["number"])) == number,
                    "both see the same safety number")
        self.petra.begin(self.anna)
        texts = ["one: the heron", "two: the weir", "three: the lock"]
        made = [self.petra.write(self.anna_key, text) for text in texts]
        self.tap.ok(self.submit_and_clear(self.petra.knock(self.anna_key)),
                    "a first contact from Python is proven to have come")
        self.tap.ok(all([self.submit_and_clear(made[i]) for i in (2, 0, 1)]),
                    "three letters are proven, though the last came first")
        self.tap.ok([self.shown_to_anna(t) for t in texts] == [1, 1, 1],
                    "and each is shown, once")
        self.ok_when(lambda: self.node.letters_to(self.petra,
                                                  letters.WELCOME),
                     "a welcome comes for the first contact")
        self.first_letter = made[0]

    def repeats(self):
        self.tap.ok(self.submit_and_clear(self.petra.knock(self.anna_key)),
                    "the first contact again is proven again")
        self.tap.ok([row["session"] for row in rows(self.home, "contacts")]
                    == ["open"], "and the session is still the one there was")
        message_id = os.urandom(16)
        both = [self.petra.write(self.anna_key, "said twice", message_id)
                for _ in range(2)]
        self.tap.ok(all([self.submit_and_clear(one) for one in both]),
                    "a letter in two envelopes is proven for each")
        self.tap.ok(self.shown_to_anna("said twice") == 1,
                    "and shown once")

    def over_another_link(self):
        """An envelope that was cleared comes again, from somebody else."""
        envelope, opening = self.first_letter
        other = self.dial()
        other.send(PUSH, envelope.encode())
        answer = self.first_of(other, RECEIPT)
        self.tap.ok(answer == [RECEIPT, envelope.id(), opening],
                    "who offers what was cleared is given its receipt")
        other.close()

    def letters_back(self):
        texts = ["vier: die Schleuse", "fünf: das Wehr", "sechs: 🦆"]
        self.node.holding = True
        ids = [self.anna_sends("petra", text) for text in texts]
        self.ok_when(lambda: len(self.node.shelf) == 3,
                     "three letters of hers come, and wait")
        held = list(self.node.shelf.values())
        self.ok_when(lambda: self.outbox_states(ids) == ["handed"] * 3,
                     "she is shown that they were handed on, no more")
        self.node.holding = False
        self.node.show_all(reversed(held))
        got = [one.content for one in self.node.letters_to(self.petra,
                                                           letters.TEXT)]
        self.tap.ok(sorted(got) == sorted(texts),
                    "they open, though the last is opened first")
        self.tap.ok(not any(self.petra.take(one) for one in held),
                    "and none of them a second time")
        self.ok_when(lambda: self.outbox_states(ids) == ["delivered"] * 3,
                     "she is shown that each was delivered")

    def reading(self):
        last = self.node.letters_to(self.petra, letters.TEXT)[-1]
        self.submit_and_clear(self.petra.tell_read(self.anna_key,
                                                   [last.message_id]))
        self.ok_when(lambda: self.outbox_states([last.message_id.hex()])
                     == ["read"], "she is shown that one was read")
        sotto(self.home, "read")
        self.ok_when(lambda: self.node.letters_to(self.petra, letters.READ),
                     "Python is told that she read")

    def turns(self):
        came = []
        for turn in range(6):
            text = f"turn {turn}"
            self.tap.ok(self.submit_and_clear(
                self.petra.write(self.anna_key, text))
                and self.shown_to_anna(text) == 1, f"{text}: to her")
            self.anna_sends("petra", text)
            came.append(text)
            self.ok_when(lambda: [one.content for one in self.node.letters_to(
                self.petra, letters.TEXT)][3:] == came, f"{text}: from her")

    def exchange(self, text):
        """A letter each way, which is a step of the ratchet each way."""
        self.submit_and_clear(self.petra.write(self.anna_key, text))
        self.anna_sends("petra", text)
        self.ok_when(lambda: self.last_from_her() == text, f"{text} goes by")

    def across_turns(self):
        """The last letters of two chains come when the next have begun."""
        self.submit_and_clear(self.petra.write(self.anna_key, "a turn"))
        late = self.petra.write(self.anna_key, "late from us")
        self.anna_sends("petra", "her turn")
        self.ok_when(lambda: self.last_from_her() == "her turn", "a turn")
        self.node.holding = True
        self.anna_sends("petra", "late from her")
        self.ok_when(lambda: len(self.node.shelf) == 1,
                     "a letter of hers comes, and waits")
        held = list(self.node.shelf.values())
        self.node.holding = False
        self.exchange("another turn")
        self.exchange("and another")
        self.node.show_all(held)
        self.tap.ok(self.last_from_her() == "late from her",
                    "two chains later it opens")
        self.tap.ok(self.submit_and_clear(late)
                    and self.shown_to_anna("late from us") == 1,
                    "and so does one of ours, at her side")

    def sizes(self):
        for size in (1000, 5000, 24576):
            text = "ä" * (size // 2)
            made = self.petra.write(self.anna_key, text)
            self.tap.ok(self.submit_and_clear(made)
                        and self.shown_to_anna(text) == 1,
                        f"a letter of class {made[0].size_class}: to her")
            self.anna_sends("petra", text)
            self.ok_when(
                lambda: self.last_from_her() == text,
                f"a letter of class {class_for(text.encode())}: from her")

    def while_away(self):
        self.link.close()
        texts = ["while you were away", "and still"]
        ids = [self.anna_sends("petra", text, "--wait", "handed")
               for text in texts]
        self.connect()
        self.node.begin_run()
        self.ok_when(lambda: self.node.runs_ended == 1,
                     "a reconciliation begun by Python ends")
        self.ok_when(lambda: {one.content for one in self.node.letters_to(
            self.petra, letters.TEXT)} >= set(texts),
            "what it found comes, and opens")
        self.ok_when(lambda: self.outbox_states(ids) == ["delivered"] * 2,
                     "and is cleared")

    def she_begins(self):
        sotto(self.home, "add", "paul", self.paul.card.text())
        id_ = self.anna_sends("paul", "you do not know me")
        self.ok_when(lambda: [one.content for one in self.node.letters_to(
            self.paul, letters.TEXT)] == ["you do not know me"],
            "her first contact and letter are opened by Python")
        self.ok_when(lambda: self.outbox_states([id_]) == ["delivered"],
                     "she is shown that it was delivered")
        self.tap.ok(self.submit_and_clear(self.paul.welcome(self.anna_key)),
                    "a welcome from Python is proven to have come")
        self.submit_and_clear(self.paul.write(self.anna_key, "now I do"))
        self.tap.ok(self.shown_to_anna("now I do") == 1,
                    "and so is the answer, which she is shown")
        states = {row["name"]: row["session"]
                  for row in rows(self.home, "contacts")}
        self.tap.ok(states == {"petra": "open", "paul": "open"},
                    "both sessions are open")

    def both_begin(self, name, person, ours_is_lower):
        """First contacts cross; both sides settle on one session."""
        sotto(self.home, "add", name, person.card.text())
        self.node.holding = True
        self.anna_sends(name, "hers, crossing")
        self.ok_when(lambda: len(self.node.shelf) == 2,
                     "her first contact and letter come, and wait")
        held = list(self.node.shelf.values())
        self.node.holding = False
        hers = next(filter(None, map(person.ek_if_intro, held)))
        person.begin(self.anna, lambda ek: (ek < hers) == ours_is_lower)
        ours = person.written_on(self.anna_key)
        sent = [person.knock(self.anna_key),
                person.write(self.anna_key, f"ours, crossing {name}")]
        for made in sent:
            self.submit_and_clear(made)
        self.node.show_all(held)
        self.ok_when(lambda: [one.content for one in self.node.letters_to(
            person, letters.TEXT)] == ["hers, crossing"],
            "both begin at once: her letter comes, once")
        self.ok_when(lambda: self.node.letters_to(person, letters.WELCOME),
                     "and a welcome in our session")
        self.tap.ok(self.shown_to_anna(f"ours, crossing {name}") == 1,
                    "and ours to her")
        self.submit_and_clear(person.write(self.anna_key, "settled"))
        self.anna_sends(name, f"settled {name}")
        self.ok_when(lambda: self.node.letters_to(
            person, letters.TEXT)[-1].content == f"settled {name}",
            "letters go on")
        last = [taken for who, taken in self.node.taken if who is person][-1]
        self.tap.ok(last.ek == person.written_on(self.anna_key)
                    == min(hers, ours),
                    f"both write on that of the lower EK, "
                    f"{'ours' if ours_is_lower else 'hers'}")

    def crossing(self):
        self.both_begin("mia", self.mia, True)
        self.both_begin("noa", self.noa, False)

    def forgery(self):
        """A changed copy goes first, then the letter it was made from."""
        made = self.petra.write(self.anna_key, "the true one")
        body = bytearray(made[0].body)
        body[100] ^= 1
        forged = dataclasses.replace(made[0], body=bytes(body))
        self.node.submit((forged, None))
        self.tap.ok(self.submit_and_clear(made)
                    and self.shown_to_anna("the true one") == 1,
                    "a forged copy under the same tag does no harm")
        self.ok_when(lambda: self.relay_status()["shelf"]["envelopes"] == 1,
                     "the relay is left with the forgery and nothing else")

    def equal_sets(self):
        """Both shelves hold the forgery: one fingerprint says so."""
        before = self.node.runs_ended, self.node.ranges_seen
        self.node.begin_run()
        self.ok_when(lambda: self.node.runs_ended > before[0],
                     "a reconciliation of equal shelves ends")
        self.tap.ok(len(self.node.shelf) == 1
                    and self.node.ranges_seen == before[1],
                    "at once: the relay's fingerprint is ours")

    def dialled(self):
        """Her node dials us, and finds out what each of us lacks."""
        made = self.petra.write(self.anna_key, "fetched from our shelf")
        id_ = made[0].id()
        other = Node([])
        other.shelf[id_] = made[0]
        door = links.Door(self.context)
        sotto(self.home, "connect", door.endpoint)
        key = json.loads(sotto(self.home, "status", "--json"))["node"]["key"]
        other.attach(door.accept(bytes.fromhex(key),
                                 time.monotonic() + WAIT_S))
        self.tap.ok(other.run_until(lambda: other.runs_ended, WAIT_S),
                    "a reconciliation that sottod begins, having dialled, ends")
        self.tap.ok(other.run_until(lambda: id_ in other.cleared, WAIT_S)
                    and other.cleared[id_][1] == made[1]
                    and self.shown_to_anna("fetched from our shelf") == 1,
                    "it has asked for the letter that it lacked")
        self.tap.ok(other.run_until(lambda: len(other.shelf) == 1, WAIT_S),
                    "and given the envelope that we lacked")
        other.detach()

    def manners(self):
        self.link.send_bytes(bytes.fromhex("920f90"))
        self.link.send(PING, 7)
        self.ok_when(lambda: 7 in self.link.pongs(),
                     "a frame of an unknown type does no harm")
        before = self.relay_status()["refused"]
        self.tap.ok(before["malformed"] == before["false-receipt"]
                    == before["before-hello"] == 0
                    and before["unknown-type"] == 1,
                    "the relay had nothing else to complain of")
        rude = self.dial()
        rude.send_bytes(bytes.fromhex("92020700"))
        self.tap.ok(self.first_of(rude, DISCONNECT)
                    == [DISCONNECT, REASON_MISBEHAVIOUR],
                    "a malformed frame ends the link")
        self.link.close()

    def play(self):
        for chapter in (self.greeting, self.first_contact, self.repeats,
                        self.over_another_link, self.letters_back,
                        self.reading, self.turns, self.across_turns,
                        self.sizes,
                        self.while_away, self.she_begins, self.crossing,
                        self.forgery,
                        self.equal_sets, self.dialled,
                        self.manners):
            chapter()
        return self.tap.done()


def main():
    try:
        return Talk(*sys.argv[1:4]).play()
    except Exception as error:  # pylint: disable=broad-except
        print(f"Bail out! {type(error).__name__}: {error}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
