#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# New links as fast as they can be had, from one address: most are refused, and
# counted; who comes from elsewhere is let in at once, and who is linked stays.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"

rate=4
saved_s=32 # TRANSPORT_GATE_BURST_S
has_ipv6_loopback() {
    python3 -c 'import socket
socket.socket(socket.AF_INET6).bind(("::1", 0))' 2>/dev/null
}
! has_ipv6_loopback || relay_options='--listen tcp://[::1]:0'
besiege "new-links = $rate"
elsewhere=$(json relay \
    '" ".join(e for e in s["node"]["endpoints"] if "[::1]" in e)')

newcomer_links() {
    [ -n "$elsewhere" ] || return 0
    start newcomer --relay-only --connect "$elsewhere"
    until_true links_up newcomer 1
}
while_held=newcomer_links
attack rush 600
ok "600 links in a row from one address do no harm" harmless
ok "no more are let in than its network may open" \
    at_most "$(fact linked)" $((rate * (saved_s + $(fact seconds))))
ok "and all the others are counted" \
    is $(($(refused new-links) + $(refused inbound-limit))) \
    $((600 - $(fact linked)))
report
claim="who comes from elsewhere is let in meanwhile"
if [ -n "$elsewhere" ]; then
    ok "$claim" links_up newcomer 1
else
    skip "$claim" "there is no IPv6 loopback here"
fi
start late --relay-only --connect "$relay"
ok "and from there, when it is over" until_true links_up late 1
done_testing
