# SPDX-License-Identifier: GPL-3.0-or-later
"""Files between Python and a real sottod, both ways.  Prints TAP.

usage: talk_files.py RELAY-ENDPOINT ANNA-HOME FOLDER
"""
import json
import os
import sys
import time

import zmq

import card as cards
import file as files
import letter as letters
import link as links
from node import Node
from person import Person
from talk import WAIT_S, rows, sotto
from tap import Tap


class Files:
    def __init__(self, endpoint, home, folder):
        self.tap, self.home, self.folder = Tap(), home, folder
        self.petra = Person()
        self.node = Node([self.petra])
        self.node.attach(links.dial(zmq.Context(), endpoint,
                                    time.monotonic() + WAIT_S))
        own = json.loads(sotto(home, "id", "--json"))
        self.anna = cards.from_text(own["card"])
        self.anna_key = self.anna.check().fingerprint()

    def ok_when(self, state, what):
        self.tap.ok(self.node.run_until(state, WAIT_S), what)

    def submit(self, made):
        """Whether she has it."""
        self.node.submit(made)
        id_ = made[0].id()
        return self.node.run_until(lambda: id_ in self.node.cleared, WAIT_S)

    def say(self, kind, content):
        return self.submit(self.petra.say(self.anna_key, kind, content))

    def of_kind(self, kind):
        return self.node.letters_to(self.petra, kind)

    def ends(self, message_id):
        return [one.content[1] for one in self.of_kind(letters.FILE_DONE)
                if one.content[0] == message_id]

    def listed(self, name):
        found = [row for row in rows(self.home, "file", "list")
                 if row["name"] == name]
        return found[-1] if found else None

    def offer(self, name, data, change=lambda content: None):
        """Send a FILE; its id."""
        content = files.offer("look at this", name, data)
        change(content)
        message_id = os.urandom(16)
        made = self.petra.say_as(self.anna_key, letters.FILE, content,
                                 message_id)
        self.tap.ok(self.submit(made), f"{name!r} is offered to her")
        return message_id

    # The chapters.

    def meeting(self):
        sotto(self.home, "add", "petra", self.petra.card.text())
        self.petra.begin(self.anna)
        self.submit(self.petra.knock(self.anna_key))
        self.tap.ok(self.submit(self.petra.write(self.anna_key, "hello")),
                    "they can write to each other")

    def to_her(self):
        data = os.urandom(2 * files.PART_BYTES + 77)
        message_id = self.offer("from python.bin", data)
        self.tap.ok(all([self.say(letters.FILE_PART,
                                  files.part(message_id, data, number))
                         for number in (2, 0, 1, 0)]),
                    "parts are taken in any order, and twice")
        self.ok_when(lambda: self.ends(message_id) == [letters.WHOLE],
                     "she says that the file is whole, once")
        path = os.path.join(self.folder, "got")
        sotto(self.home, "file", "get", message_id.hex(), path)
        with open(path, "rb") as got:
            self.tap.ok(got.read() == data, "and has the bytes that were sent")
        empty = self.offer("empty", b"")
        self.ok_when(lambda: self.ends(empty) == [letters.WHOLE],
                     "an empty file is whole at once")

    def refusals(self):
        data = os.urandom(9)
        bad = self.offer("../up", data)
        self.ok_when(lambda: self.ends(bad) == [letters.BAD_NAME],
                     "a name that is a path is refused")

        def claim(content):
            content[2] = 2**20 + 1
        large = self.offer("large", data, claim)
        self.ok_when(lambda: self.ends(large) == [letters.BAD_SIZE],
                     "and a size that its parts do not come to")
        lost = os.urandom(16)
        self.say(letters.FILE_PART, [lost, 0, b"x"])
        self.ok_when(lambda: self.ends(lost) == [letters.DROPPED],
                     "a part of no file is said to be dropped")

        def bend(content):
            content[3] = bytes(32)
        bent = self.offer("bent", data, bend)
        self.say(letters.FILE_PART, files.part(bent, data, 0))
        self.ok_when(lambda: self.ends(bent) == [letters.DAMAGED],
                     "parts that are not the whole's are damaged")
        taken_back = self.offer("taken back", data)
        self.say(letters.FILE_DONE, [taken_back, letters.DROPPED])
        self.ok_when(lambda: self.listed("taken back")["state"]
                     == "cancelled", "one can be taken back")

    def send(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data)
        sent = json.loads(sotto(self.home, "send", "petra", "--file", path,
                                "--json"))
        return bytes.fromhex(sent["id"])

    def arriving(self, message_id):
        found = [one for one in self.of_kind(letters.FILE)
                 if one.message_id == message_id]
        arriving = files.Arriving(found[0])
        for one in self.of_kind(letters.FILE_PART):
            if one.content[0] == message_id:
                arriving.take(one)
        return arriving

    def has_come(self, message_id):
        return (any(one.message_id == message_id
                    for one in self.of_kind(letters.FILE))
                and self.arriving(message_id).whole() is not None)

    def from_her(self):
        data = os.urandom(3 * files.PART_BYTES + 1)
        message_id = self.send("from sottod.bin", data)
        self.ok_when(lambda: self.has_come(message_id),
                     "a file of hers comes to Python")
        arriving = self.arriving(message_id)
        self.tap.ok(arriving.whole() == data and arriving.refused == 0
                    and arriving.fits() and arriving.name == "from sottod.bin",
                    "whole, and as its letter says")
        self.ok_when(lambda: self.listed("from sottod.bin")["done"]
                     == len(data), "she is shown that all of it was confirmed")
        self.tap.ok(self.listed("from sottod.bin")["state"] == "sending",
                    "which is not yet delivered")
        self.say(letters.FILE_DONE, [message_id, letters.WHOLE])
        self.ok_when(lambda: self.listed("from sottod.bin")["state"]
                     == "delivered", "until it is said to be whole")
        zeros = bytes(5 * files.PART_BYTES)
        message_id = self.send("zeros.bin", zeros)
        self.ok_when(lambda: self.has_come(message_id)
                     and self.arriving(message_id).whole() == zeros,
                     "of equal parts one comes, and stands for all")
        self.tap.ok(len([one for one in self.of_kind(letters.FILE_PART)
                         if one.content[0] == message_id]) == 1,
                    "and no other")
        self.say(letters.FILE_DONE, [message_id, letters.NO_ROOM])
        self.ok_when(lambda: self.listed("zeros.bin")["reason"] == "room",
                     "and one for which there is no room is shown as that")

    def play(self):
        for chapter in (self.meeting, self.to_her, self.refusals,
                        self.from_her):
            chapter()
        return self.tap.done()


def main():
    try:
        return Files(*sys.argv[1:4]).play()
    except Exception as error:  # pylint: disable=broad-except
        print(f"Bail out! {type(error).__name__}: {error}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
