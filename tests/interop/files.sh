#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Files between a real node and the implementation in Python, which prints the
# TAP.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

start relay --relay-only
relay=$(endpoint relay)
person anna --connect "$relay"
mkdir "$home/files"

"$python" "$srcdir/tests/interop/talk_files.py" \
    "$relay" "$home/anna" "$home/files"
