#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# Two people write to each other through Tor: one is reached at a hidden service
# and nowhere else.  The Tor network is one of this machine's own, which needs
# the real tor and no internet; it takes a minute to come up.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

for program in tor tor-gencert; do
    command -v $program >/dev/null 2>&1 ||
        skip_all "needs $program (Debian: tor)"
done

person bo
port=$(json bo 's["node"]["endpoints"][0].split("#")[0].split(":")[-1]')
mkdir "$home/net"
bound python3 "$top_srcdir/tests/programs/tornet.py" "$home/net" "$port" \
    >"$home/net.log" 2>&1 &
echo $! >"$home/net.pid"
nodes="$nodes net"
ready() { test -s "$home/net/ready"; }
# Authorities agree every twenty seconds.
until_true ready || until_true ready || until_true ready || {
    tail -n 5 "$home"/net/*/log >"$home/tor.log"
    bail "the Tor network does not come up"
}
read -r socks onion <"$home/net/ready"

stop bo
start bo --listen "tcp://127.0.0.1:$port" --socks "127.0.0.1:$socks" \
    --advertise "tcp://$onion:7311"
unlock bo
person ann --socks "127.0.0.1:$socks"
introduce ann bo
ann() { verb=$1; shift; sotto --home "$home/ann" "$verb" "$@"; }
ok "a hidden service is advertised" test "$(endpoint bo)" = \
    "tcp://$onion:7311#$(json bo 's["node"]["key"]')"
ann connect "$(endpoint bo)"
ok "a letter goes through it, and is confirmed" \
    ann send bo "through a tunnel" --wait delivered --timeout 4m
ok "to whom it was written" has_text bo "through a tunnel"
ok "by one link" links_up ann 1
ok "which was dialled by that name" test \
    "$(json ann 's["links"][0]["endpoint"]')" = "tcp://$onion:7311"
ok "an answer comes back on it" sotto --home "$home/bo" send ann "so it is" \
    --wait delivered --timeout 2m
done_testing
