#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Proof of work between a real node, in its sandbox, and the implementation in
# Python, which prints the TAP.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

mkdir -m 700 "$home/anna"
printf '[relay]\nstamp-bits = 24\n[vault]\n%s\ncard-renewal = off\n' \
    'passphrase-cost = interactive' >"$home/anna/sotto.conf"
person anna

"$python" "$srcdir/tests/interop/talk_stamps.py" "$(endpoint anna)" \
    "$home/anna"
