#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Proof of work between a real node, in its sandbox, and the implementation in
# Python, which prints the TAP.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

person anna

"$python" "$srcdir/tests/interop/talk_stamps.py" "$(endpoint anna)" \
    "$home/anna"
