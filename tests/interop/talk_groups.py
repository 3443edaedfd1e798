# SPDX-License-Identifier: GPL-3.0-or-later
"""Python people and a person on a real sottod are in groups together.  Prints
TAP.

usage: talk_groups.py RELAY-ENDPOINT ANNA-HOME
"""
import dataclasses
import json
import os
import sys
import time

import zmq

import card as cards
import group as groups
import letter as letters
import link as links
from circle import Member
from group_letter import Sender
from node import Node
from roster import Roster
from talk import WAIT_S, rows, sotto
from tap import Tap


class Groups:
    def __init__(self, endpoint, home):
        self.tap, self.home = Tap(), home
        self.petra, self.paul = Member(), Member()
        self.node = Node([self.petra, self.paul])
        self.node.attach(links.dial(zmq.Context(), endpoint,
                                    time.monotonic() + WAIT_S))
        own = json.loads(sotto(home, "id", "--json"))
        self.anna = cards.from_text(own["card"])
        self.anna_key = self.anna.check().fingerprint()

    # What is looked at.

    def ok_when(self, state, what):
        self.tap.ok(self.node.run_until(state, WAIT_S), what)

    def submit(self, made):
        """Whether what was made for Anna is proven to have come."""
        self.node.submit(made)
        id_ = made[0].id()
        return self.node.run_until(lambda: id_ in self.node.cleared, WAIT_S)

    def last(self, person, kind):
        got = self.node.letters_to(person, kind)
        return got[-1] if got else None

    def from_group(self, person):
        """(sender, view, text) of the letters that came through groups."""
        return [(taken.sender, taken.view, taken.letter.content)
                for who, taken in self.node.taken
                if who is person and taken.group]

    def texts(self, person):
        return [text for _, _, text in self.from_group(person)]

    def shown(self, text):
        return [row for row in rows(self.home, "read", "--all", "--peek")
                if row["text"] == text]

    def members(self, group="lantern"):
        return {bytes.fromhex(row["fingerprint"]): row["role"]
                for row in rows(self.home, "group", "members", group)}

    def in_outbox(self, id_):
        return next(row for row in rows(self.home, "outbox")
                    if row["id"] == id_)

    def anna_writes(self, text, group="lantern"):
        return json.loads(sotto(self.home, "group", "send", group, "-",
                                "--json", text=text))["id"]

    def confirm(self, person, id_):
        self.submit(person.say(self.anna_key, letters.GROUP_RECEIPT,
                               [bytes.fromhex(id_)]))

    # The chapters.

    def meet(self):
        for name, person in (("petra", self.petra), ("paul", self.paul)):
            sotto(self.home, "add", name, person.card.text())
            person.begin(self.anna)
            made = person.write(self.anna_key, f"{name} is here")
            self.tap.ok(self.submit(person.knock(self.anna_key))
                        and self.submit(made), f"{name} and Anna have met")

    def come_in(self):
        sotto(self.home, "group", "new", "lantern")
        sotto(self.home, "group", "add", "lantern", "petra")
        self.ok_when(lambda: self.last(self.petra, letters.GROUP_INVITE),
                     "Anna asks Petra in")
        invite = self.last(self.petra, letters.GROUP_INVITE)
        self.circle, join = self.petra.join(invite, self.anna_key)
        self.tap.ok(invite.content[1] == "lantern" and self.submit(join),
                    "Petra answers with a key for the group")
        self.ok_when(lambda: self.circle.roster.operations(),
                     "and is sent the group's operations")
        self.tap.ok(self.circle.roster.group == self.circle.id
                    and self.circle.roster.members() == {
                        self.anna_key: True, self.petra.fingerprint: False},
                    "from which both follow as members")
        sotto(self.home, "group", "add", "lantern", "paul")
        self.ok_when(lambda: self.last(self.paul, letters.GROUP_INVITE),
                     "Paul is asked in")
        self.pauls, join = self.paul.join(
            self.last(self.paul, letters.GROUP_INVITE), self.anna_key)
        self.submit(join)
        self.ok_when(lambda: len(self.circle.roster.members()) == 3
                     and len(self.pauls.roster.members()) == 3,
                     "and all hear of it")
        self.tap.ok(self.circle.roster.view() == self.pauls.roster.view(),
                    "with one view")

    def hers(self):
        """One envelope, which each opens, and none can clear."""
        id_ = self.anna_writes("one envelope for both")
        both = lambda: (self.texts(self.petra) == self.texts(self.paul)
                        == ["one envelope for both"])
        self.ok_when(both, "a letter of Anna's is opened by both")
        sender, view, _ = self.from_group(self.petra)[0]
        self.tap.ok(sender == self.anna_key
                    and view == self.circle.roster.view(),
                    "it is hers, under the view that they have")
        envelope = next(taken.id for who, taken in self.node.taken
                        if taken.group and who is self.petra)
        self.confirm(self.petra, id_)
        self.ok_when(lambda: self.in_outbox(id_)["delivered_to"] == 1,
                     "she is shown that one of two has it")
        self.tap.ok(envelope in self.node.shelf
                    and self.in_outbox(id_)["state"] == "handed",
                    "which clears nothing")
        self.confirm(self.paul, id_)
        self.ok_when(lambda: self.in_outbox(id_)["state"] == "delivered",
                     "and when both have said so, that it is delivered")
        self.ok_when(lambda: envelope in self.node.cleared,
                     "then she lets the opening go herself")
        self.submit(self.petra.tell_read(self.anna_key,
                                         [bytes.fromhex(id_)]))
        self.ok_when(lambda: self.in_outbox(id_)["read_by"] == 1,
                     "and who has read it")

    def ours(self):
        paul = self.paul.fingerprint
        self.petra.begin(self.paul.card)
        self.node.submit(self.petra.knock(paul))
        key_for_paul = self.petra.say(paul, letters.GROUP_KEY,
                                      self.circle.key())
        key_for_anna = self.petra.say(self.anna_key, letters.GROUP_KEY,
                                      self.circle.key())
        message_id, made = self.petra.write_to(self.circle, "before its key")
        self.node.submit(made)
        self.tap.ok(self.submit(key_for_anna),
                    "Petra's key for the group comes behind her letter")
        self.ok_when(lambda: self.shown("before its key"),
                     "which is then found, and shown")
        row = self.shown("before its key")[0]
        self.tap.ok((row["from"], row["group"], row["view"])
                    == ("petra", "lantern", "current")
                    and len(self.shown("before its key")) == 1,
                    "once, with the group and its writer")
        self.ok_when(lambda: any(
            message_id in one.content for one in self.node.letters_to(
                self.petra, letters.GROUP_RECEIPT)),
            "she confirms it in a letter of her own")
        self.node.submit(key_for_paul)
        self.node.show_all(list(self.node.shelf.values()))
        self.tap.ok(self.texts(self.paul)[-1] == "before its key",
                    "and Paul, in a session from the card in the group, opens "
                    "it, too")
        late = self.petra.write_to(self.circle, "the second of two")[1]
        last = self.petra.write_to(self.circle, "the third of three")[1]
        self.node.submit(last)
        self.ok_when(lambda: self.shown("the third of three"),
                     "one that has overtaken another comes")
        self.node.submit(late)
        self.ok_when(lambda: self.shown("the second of two"),
                     "and so does the other")

    def forgeries(self):
        """None of these is shown or changes anything; a true one behind them
        is a sign that they have come."""
        unsigned = Sender(os.urandom, self.petra.fingerprint)
        hand = unsigned.hand_over()
        number, chain, tag, _ = self.circle.sender.hand_over()
        foreign = dataclasses.replace(self.circle, sender=unsigned)
        foreign.sender._sent = number
        foreign.sender._key, foreign.sender._tag_key = chain, tag
        self.node.submit(self.petra.write_to(foreign, "another's hand")[1])
        self.tap.ok(hand[3] != self.circle.sender.hand_over()[3],
                    "a letter on Petra's chain that Petra has not signed ...")
        mallory = self.paul.circles[self.circle.id]
        op = self.sign_anyway(mallory, groups.REMOVE, self.petra.fingerprint)
        self.submit(self.paul.say(self.anna_key, letters.GROUP_OPS,
                                  [self.circle.id, [op]]))
        self.node.submit(self.petra.write_to(self.circle, "the true one")[1])
        self.ok_when(lambda: self.shown("the true one"),
                     "... does no harm to the true one")
        self.tap.ok(not self.shown("another's hand"), "and is not shown")
        self.tap.ok(set(self.members()) == set(
            self.circle.roster.members()),
            "nor does who is no admin remove anybody")

    def sign_anyway(self, circle, kind, subject):
        """An operation that its author may not make."""
        class Lax(Roster):
            def _check_author(self, op, signature):
                pass
        lax = Lax()
        for one in circle.roster.operations():
            lax.take(one.encoding)
        return lax.sign(circle.signer, self.paul.fingerprint, kind,
                        subject).encoding

    def catching_up(self):
        first, *others = self.circle.roster.operations()
        self.submit(self.petra.say(self.anna_key, letters.GROUP_ASK,
                                   [self.circle.id, [first.hash]]))
        self.ok_when(lambda: set(self.last(
            self.petra, letters.GROUP_OPS).content[1]) == {
                one.encoding for one in others},
            "who asks for what is not before an operation is sent that")

    def going(self):
        old_view = self.pauls.roster.view()
        self.submit(self.paul.say(self.anna_key, letters.GROUP_KEY,
                                  self.pauls.key()))
        sotto(self.home, "group", "remove", "lantern", "paul")
        self.ok_when(lambda: len(self.circle.roster.members()) == 2
                     and len(self.pauls.roster.members()) == 2,
                     "Anna removes Paul, and both are told")
        self.anna_writes("without Paul")
        self.ok_when(lambda: self.texts(self.petra)[-1] == "without Paul",
                     "what she writes then Petra opens, by a fresh key")
        self.tap.ok("without Paul" not in self.texts(self.paul),
                    "and Paul does not")
        self.node.submit(self.paul.write_to(self.pauls, "not knowing",
                                            old_view)[1])
        self.ok_when(lambda: self.shown("not knowing"),
                     "a letter of his under the view of before comes")
        self.tap.ok(self.shown("not knowing")[0]["view"] == "old",
                    "and is shown as old")

    def founded_here(self):
        torch = self.petra.found("torch")
        self.submit(self.petra.say(self.anna_key, letters.GROUP_INVITE,
                                   [torch.id, "torch"]))
        self.ok_when(lambda: self.last(self.petra, letters.GROUP_JOIN),
                     "Petra asks Anna into a group of hers, and is answered")
        self.petra.add(torch, self.last(self.petra, letters.GROUP_JOIN),
                       "anna")
        self.submit(self.petra.tell_all(self.anna_key, torch))
        state = lambda: [row["state"] for row in rows(
            self.home, "group", "list") if row["name"] == "torch"]
        self.ok_when(lambda: state() == ["member"], "Anna is in")
        self.tap.ok(self.members("torch") == {
            self.petra.fingerprint: "admin", self.anna_key: "member"},
            "and finds the same members")
        self.anna_writes("in yours", "torch")
        self.ok_when(lambda: self.texts(self.petra)[-1] == "in yours",
                     "and writes there")
        sotto(self.home, "group", "leave", "torch")
        self.ok_when(lambda: self.petra.fingerprint in torch.roster.members()
                     and len(torch.roster.members()) == 1,
                     "and leaves, which Petra hears")

    def play(self):
        for chapter in (self.meet, self.come_in, self.hers, self.ours,
                        self.forgeries, self.catching_up, self.going,
                        self.founded_here):
            chapter()
        return self.tap.done()


def main():
    try:
        return Groups(*sys.argv[1:3]).play()
    except Exception as error:  # pylint: disable=broad-except
        print(f"Bail out! {type(error).__name__}: {error}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
