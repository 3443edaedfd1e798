#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real nodes under sotto-sim: what they deliver, in groups and of files, too, what
# a crash and a partition do to them, and that nothing of them is left, however a
# run ends.  Runs that have nothing to do with each other go on at the same time.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"
# shellcheck source=tests/until.sh disable=SC1091
. "${top_srcdir:-.}/tests/until.sh"
build=${top_builddir:-.}
shaped=$build/tests/sim/sottod-shaped
pids= # of runs that have not been waited for
clean_up() {
    for pid in $pids; do
        kill -KILL "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
await() { # await PID: it can then belong to somebody else
    wait "$1" 2>/dev/null
    code=$?
    others=
    for pid in $pids; do
        [ "$pid" -eq "$1" ] || others="$others $pid"
    done
    pids=$others
    return $code
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

refuses() { # refuses WORDS OPTION...: live says so, before any node starts
    words=$1
    shift
    TMPDIR=$work/none "$sim" live "$work/small.conf" "$@" >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -qF -e "$words" "$work/out"
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/out"
    ok $result "refused: $words"
}
member() { # member FILE EXPRESSION: of its JSON, bound to s
    python3 -c "import json, sys
s = json.load(open(sys.argv[1]))
sys.exit(not ($2))" "$1"
}

# begin NAME OPTION...: a small run with homes of its own, in the background.
cat >"$work/small.conf" <<'END'
[mesh]
nodes = 8
topology = random-regular
degree = 4
duration = 60s
start = 0
[links]
latency = 0
jitter = 0
[workload]
letters = 6
pairs = 2
first = 500ms
over = 1s
[expect]
delivered >= 1.0
latency_p99 <= 50s
hops_last <= 1
END
conf=small
begin() {
    name=$1
    shift
    mkdir "$work/$name"
    TMPDIR=$work/$name "$sim" live "$work/$conf.conf" --json \
        --out "$work/$name.out" "$@" >"$work/$name.json" \
        2>"$work/$name.err" &
    pid=$!
    pids="$pids $pid"
}
finish() { # finish NAME PID CODE WHAT: it ends so, and leaves nothing
    await "$2"
    code=$?
    [ "$code" -eq "$3" ] || { echo "# exit $code"
        sed 's/^/# /' "$work/$1.err" "$work/$1.json"; }
    [ "$code" -eq "$3" ]
    ok $? "$4"
    is_gone "$1"
    ok $? "and leaves no folder and no process behind"
}
# The nodes of a run have its folder in their command line.
runs() { grep -qslF -e "$work/$1/sotto-live" /proc/[0-9]*/cmdline; }
is_gone() { [ -z "$(ls "$work/$1")" ] && ! runs "$1"; }
has_nodes() { ls "$work/$1"/sotto-live.*/*/run/relay.sock >/dev/null 2>&1; }

begin plain --sottod "$shaped" --set links.latency=5ms --set links.jitter=5ms \
    --set mesh.duration=4min
plain=$pid
# Four people who make a group, and some who send each other files.
cat >"$work/company.conf" <<'END'
[mesh]
nodes = 8
topology = random-regular
degree = 4
duration = 4min
start = 0
[links]
latency = 5ms
jitter = 5ms
[workload]
letters = 2
pairs = 2
first = 500ms
over = 1s
groups = 1
group_size = 4
group_letters = 4
files = 2
file_size = 1kB
file_size_most = 200kB
[expect]
delivered >= 1.0
group_delivered >= 1.0
file_delivered >= 1.0
END
company() { # company NAME OPTION...: as begin
    conf=company
    begin "$@" --sottod "$shaped"
    conf=small
}
company company
company=$pid
begin crash --set links.latency=5ms --set faults.crash_at=1s --set faults.crash_for=1s \
    --set faults.crash_share=0.3 --set faults.crash_disk=lost \
    --set mesh.duration=4min --set workload.groups=1 \
    --set workload.group_size=3 --set workload.group_letters=3 \
    --set workload.files=2
crash=$pid
begin churn --set workload.letters=10 --set workload.over=5s --set churn.from=1s \
    --set churn.session=3s --set churn.downtime=1s --set churn.until=6s
churn=$pid
begin slow --sottod "$shaped" --set faults.slow_share=0.25 \
    --set faults.slow_bandwidth=20kB
slow=$pid
company stopped --set workload.first=3min # nothing is written before that
stopped=$pid
begin killed --set workload.letters=0
killed=$pid
begin kept --set workload.letters=0 --set mesh.duration=1s --keep
kept=$pid
# Clocks that are off, where something can put them off.
clocks=
if sanitized; then
    clocks_why="what is preloaded gets in a sanitizer's way"
elif ! find /usr/lib* -path '*/faketime/libfaketimeMT.so.1' 2>/dev/null |
    grep -q .; then
    clocks_why="there is no libfaketime here"
else
    begin clocks --set faults.skew_share=0.5 --set faults.skew=30min \
        --set faults.crash_at=2s --set faults.crash_for=1s \
        --set faults.crash_share=1.0
    clocks=$pid
fi
netns=
if [ "$(id -u)" -ne 0 ]; then
    why="only root can make network namespaces"
elif ! unshare -n sh -c 'ip link add br0 type bridge && ip link add v0 type veth &&
    nft add table ip t' >/dev/null 2>&1; then
    why="ip, nft, or what they need of the kernel, is not here"
else
    begin netns --netns --set faults.partition_at=300ms \
        --set faults.partition_for=2s
    netns=$pid
fi

# What cannot be is said before anything is started.
mkdir "$work/none"
refuses '--set: [adversaries] droppers: real nodes are honest' \
    --set adversaries.droppers=0.5
refuses '--set: [mobility] model: real nodes do not move' \
    --set mobility.model=walk
refuses '[faults] skew_at: clocks of real nodes are off from their start' \
    --set faults.skew_share=0.5 --set faults.skew_at=1s
refuses 'real nodes are parted with --netns only' \
    --set faults.partition_for=10s
refuses '--sottod: /nowhere: No such file' --sottod /nowhere
refuses '--jobs: "0" is not a number from 1 to 256' --jobs 0
refuses '--wire is no option of live' --wire
prlimit --nofile=70 "$sim" live "$work/small.conf" >"$work/out" 2>&1
[ $? -eq 1 ] &&
    grep -qF '8 nodes need 96 open files here, and 70 are allowed' "$work/out"
ok $? "refused: more nodes than there can be descriptors for"
"$sim" run street --netns >"$work/out" 2>&1
[ $? -eq 1 ] && grep -qF -e '--netns is no option of run' "$work/out"
ok $? "and live's own options are live's alone"

if [ "$(id -u)" -eq 0 ]; then
    mkdir "$work/path"
    PATH=$work/path "$sim" live "$work/small.conf" --netns >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -qF -e '--netns: ip: No such file' "$work/out"
else
    "$sim" live "$work/small.conf" --netns >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -qF -e '--netns: only root' "$work/out"
fi
ok $? "namespaces need what they need"

# A node for people takes no shape of links from anybody.
shapes=False
if "$build/sottod" --home / --link-shape latency_us=1 --check-config \
    >"$work/out" 2>&1; then
    shapes=True
    count=$((count + 1))
    echo "ok $count - a shape is refused # SKIP built with --enable-link-shape"
else
    grep -qF 'built without --enable-link-shape' "$work/out"
    ok $? "a sottod of a normal build refuses a shape of its links"
    refuses 'cannot make a node slow' --set faults.slow_share=0.5
fi
"$shaped" --home / --link-shape latency_us=1 --check-config >/dev/null 2>&1
ok $? "and one for simulations takes it"

# A node that cannot run.
printf '#!/bin/sh\necho "it went boom"\nexit 1\n' >"$work/sottod"
chmod +x "$work/sottod"
begin boom --sottod "$work/sottod"
finish boom "$pid" 5 "a node that ends by itself fails a run"
grep -q 'it went boom' "$work/boom.err" &&
    grep -q 'it went boom' "$work"/boom.out/node-*.log &&
    member "$work/boom.json" 's["verdict"] == "failed"'
ok $? "and what it said is shown, and kept"

# However a run ends, nothing of it stays.
until_true has_nodes stopped && kill -TERM "$stopped"
finish stopped "$stopped" 5 "an interrupt ends a run"
member "$work/stopped.json" 's["verdict"] == "partial"'
ok $? "with the results so far"
until_true has_nodes killed && kill -KILL "$killed"
await "$killed"
until_true is_gone killed
ok $? "one that is killed leaves no folder and no process behind"

await "$kept" &&
    grep -q '^peer-rate = 65536$' "$work"/kept/sotto-live.*/7/sotto.conf &&
    grep -qF "the nodes' files are in $work/kept/sotto-live" \
        "$work/kept.err" && ! runs kept
ok $? "the nodes' files can be kept, and are named"

finish plain "$plain" 0 "real nodes deliver every letter"
member "$work/plain.out/summary.json" 's["letters"]["shown"] == 6 and
s["letters"]["receipts"] == 6 and s["nodes"] == 8 and s["links"] == 16 and
s["live"]["left_out"] == [] and s["live"]["busy_ms"] > 0 and
s["kinds"]["push"]["bytes"] > 6 * 7 * 500 and
s["payloads"]["new"] >= 6 * 7 and s["violations"] == 0 and
s["latency_ms"]["p50"] > 10 and "trace_hash" not in s and
[e["held"] for e in s["expectations"]] == [True, True, None]'
ok $? "and say what they did"
member "$work/plain.out/summary.json" 's["real_seconds"] < 240'
ok $? "it ends when they have all come, and shelves are clear"
[ "$(wc -l <"$work/plain.out/letters.csv")" -eq 7 ]
ok $? "a row a letter"
"$sim" run "$work/small.conf" --set links.latency=5ms \
    --set links.jitter=5ms --set mesh.duration=4min --out "$work/virtual" >/dev/null
cut -d, -f1-4 "$work/virtual/letters.csv" >"$work/letters"
cut -d, -f1-4 "$work/plain.out/letters.csv" | cmp -s - "$work/letters"
ok $? "the letters are those of a virtual run"
# How long they take is the machine's affair here; that they come is not.
"$sim" compare "$work/virtual" "$work/plain.out" --latency 100 \
    --redundancy 0.5 >"$work/out"
result=$?
[ $result -eq 0 ] || sed 's/^/# /' "$work/out"
ok $result "and so is what becomes of them"

finish company "$company" 0 "real people make groups, and send files"
member "$work/company.out/summary.json" 's["violations"] == 0 and
s["groups"]["seeing_all"] == 4 and s["groups"]["sent"] == 4 and
s["groups"]["copies"] == s["groups"]["shown"] == 12 and
s["groups"]["latency_ms"]["p50"] > 5 and
s["files"]["sent"] == s["files"]["whole"] == 2 and
[e["held"] for e in s["expectations"]] == [True, True, True]'
ok $? "each letter comes to each member, and each file whole"
[ "$(wc -l <"$work/company.out/groups.csv")" -eq 13 ] &&
    [ "$(wc -l <"$work/company.out/files.csv")" -eq 3 ]
ok $? "a row for each"
"$sim" run "$work/company.conf" --out "$work/people" >/dev/null
cut -d, -f1-5 "$work/people/groups.csv" >"$work/letters"
cut -d, -f1-5 "$work/company.out/groups.csv" | cmp -s - "$work/letters" &&
    cut -d, -f1-4 "$work/people/files.csv" >"$work/letters" &&
    cut -d, -f1-4 "$work/company.out/files.csv" | cmp -s - "$work/letters"
ok $? "groups, their letters and files are those of a virtual run"
"$sim" compare "$work/people" "$work/company.out" --latency 100 \
    --redundancy 0.5 >"$work/out"
result=$?
[ $result -eq 0 ] || sed 's/^/# /' "$work/out"
[ $result -eq 0 ] && grep -q '^  group_delivered .*ok$' "$work/out" &&
    grep -q '^  file_delivered .*ok$' "$work/out"
ok $? "and so is what becomes of them"

finish crash "$crash" 0 "nodes that crash, with their shelves, come back"
member "$work/crash.json" 's["letters"]["shown"] == 6 and
s["groups"]["shown"] == 6 and s["files"]["whole"] == 2 and
s["violations"] == 0 and
any("latency" in t for t in s["live"]["left_out"]) != '"$shapes"
ok $? "all that is sent arrives, and what is left out is said"
cut -d, -f2 "$work/crash.out/metrics.csv" | sort -n | sed -n 2p |
    grep -qx '[0-7]'
ok $? "and they were away"

finish churn "$churn" 0 "nodes that leave, and come back, lose no letter"
member "$work/churn.json" 's["letters"]["shown"] == 10 and s["violations"] == 0'
ok $? "while others write to them"
[ "$(cut -d, -f2 "$work/churn.out/metrics.csv" | sort -n | sed -n 2p)" -lt 8 ]
ok $? "and they were away, too"
finish slow "$slow" 0 "past slow nodes every letter arrives"
member "$work/slow.json" 's["letters"]["shown"] == 6 and
any("slow_bandwidth" in t for t in s["live"]["left_out"])'
ok $? "and what of them is not acted out is said"

if [ -n "$clocks" ]; then
    finish clocks "$clocks" 0 "past clocks that are off every letter arrives"
    member "$work/clocks.json" 's["letters"]["shown"] == 6 and
s["violations"] == 0 and [f["what"] for f in s["faults"]] == ["crash", "false clocks"]'
    ok $? "with the time of its writer, right or false"
    left=
    for file in /dev/shm/faketime_shm_*; do
        [ ! -e "$file" ] || kill -0 "${file##*_}" 2>/dev/null ||
            left="$left $file"
    done
    [ -z "$left" ]
    ok $? "and nothing of the library's stays$left"
else
    count=$((count + 1))
    echo "ok $count - false clocks # SKIP $clocks_why"
fi
if [ -n "$netns" ]; then
    finish netns "$netns" 0 "nodes in network namespaces are parted and meet"
    member "$work/netns.json" 's["letters"]["shown"] == 6 and
s["latency_ms"]["last"] > 1000'
    ok $? "letters across wait until then"
else
    count=$((count + 1))
    echo "ok $count - network namespaces # SKIP $why"
fi
done_testing
