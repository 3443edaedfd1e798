#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A hundred real nodes on one machine make a mesh: each is told of one other, by
# `connect`, and finds its neighbours by itself (`mesh = on`).
#
#   hundred.sh [NODES [LETTERS]]        100 nodes and 20 letters
#
# Shows how many neighbours they have, sends letters between the two ends of the
# chain in which they were told of one another, stops a tenth of the nodes at
# once, and sends again.  Needs sotto, sottod and python3 on PATH, a loopback
# interface, and about 12 MiB of memory a node.  Ends with exit 0 only if all
# that it says was seen to hold.
set -eu

nodes=${1:-100}
letters=${2:-20}
home=$(mktemp -d "${TMPDIR:-/tmp}/sotto-hundred.XXXXXX")
stop_all() {
    for file in "$home"/*.pid; do
        [ ! -f "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
    done
    wait
    rm -rf "$home"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

fail() {
    printf 'hundred: %s\n' "$*" >&2
    for log in "$home"/*.log; do
        [ ! -s "$log" ] || { echo "--- $log"; tail -n 5 "$log"; } >&2
    done
    exit 1
}
of() { node=$1; shift; sotto --home "$home/$node" "$@"; }
endpoint() { of "$1" status --json |
    grep -o 'tcp://[^"]*#[0-9a-f]*' | head -n 1; }

configure() { # configure N [ENDPOINT]
    mkdir -p "$home/$1"
    chmod 700 "$home/$1"
    {
        printf '[relay]\nlisten = tcp://127.0.0.1:0\ndiscovery = off\n'
        printf 'mesh = on\n'
        [ -z "${2:-}" ] || printf 'connect = %s\n' "$2"
        printf '[vault]\npassphrase-cost = interactive\ncard-renewal = off\n'
    } >"$home/$1/sotto.conf"
}
start() { # start N [OPTION...]
    node=$1
    shift
    setpriv --pdeathsig TERM sottod --home "$home/$node" "$@" \
        >>"$home/$node.log" 2>&1 &
    echo $! >"$home/$node.pid"
    of "$node" wait-ready --timeout 60s || fail "node $node did not start"
}

# How many neighbours the living nodes have, as "least mean most total": links
# that are up, and not those of a node that is told only to stay.
degrees() {
    for file in "$home"/*.pid; do
        of "$(basename "$file" .pid)" peers --json
        echo
    done | python3 -c 'import json, sys
counts, now = [], 0
for line in sys.stdin:
    if not line.strip():
        counts.append(now)
        now = 0
    elif json.loads(line)["state"] == "up":
        now += 1
print(min(counts), "%.1f" % (sum(counts) / len(counts)), max(counts),
      len(counts))'
}
# Until each has as many as it can want: six, or all the others.
until_band() {
    tries=0
    while :; do
        found=$(degrees)
        least=${found%% *}
        [ "$least" -lt "$1" ] || break
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || fail "neighbours after all this time: $found"
        sleep 1
    done
    printf 'neighbours: least, mean, most, of nodes: %s\n' "$found"
}
delivered() { # delivered FROM TO TEXT
    of "$1" send "n$2" "$3" --wait delivered --timeout 120s >/dev/null ||
        fail "a letter from $1 to $2 was not delivered"
}
person() { # person N: give it an identity
    printf 'a passphrase of node %s\n' "$1" >"$home/$1.pass"
    chmod 600 "$home/$1.pass"
    of "$1" init --passphrase-file "$home/$1.pass" >/dev/null
    of "$1" unlock --passphrase-file "$home/$1.pass" >/dev/null
}

last=$((nodes - 1))
least=$((last < 6 ? last : 6))
began=$(date +%s)
configure 0
start 0
known=$(endpoint 0)
for i in $(seq 1 "$last"); do
    configure "$i" "$known"
    if [ "$i" -eq "$last" ]; then start "$i"; else start "$i" --relay-only; fi
    known=$(endpoint "$i")
done
printf '%s nodes run, each told of one other, after %s s\n' \
    "$nodes" $(($(date +%s) - began))
until_band "$least"
printf 'in the band after %s s\n' $(($(date +%s) - began))
of 0 peers | head -n 8

person 0
person "$last"
of 0 id >"$home/card.0"
of "$last" id >"$home/card.last"
of 0 add "n$last" "$(cat "$home/card.last")" >/dev/null
of "$last" add n0 "$(cat "$home/card.0")" >/dev/null
for i in $(seq 1 "$letters"); do
    delivered 0 "$last" "letter $i"
done
printf '%s letters delivered from one end of the chain to the other\n' \
    "$letters"

gone=$((nodes / 10))
for i in $(seq 1 "$gone"); do
    node=$((i * (last - 1) / (gone + 1)))
    [ "$node" -gt 0 ] || node=1
    [ -f "$home/$node.pid" ] || continue
    kill -KILL "$(cat "$home/$node.pid")"
    rm -f "$home/$node.pid"
done
delivered "$last" 0 "a letter past those who are gone"
printf 'a letter delivered after %s nodes were killed\n' "$gone"
until_band "$least"
