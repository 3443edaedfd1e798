#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs the functions; python.sh sets python
# Mail carried on a stick between nodes that no link joins, both ways; and what
# becomes of a stick that was damaged, cut, mixed up or is full.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"
# shellcheck source=tests/interop/python.sh disable=SC1091
. "${top_srcdir:-.}/tests/interop/python.sh"

stick=$home/stick
mkdir "$stick"
person ann
person bo
start cid --relay-only
introduce ann bo
ann() { verb=$1; shift; sotto --home "$home/ann" "$verb" "$@"; }
bo() { verb=$1; shift; sotto --home "$home/bo" "$verb" "$@"; }
cid() { verb=$1; shift; sotto --home "$home/cid" "$verb" "$@"; }

# field FILE EXPRESSION: evaluate Python on JSON in a file, bound to s.
field() { python3 -c "import json; s = json.load(open('$1')); print($2)"; }
# imports NODE FILE CONDITION: what --json says of it, as Python.
imports() {
    "$1" bundle import "$2" --json >"$home/said" &&
        [ "$(field "$home/said" "$3")" = True ]
}
exports() { # exports NODE FILE CONDITION [OPTION...]
    node=$1 file=$2 condition=$3
    shift 3
    "$node" bundle export "$file" --json "$@" >"$home/said" &&
        [ "$(field "$home/said" "$condition")" = True ]
}

# A letter goes, by hand.
ann send bo "by hand, over the pass" >/dev/null
ok "a node's mail is written to a stick" \
    exports ann "$stick/out" 's["envelopes"] >= 2 and s["receipts"] == 0'
ok "and nothing else is left there" \
    test "$(find "$stick" -type f | wc -l)" = 1
is_clear() { grep -qaF "by hand" "$stick/out"; }
ok "who carries it cannot read it" exits 1 is_clear
if find_python "import msgpack, nacl, zmq"; then
    read_by_python() {
        "$python" "$srcdir/tests/interop/bundle.py" "$stick/out" |
            grep -c envelope
    }
    ok "another program reads the file" read_by_python
else
    skip "another program reads the file" "no python3 with nacl and msgpack"
fi
ok "where a file is, none is written" refuses 5 "is there already" \
    ann bundle export "$stick/out"
ok "nor where none can be" refuses 1 "cannot write" \
    ann bundle export "$stick/no/where"
ok "it is taken in elsewhere" imports bo "$stick/out" \
    's["envelopes"] >= 2 and s["fault"] == ""'
ok "and the letter is there" until_true has_text bo "by hand, over the pass"
ok "once more, all is known" imports bo "$stick/out" \
    's["envelopes"] == 0 and s["known"] == s["records"]'

# The receipt comes back, by hand.
state_is() { ann outbox --json | grep -q "\"state\":\"$1\""; }
ok "the sender knows nothing of it" state_is queued
# Of the first contact, and of the letter.
has_receipts() { [ "$(json bo 's["shelf"]["cleared"]')" -ge 2 ]; }
ok "the receipts are let go" until_true has_receipts
ok "a digest says what is there" ann bundle digest "$stick/ann.digest"
ok "so that the way back carries the rest" exports bo "$stick/back" \
    's["receipts"] >= 2' --since "$stick/ann.digest"
ok "which is taken in" imports ann "$stick/back" \
    's["receipts"] >= 1 and s["false_receipts"] == 0'
ok "and the letter is delivered" until_true state_is delivered
ok "cleared mail does not come back by an old stick" \
    imports ann "$stick/out" 's["envelopes"] == 0 and s["known"] >= 1'

# Differences.
cid bundle digest "$stick/cid.digest" >/dev/null
ok "a node that has nothing writes an empty bundle" exports cid "$stick/none" \
    's["bytes"] == 38'
ok "which is taken in, too" imports bo "$stick/none" \
    's["records"] == 0 and s["fault"] == ""'
ok "and leaves all to be brought" exports ann "$stick/all" \
    's["envelopes"] + s["receipts"] >= 1' --since "$stick/cid.digest"
ok "what is no digest is refused" refuses 5 "neither a digest nor a bundle" \
    ann bundle export "$stick/x" --since "$home/ann.pass"
head -c 40 "$stick/ann.digest" >"$stick/short.digest"
ok "so is one that is cut short" refuses 5 "cut short" \
    ann bundle export "$stick/x" --since "$stick/short.digest"
ok "--since is for export" refuses 1 "--since" \
    ann bundle import "$stick/out" --since "$stick/ann.digest"
ok "another word is refused" refuses 1 "export, import or digest" \
    ann bundle burn "$stick/out"
ok "and nothing of all that is left behind" \
    exits 1 test -e "$stick/x"

# Locked, and without a vault: three letters by way of a relay.
for i in 1 2 3; do ann send bo "letter $i of three" >/dev/null; done
ann lock
ok "a locked node writes bundles" exports ann "$stick/three" \
    's["envelopes"] >= 3'
ok "a node without a vault takes them in" imports cid "$stick/three" \
    's["envelopes"] >= 3'
