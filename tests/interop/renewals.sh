#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Cards that renew themselves, between a real node and the implementation in
# Python, which prints the TAP.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

start relay --relay-only
relay=$(endpoint relay)
mkdir -p "$home/rita"
chmod 700 "$home/rita"
printf '[vault]\npassphrase-cost = interactive\n' >"$home/rita/sotto.conf"
person rita --connect "$relay"

"$python" "$srcdir/tests/interop/talk_renewals.py" "$relay" "$home/rita"
