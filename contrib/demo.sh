#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two people, three nodes, and a mesh: what Sotto is for, in a few minutes.
#
# Ada and Bo cannot reach each other; both reach a relay that can read nothing.
# Needs sotto, sottod and sotto-sim on PATH, and a loopback interface.  Ends
# with exit 0 only if everything that it says was seen to hold.
set -eu

home=$(mktemp -d "${TMPDIR:-/tmp}/sotto-demo.XXXXXX")
pids=
stop_all() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$home"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

step() { printf '\n== %s\n' "$*"; }
show() { # show COMMAND...: print it as a person would type it, then run it
    printf '$'
    for word in "$@"; do
        word=$(printf '%s' "$word" | sed "s|$home/||g")
        case $word in
        *' '*) printf " '%s'" "$word" ;;
        sotto:*) printf " '%.20s...'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}
fail() {
    printf 'demo: %s\n' "$*" >&2
    for log in "$home"/*.log; do
        printf '%s\n' "--- $log" >&2
        tail -n 20 "$log" >&2
    done
    exit 1
}

start() { # start NAME [OPTION...]: a node on a port of the system's choice
    name=$1
    shift
    sottod --home "$home/$name" --listen tcp://127.0.0.1:0 --no-discovery \
        "$@" >>"$home/$name.log" 2>&1 &
    pids="$pids $!"
    eval "pid_$name=$!"
    sotto --home "$home/$name" wait-ready --timeout 20s ||
        fail "$name did not start"
}
stop() { # stop NAME: as a person would, and wait until it is gone
    eval "pid=\$pid_$1"
    kill "$pid"
    wait "$pid" 2>/dev/null || true
    pids=$(printf '%s' "$pids" | sed "s/ $pid\$//; s/ $pid / /")
}
unlock() { sotto --home "$home/$1" unlock --passphrase-file "$home/$1.pass"; }
field() { # field NAME: the first string member of that name on stdin
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1
}
number() { sed -n "s/.*\"$1\": *\([0-9][0-9]*\).*/\1/p" | head -n 1; }
until_true() { # until_true TEXT COMMAND...: a state is waited for, not a time
    what=$1
    shift
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail "waited in vain: $what"
        sleep 0.1
    done
}

step "A relay, and two people who can reach only it"
start relay --relay-only
relay=$(sotto --home "$home/relay" status --json |
    grep -o 'tcp://[^"]*#[0-9a-f]*' | head -n 1)
[ -n "$relay" ] || fail "the relay has no endpoint"
echo "the relay listens at $relay"
for who in ada bo; do
    printf 'a passphrase for %s\n' "$who" >"$home/$who.pass"
    chmod 600 "$home/$who.pass"
    show sotto --home "$home/$who" init --passphrase-file "$home/$who.pass"
    start "$who" --connect "$relay"
    unlock "$who"
done

step "They exchange cards, by any means they like"
sotto --home "$home/ada" id >"$home/ada.card"
sotto --home "$home/bo" id >"$home/bo.card"
show sotto --home "$home/ada" add bo "$(cat "$home/bo.card")"
show sotto --home "$home/bo" add ada "$(cat "$home/ada.card")"

step "Letters, both ways, each proven by the recipient's own receipt"
secret='the harbour, at seven, by the blue boat'
show sotto --home "$home/ada" send bo "$secret" --wait delivered --timeout 60s
show sotto --home "$home/bo" read
show sotto --home "$home/bo" send ada 'seven it is' --wait delivered \
    --timeout 60s
show sotto --home "$home/ada" read

step "Bo stops; Ada writes, and stops too; the relay keeps the letter"
stop bo
show sotto --home "$home/ada" send bo 'wind from the north, come at eight' \
    --wait handed --timeout 60s
stop ada
start bo --connect "$relay"
unlock bo
bo_has_it() {
    sotto --home "$home/bo" read --all | grep -q 'wind from the north'
}
until_true "Bo reads what was written while he was away" bo_has_it
echo "Bo has it, and Ada's node is off:"
show sotto --home "$home/bo" read --all

step "The receipts clear the relay's shelf"
shelf_is_empty() {
    left=$(sotto --home "$home/relay" status --json |
        sed 's/.*"shelf"//' | number envelopes)
    [ "$left" -eq 0 ]
}
start ada --connect "$relay"
unlock ada
until_true "the relay's shelf is empty" shelf_is_empty
show sotto --home "$home/relay" status

step "The relay's files hold nothing readable"
for words in "$secret" 'seven it is' 'wind from the north'; do
    if grep -rlaF -e "$words" "$home/relay"; then
        fail "found '$words' in the relay's files"
    fi
done
echo "searched every file of the relay for what they wrote: nothing"

step "A simulated mesh of 300 nodes, 2 % loss, and a partition that heals"
sotto-sim run demo --seed 7 --nodes 300 --json >"$home/first.json" ||
    fail "the simulation failed: $(cat "$home/first.json")"
sotto-sim run demo --seed 7 --nodes 300 --json >"$home/second.json" ||
    fail "the simulation failed: $(cat "$home/second.json")"
first=$(field trace_hash <"$home/first.json")
second=$(field trace_hash <"$home/second.json")
echo "delivered $(grep -o '"delivered": *[0-9.]*' "$home/first.json" |
    sed 's/.*: *//') of all letters"
echo "trace hash, first run:  $first"
echo "trace hash, second run: $second"
if [ -z "$first" ] || [ "$first" != "$second" ]; then
    fail "two runs differ"
fi
grep -qE '"delivered": *1(\.0*)?[,}]' "$home/first.json" ||
    fail "not everything was delivered"

step "All of it held"