ok "and writes them" exports cid "$stick/carried" 's["envelopes"] >= 3'
ok "a bundle stands for who took it in" exports cid "$stick/since" \
    's["envelopes"] == 0 and s["receipts"] == 0' --since "$stick/carried"
bo lock
ok "a locked node takes them in" imports bo "$stick/carried" \
    's["envelopes"] >= 3'
unlock bo
ok "and hands them over once unlocked" until_true has_text bo "letter 3 of three"
stop cid
start cid --relay-only
ok "after a restart they are still carried" exports cid "$stick/again" \
    's["envelopes"] >= 3'

# Damage.
start dan --relay-only
dan() { verb=$1; shift; sotto --home "$home/dan" "$verb" "$@"; }
bend() { # bend FILE: one bit inside the second of its envelopes
    python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
at, seen = 15, 0
while seen < 2:
    start, size = at, int.from_bytes(data[at:at + 4], "big")
    seen += size > 500
    at += 20 + size
data[start + 300] ^= 1
open(sys.argv[1] + ".bent", "wb").write(data)' "$@"
}
size=$(stat -c %s "$stick/three")
bend "$stick/three"
# faulty FILE CONDITION: exit 5, and what it says as JSON
faulty() {
    dan bundle import "$1" --json >"$home/said" 2>"$home/words"
    [ $? -eq 5 ] && [ "$(field "$home/said" "$2")" = True ]
}
ok "a damaged record is named, and what is before it taken" \
    faulty "$stick/three.bent" 's["envelopes"] == 1 and "damaged" in s["fault"]
        and 15 < s["fault_at"] < '"$size"
ok "in words, too" grep -q "at byte [0-9]*: a record" "$home/words"
head -c $((size - 10)) "$stick/three" >"$stick/cut"
ok "so is where one is cut short" \
    faulty "$stick/cut" '"cut short" in s["fault"]'
has_three() { [ "$(json dan 's["shelf"]["envelopes"]')" -ge 3 ]; }
ok "what stood before it is there" has_three
cat "$stick/three" "$stick/three" >"$stick/twice"
ok "nothing may stand behind the end" \
    faulty "$stick/twice" '"behind the end" in s["fault"]'
head -c 15 "$stick/three" >"$stick/head"
ok "a head alone is cut short" faulty "$stick/head" 's["fault_at"] == 15'
{ cat "$stick/head"; printf '\377\377\377\377'; } >"$stick/bomb"
ok "a length that no record has is refused at once" \
    faulty "$stick/bomb" '"longer" in s["fault"]'
ok "what is no bundle is refused" refuses 5 "is no bundle" \
    dan bundle import "$home/ann.pass"
ok "a digest is told apart" refuses 5 "is a digest" \
    dan bundle import "$stick/ann.digest"
ok "an empty file is none" refuses 5 "is no bundle" dan bundle import /dev/null
ok "nor is a folder" refuses 1 "cannot read" dan bundle import "$stick"
ok "nor what is not there" refuses 1 "cannot open" \
    dan bundle import "$stick/nothing"
ok "the node goes on" dan wait-ready --timeout 30s
ok "and takes in what is whole" imports dan "$stick/three" 's["fault"] == ""'
stop dan
ok "no node, no bundle" refuses 2 "no node is running" dan bundle import "$stick/three"

# The bar is gone before the result stands in its place.
gone=$(printf '\r\033\\[K[^%%]*envelope')
on_terminal() {
    TERM=xterm python3 "$top_srcdir/tests/programs/terminal.py" run 80 24 \
        sotto --home "$home/cid" bundle "$1" "$2" >"$home/seen"
    cat "$home/seen"
    grep -q "% $3$gone" "$home/seen"
}
ok "on a terminal, one sees it being read" on_terminal import "$stick/all" read
ok "and written" on_terminal export "$stick/seen" written
is_narrow() {
    TERM=xterm python3 "$top_srcdir/tests/programs/terminal.py" run 30 24 \
        sotto --home "$home/cid" bundle export "$stick/narrow" |
        tr '\r\033' '[\n*]' | grep '^\[.*% written$' >"$home/bars"
    cat "$home/bars"
    [ -s "$home/bars" ] && ! grep -q '.\{30\}' "$home/bars"
}
ok "in one line of a narrow one, too" is_narrow

# A stick that is full.
if [ "$(id -u)" -eq 0 ] && mkdir "$home/small" &&
    mount -t tmpfs -o size=8k sotto "$home/small" 2>/dev/null; then
    dd if=/dev/zero of="$home/small/fill" bs=1k 2>/dev/null
    ok "a full stick is named" refuses 1 "No space left on device" \
        cid bundle export "$home/small/out"
    ok "and nothing is left on it" \
        test "$(find "$home/small" -type f | wc -l)" = 1
    umount "$home/small"
else
    skip "a full stick is named" "a small disk is not to be had here"
    skip "and nothing is left on it" "a small disk is not to be had here"
fi
start eve --relay-only
ok "what is left for later is told in its words" \
    shows "receipts without an envelope here, kept for a while" \
    sotto --home "$home/eve" bundle import "$stick/back"

done_testing
