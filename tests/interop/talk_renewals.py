# SPDX-License-Identifier: GPL-3.0-or-later
"""A real sottod's newer card is found by Python, and ours by it.  Prints TAP.

usage: talk_renewals.py RELAY-ENDPOINT RITA-HOME
"""
import json
import sys
import time

import zmq

import card as cards
import letter as letters
import link as links
import renewal
from node import Node
from person import Person, now_h
from talk import WAIT_S, rows, sotto
from tap import Tap


class Renewals:
    def __init__(self, endpoint, home):
        self.tap, self.home = Tap(), home
        self.petra, self.paul = Person(), Person()
        self.node = Node([self.petra, self.paul])
        self.node.attach(links.dial(zmq.Context(), endpoint,
                                    time.monotonic() + WAIT_S))
        own = json.loads(sotto(home, "id", "--json"))
        self.rita = cards.from_text(own["card"]).check()
        self.rita_key = self.rita.fingerprint()

    def found(self):
        """Rita's renewals on our shelf: (week, envelope)."""
        expected = renewal.expected_tags(self.rita.address, now_h())
        return [(expected[one.tag], one) for one in self.node.shelf.values()
                if one.tag in expected]

    def shown(self, text):
        return text in [row["text"] for row in rows(self.home, "read", "--all",
                                                    "--peek")]

    def her_shelf(self):
        status = json.loads(sotto(self.home, "status", "--json"))
        return status["shelf"]["envelopes"]

    def hers(self):
        self.node.begin_run()
        self.tap.ok(self.node.run_until(self.found, WAIT_S)
                    and len(self.found()) == 1,
                    "who knows her address finds one renewal on the shelf")
        week, envelope = self.found()[0]
        card = renewal.open_renewal(self.rita.address, week, envelope)
        self.tap.ok(card.fingerprint() == self.rita_key
                    and card.prekey_id >= self.rita.prekey_id
                    and envelope.expires_h == card.prekey_expires_h,
                    "it opens, and is hers")
        sotto(self.home, "add", "petra", self.petra.card.text())
        self.petra.begin(card)
        made = self.petra.write(self.rita_key, "from your newer card")
        for one in (self.petra.knock(self.rita_key), made):
            self.node.submit(one)
        self.tap.ok(self.node.run_until(
            lambda: made[0].id() in self.node.cleared, WAIT_S)
            and self.shown("from your newer card"),
            "a first contact from it is opened by her")

    def ours(self):
        """Paul's first card is added; only the secrets of his second are
        there.  Petra's letter comes behind it, and so is a sign that it has
        come."""
        sotto(self.home, "add", "paul", self.paul.card.text())
        self.tap.ok(self.node.run_until(
            lambda: self.node.letters_to(self.petra, letters.WELCOME)
            and self.her_shelf() == 1, WAIT_S),
            "all is cleared but her own, which nobody else can clear")
        self.node.submit(self.paul.renew())
        self.tap.ok(self.node.run_until(
            lambda: self.her_shelf() == 2, WAIT_S),
            "our renewal reaches her node")
        self.node.submit(self.petra.write(self.rita_key, "behind it"))
        self.node.run_until(lambda: self.shown("behind it"), WAIT_S)
        sotto(self.home, "send", "paul", "-", text="to the newer card")
        self.tap.ok(self.node.run_until(
            lambda: [one.content for one in self.node.letters_to(
                self.paul, letters.TEXT)] == ["to the newer card"], WAIT_S),
            "and she writes to the prekey in it")

    def play(self):
        self.hers()
        self.ours()
        return self.tap.done()


def main():
    try:
        return Renewals(*sys.argv[1:3]).play()
    except Exception as error:  # pylint: disable=broad-except
        print(f"Bail out! {type(error).__name__}: {error}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
