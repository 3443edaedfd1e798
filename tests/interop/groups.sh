#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# People in Python, who were written from proto/README.md alone, in groups with
# a person on a real node.  The Python side prints the TAP.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

start relay --relay-only
relay=$(endpoint relay)
person anna --connect "$relay"

"$python" "$srcdir/tests/interop/talk_groups.py" "$relay" "$home/anna"
