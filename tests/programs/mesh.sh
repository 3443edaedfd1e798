#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Twelve nodes, each told of one other, find their neighbours by themselves; one
# that comes back, however it ended, knows where to go although nobody tells it.
# shellcheck source=tests/programs/lib.sh
. "${top_srcdir:-.}/tests/programs/lib.sh"

configure() { # configure NAME [ENDPOINT]
    mkdir -p "$home/$1"
    chmod 700 "$home/$1"
    {
        printf '[relay]\nmesh = on\n'
        [ -z "${2:-}" ] || printf 'connect = %s\n' "$2"
        printf '[vault]\npassphrase-cost = interactive\ncard-renewal = off\n'
    } >"$home/$1/sotto.conf"
}
why() { # why NAME WORD: how many links that are up are there for that reason
    json "$1" "sum(l['state'] == 'up' and l['why'] == '$2' for l in s['links'])"
}
has_why() { [ "$(why "$1" "$2")" -ge 1 ]; }
in_band() { # at least six, and no more than the band and those told to keep
    up=$(json "$1" 'sum(l["state"] == "up" for l in s["links"])')
    [ "$up" -ge 6 ] && [ "$up" -le 11 ]
}
all_in_band() {
    for node in $all; do
        in_band "$node" || { echo "$node: $up"; return 1; }
    done
}
knows() { [ "$(wc -l <"$home/$1/relay/peers")" -ge "$2" ]; }
delivered() { # delivered FROM TO TEXT
    sotto --home "$home/$1" send "$2" "$3" --wait delivered --timeout 60s
}

all="m0"
configure m0
person m0
known=$(endpoint m0)
for i in 1 2 3 4 5 6 7 8 9 10; do
    configure "m$i" "$known"
    start "m$i" --relay-only
    known=$(endpoint "m$i")
    all="$all m$i"
done
configure m11 "$known"
person m11
all="$all m11"
introduce m0 m11

ok "each of twelve nodes has neighbours in the band" until_true all_in_band
ok "the one that it was told of is pinned" has_why m5 pinned
ok "others were found" until_true has_why m11 found
ok "or came by themselves" until_true has_why m0 inbound
peers_say() { sotto --home "$home/$1" peers | grep -q " $2 "; }
ok "peers says so" peers_say m5 pinned
ok "a letter crosses" delivered m0 m11 "from one end to the other"

stop m7
ok "a node that stops leaves a list of those that it knows" knows m7 6
ok "which is for its person alone" \
    [ "$(stat -c %a "$home/m7/relay/peers")" = 600 ]
configure m7 # nobody any more
echo "nonsense" >>"$home/m7/relay/peers"
start m7 --relay-only
ok "it is back in the mesh, told of nobody" until_true in_band m7
ok "by what it remembers" until_true has_why m7 found
ok "a line of the list that makes no sense is named and passed over" \
    grep -q 'peers:[0-9]*: not tcp://' "$home/m7.log"
ok "those without their one other stay in the band" until_true all_in_band

# Whom a node knows is written while it runs, too.
is_known() { knows m8 1; }
ok "a node that runs has written down those that it knows" until_true is_known
stop m8 KILL
configure m8
start m8 --relay-only
ok "one that was killed is back in the mesh, told of nobody" \
    until_true in_band m8
ok "by what it remembers" until_true has_why m8 found
ok "and a letter crosses back" delivered m11 m0 "and back"

# A node that takes no part: it has the link that it was told of, and no other.
configure leaf "$(endpoint m3)"
sed -i 's/mesh = on/mesh = off/' "$home/leaf/sotto.conf"
start leaf --relay-only
ok "a node with mesh off is linked to whom it names" until_true links_up leaf 1
ok "and nobody else finds it" [ "$(json leaf 'len(s["links"])')" -eq 1 ]
ok "nor does its neighbour send it away" \
    [ "$(json leaf 's["links"][0]["state"]')" = up ]

done_testing
