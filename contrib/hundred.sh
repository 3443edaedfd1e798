#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A hundred real nodes on one machine make a mesh: each is told of one other, by
# `connect`, and finds its neighbours by itself (`mesh = on`).
#
#   hundred.sh [NODES [LETTERS]]        100 nodes and 60 letters
#
# Shows how many neighbours they have, sends letters between the two ends of the
# chain in which they were told of one another (as many again before, so that the
# trees have formed), and prints what these cost: copies of an envelope past the
# one that each node needs, bytes and processor time a delivered letter, of all
# nodes together, keeping their links included; beside them what flooding the
# same envelopes and receipts over the same links would have cost, which is
# calculated: each node sends each once to each neighbour but the one that it
# came from, in frames of the same size and of the same processor time.  Then a
# tenth of the nodes is stopped at once, and a letter sent again.
#
# One envelope in 512 goes over every link, to renew the trees: among few letters
# that alone, where it happens, is a tenth of a copy for each.
#
# Needs sotto, sottod and python3 on PATH, a loopback interface, and about 12 MiB
# of memory a node.  Ends with exit 0 only if all that it says was seen to hold,
# every letter was delivered, and of each envelope at most a tenth of a copy too
# many was sent.
set -eu

nodes=${1:-100}
letters=${2:-60}
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

# What all nodes have counted so far, a JSON object a line.
snapshot() {
    python3 - "$home" <<'EOT'
import glob, json, os, subprocess, sys

def processor_s(pid):
    """Of a node's processes; its supervisor does nothing."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    ticks = 0
    for child in children:
        with open(f"/proc/{child}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")

for path in sorted(glob.glob(sys.argv[1] + "/*.pid")):
    home = path.removesuffix(".pid")
    status = json.loads(subprocess.run(
        ["sotto", "--home", home, "status", "--json"], check=True,
        capture_output=True).stdout)
    with open(path, encoding="ascii") as file:
        used_s = processor_s(int(file.read()))
    shelf = status["shelf"]
    print(json.dumps({
        "known": sum(shelf[k] for k in ("envelopes", "cleared", "evicted")),
        "cleared": shelf["cleared"],
        "waiting": shelf["envelopes"] + shelf["hidden"],
        "links": sum(l["state"] == "up" for l in status["links"]),
        "traffic": status["traffic"], "processor_s": used_s}))
EOT
}
# Until all mail is cleared everywhere.  A node that an envelope had not reached
# by then is spared it: not all know equally many.
until_quiet() { # until_quiet FILE: the last snapshot
    tries=0
    while snapshot >"$1" && grep -qv '"waiting": 0,' "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || fail "$(grep -cv '"waiting": 0,' "$1") nodes \
have mail that is not cleared"
        sleep 1
    done
}
report() { # report BEFORE AFTER LETTERS
    python3 - "$@" <<'EOT'
import json, sys

before, after = ([json.loads(line) for line in open(path, encoding="ascii")]
                 for path in sys.argv[1:3])
letters = int(sys.argv[3])

def grown(value):
    return sum(map(value, after)) - sum(map(value, before))

def sent(*kinds, unit=""):
    return sum(grown(lambda n, k=k: n["traffic"].get(f"sent-{k}{unit}", 0))
               for k in kinds)

nodes = len(after)
kinds = {k.removeprefix("sent-") for n in after for k in n["traffic"]
         if k.startswith("sent-") and not k.endswith("-bytes")}
envelopes, receipts = (
    max(a[k] - b[k] for a, b in zip(after, before, strict=True))
    for k in ("known", "cleared"))
# Each knows its own without being sent them.
copies = sent("push") / (grown(lambda n: n["known"]) - envelopes) - 1
used_s, frames = grown(lambda n: n["processor_s"]), sent(*kinds)
carried = sent(*kinds, unit="-bytes")
# Over each link once each way, but for the way that it came.
ways = sum(n["links"] for n in after) - (nodes - 1)
flooded = ways * (envelopes + receipts)
flooded_bytes = ways * (
    envelopes * sent("push", unit="-bytes") / sent("push") +
    receipts * sent("receipt", unit="-bytes") / sent("receipt"))
rest = frames - sent("push", "receipt")
rest_bytes = carried - sent("push", "receipt", unit="-bytes")
print(f"{envelopes} envelopes and {receipts} receipts among {nodes} nodes:")
print(f"  copies too many, an envelope a node     {copies:8.3f}   flooding,"
      f" calculated {ways / (nodes - 1) - 1:8.3f}"
      f"   {'met' if copies <= 0.1 else 'MISSED'} (at most 0.1)")
print(f"  KiB sent a delivered letter             "
      f"{carried / letters / 1024:8.1f}   flooding, calculated "
      f"{(flooded_bytes + rest_bytes) / letters / 1024:8.1f}")
print(f"  ms of processor a delivered letter      "
      f"{used_s * 1000 / letters:8.1f}   flooding, calculated "
      f"{used_s / frames * (flooded + rest) * 1000 / letters:8.1f}")
sys.exit(copies > 0.1)
EOT
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
exchange() { # exchange TEXT: the letters, each end writing every second one
    for i in $(seq 1 "$letters"); do
        if [ $((i % 2)) -eq 1 ]; then
            delivered 0 "$last" "$1 $i"
        else
            delivered "$last" 0 "$1 $i"
        fi
    done
}
exchange 'before the trees have formed'
until_quiet "$home/before"
exchange letter
until_quiet "$home/after"
printf '%s letters delivered from one end of the chain to the other\n' \
    $((2 * letters))
good=0
report "$home/before" "$home/after" "$letters" || good=1

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
exit "$good"
