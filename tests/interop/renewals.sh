#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Cards that renew themselves, between a real node and the implementation in
# Python, which prints the TAP.  The node's vault was made by sottod in October
# 2026, so its first card has run out, whenever this is.
. "${srcdir:-.}/tests/interop/python.sh"
. "${srcdir:-.}/tests/programs/lib.sh"

find_python "import msgpack, nacl, zmq" ||
    skip_all "no python3 with nacl, msgpack and zmq"

start relay --relay-only
relay=$(endpoint relay)
mkdir -p "$home/rita/vault"
chmod 700 "$home/rita" "$home/rita/vault"
for part in vault.db slots; do
    cat "$srcdir/tests/interop/old-vault/$part" >"$home/rita/vault/$part"
    chmod 600 "$home/rita/vault/$part"
done
printf '[vault]\npassphrase-cost = interactive\n' >"$home/rita/sotto.conf"
printf 'the passphrase of rita\n' >"$home/rita.pass"
chmod 600 "$home/rita.pass"
start rita --connect "$relay"
unlock rita || bail "an old vault did not open"

"$python" "$srcdir/tests/interop/talk_renewals.py" "$relay" "$home/rita"
