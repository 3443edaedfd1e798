#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What people and scripts see of sotto-sim: output, files, exit codes, mistakes.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

says 0 "sotto-sim run" "$sim" help
says 0 "sotto-sim run" "$sim" --help
says 0 "sotto-sim " "$sim" version
says 0 "run a scenario and judge it" "$sim" run --help
[ "$(grep -c '^  sotto-sim ' "$work/out")" -eq 1 ]
ok $? "what one verb takes"
says 1 'no verb "ruin"' "$sim" help ruin
"$sim" help | grep -q ' $'
[ $? -eq 1 ]
ok $? "no line of the help ends in a space"
# Each verb and option stands in each completion, and in the manual.
words=$("$sim" help | sed -n 's/^  sotto-sim \([a-z]*\).*/\1/p'
    "$sim" help | grep -oE -e '--[a-z]+(-[a-z]+)*' | sort -u)
missing=
for word in $words; do
    for file in sotto-sim.bash _sotto-sim sotto-sim.fish; do
        grep -qE -- "(^|-l |--|[^a-z-])${word#--}([^a-z-]|$)" \
            "${top_srcdir:-.}/contrib/completions/$file" ||
            missing="$missing $file:$word"
    done
    case $word in
    --*) want="Fl -${word#--}" ;;
    *) want="Cm $word" ;;
    esac
    grep -qF -- "$want" "${top_srcdir:-.}/man/sotto-sim.1" ||
        missing="$missing man:$word"
done
[ "$(echo "$words" | wc -l)" -ge 12 ] && [ -z "$missing" ]
ok $? "the completions and the manual have every verb and option$missing"
says 1 "needs a verb" "$sim"
says 1 'no verb "rum"; did you mean run?' "$sim" rum
says 1 "no verb \"frobnicate\" (\`sotto-sim help\` lists them)" "$sim" frobnicate
says 0 "demo        300 nodes" "$sim" list
"$sim" list | grep -v '\.$' >"$work/cut"
[ ! -s "$work/cut" ]
ok $? "what the list says of each is a whole sentence"
says 0 "12 nodes and 12 links in 1 part" "$sim" explain street
says 0 "loss            = 0.25" "$sim" explain street --set links.loss=0.25
says 1 "The ONE's experiment: a trace of contacts" "$sim" explain theone
says 1 "name one in the scenario, as trace = FILE" "$sim" explain theone
says 1 "no such scenario" "$sim" run nowhere
says 1 "did you mean street?" "$sim" run stret
says 1 "did you mean street?" "$sim" explain steret
says 1 "needs one scenario" "$sim" run
says 1 "No such file" "$sim" run ./nowhere.conf
says 1 "did you mean latency?" "$sim" run street --set links.latenzy=3ms
# What is without effect is said, and changes nothing; no scenario of ours has it.
says 0 '--set: [faults] partition_at: has no effect without a split, [faults]' \
    "$sim" run street --set faults.partition_at=9s
grep '^trace' "$work/out" >"$work/moot"
says 0 trace "$sim" run street
grep '^trace' "$work/out" | cmp -s - "$work/moot"
ok $? "and changes nothing"
for one in "$SOTTO_SCENARIOS"/*.conf; do
    "$sim" explain "$one" 2>&1 >/dev/null | grep 'has no effect'
done >"$work/moot"
[ ! -s "$work/moot" ]
ok $? "nothing in a scenario of ours is without effect"
# What is more than that is declined.
set -- run tree --nodes 20 --set workload.letters=60 --set workload.over=20s
"$sim" "$@" --set node.peer_rate=1KiB | grep -q '^  declined ' &&
    "$sim" "$@" | grep -c '^  declined ' | grep -qx 0
ok $? "a peer may push as much as the scenario says"
says 1 "[node] peer_rate: 100B is out of range; it can be 1KiB .. 1GiB" \
    "$sim" "$@" --set node.peer_rate=100B
says 1 '--seed: [mesh] seed: "abc"' "$sim" run street --seed abc
says 1 'sotto-sim: --bogus is no option of run' "$sim" run street --bogus
says 1 'sotto-sim: --seed needs a value' "$sim" run street --seed
says 1 'sotto-sim: -xyz is no option of run' "$sim" run street -xyz
says 1 'sotto-sim: --json is no option of explain' "$sim" explain street --json
says 1 '--threads: "0" is not a number from 1 to 64' \
    "$sim" run street --threads 0
says 1 '--threads is no option of live' "$sim" live --threads 2
says 1 "13 parts of a run need as many nodes; there are 12" \
    "$sim" run street --threads 13
says 0 "one thread, not 2: [links] latency is 0" \
    "$sim" run street --threads 2 --set links.latency=0
says 1 "--nodes: [mesh] nodes: 5 nodes cannot have 8 neighbours each" \
    "$sim" sweep demo --nodes 5
says 0 "1 of 1 runs passed" "$sim" sweep village --nodes 20 --crypto stub
says 1 "shrink needs a scenario that fails" \
    "$sim" shrink village --nodes 20 --seed 3 --crypto stub
says 1 "--nodes: [mesh] nodes: the file of links brings its own number" \
    "$sim" run street --nodes 50
says 1 "$work: cannot be read; a scenario is a text file" "$sim" run "$work"
printf '[mesh\nnodes = 10\n' >"$work/open.conf"
says 1 "$work/open.conf:1: this is neither [section]" \
    "$sim" run "$work/open.conf"
says 0 "crypto                stub: nothing was sealed" "$sim" run street --crypto stub
says 0 "crypto          = stub             *" "$sim" explain street --crypto stub
says 1 '--crypto: [node] crypto: "weak" is not one' \
    "$sim" run street --crypto weak
says 0 "crypto                none: there was no vault" "$sim" run street --crypto none
says 1 "[workload] groups: needs vaults" \
    "$sim" run street --crypto none --set workload.groups=1
says 1 "[workload] files: needs vaults" \
    "$sim" run street --crypto none --set workload.files=1
says 1 '--crypto is no option of live' "$sim" live --crypto stub
for crypto in stub none; do
    says 1 "[node] crypto: real nodes seal for real" \
        "$sim" live --set node.crypto=$crypto
done
says 1 "[workload] group_size: 13 people are needed" \
    "$sim" run street --set workload.groups=1 --set workload.group_size=13
says 0 "groups                1 of 3 people, 3 of 3 see all of theirs; 4 of 4 letters sent, 8 of 8 copies" \
    "$sim" run street --set workload.groups=1 --set workload.group_size=3 \
    --set workload.group_letters=4 --set workload.files=2 --out "$work/more"
grep -q 'files  .*2 of 2 sent, 2 came out whole' "$work/out"
ok $? "and files"
[ "$(wc -l <"$work/more/groups.csv")" -eq 9 ] &&
    [ "$(wc -l <"$work/more/files.csv")" -eq 3 ]
ok $? "with a row a copy, and a file"
says 0 "Groups: 1 of 3 people, each with 10 letters" "$sim" explain street \
    --set workload.groups=1 --set workload.group_size=3
says 1 "$work/open.conf/x: Not a directory" \
    "$sim" run street --out "$work/open.conf/x"
! grep -q passed "$work/out"
ok $? "and before the run"
cp "$work/more/summary.json" "$work/kept"
says 1 "$work/more: the results of a run are there; --force replaces them" \
    "$sim" run street --seed 2 --out "$work/more"
cmp -s "$work/more/summary.json" "$work/kept" && ! grep -q passed "$work/out"
ok $? "and stay, before anything is run"
says 0 "trace " "$sim" run street --seed 2 --out "$work/more" --force
! cmp -s "$work/more/summary.json" "$work/kept"
ok $? "which it does"
"$sim" sweep street --seeds 1:2 --out "$work/swept" >"$work/out"
says 1 "$work/swept: the results of a sweep are there; --force writes beside" \
    "$sim" run street --out "$work/swept"
printf '[mesh]\nnodes = 10\n\nnoodles = 3\n' >"$work/wrong.conf"
says 1 "$work/wrong.conf:4: [mesh] noodles: no such key; did you mean nodes?" \
    "$sim" run "$work/wrong.conf"
: >"$work/nothing.conf"
says 1 "$work/nothing.conf: sets nothing; a scenario has a section and a key" \
    "$sim" run "$work/nothing.conf"
printf '[mesh]\nnodes = 1\0000\n' >"$work/zero.conf"
says 1 "$work/zero.conf:2: has a zero byte" "$sim" run "$work/zero.conf"
printf '[mesh]\nnodes = 10\n\0\0\0' >"$work/zero.conf"
says 1 "$work/zero.conf:3: has a zero byte" "$sim" run "$work/zero.conf"
printf '[expect]\ndelivered <= 1.0\ndelivered >= 0.1\ndelivered >= 0.2\n' \
    >"$work/twice.conf"
says 1 "$work/twice.conf:4: [expect] delivered >=: stands in line 3 already" \
    "$sim" run "$work/twice.conf"
mkdir "$work/folder.csv"
printf '[mesh]\ntopology = file\nfile = folder.csv\n' >"$work/folder.conf"
says 1 "$work/folder.conf:3: [mesh] file: $work/folder.csv: Is a directory" \
    "$sim" run "$work/folder.conf"
: >"$work/none.msgs"
printf '[workload]\nmessages = none.msgs\n' >"$work/silent.conf"
says 1 "$work/silent.conf:2: [workload] messages: $work/none.msgs has no letter" \
    "$sim" run "$work/silent.conf"
for verb in 'run street' 'sweep street' 'fuzz --seeds 1'; do
    # shellcheck disable=SC2086 # words
    says 1 "$work/none.msgs: is no folder, as --out has to be" \
        "$sim" $verb --out "$work/none.msgs"
    # shellcheck disable=SC2086
    says 1 "$work/a/b: No such file or directory; the folder above it has to" \
        "$sim" $verb --out "$work/a/b"
done
says 1 '--out: "" is no folder' "$sim" run street --out ''
printf '[mesh]\nnodes = 5\ndegree = 3\n' >"$work/odd.conf"
says 1 "$work/odd.conf:3: [mesh] degree: 5 nodes with 3 neighbours each" \
    "$sim" run "$work/odd.conf"
printf '3 C M1 0 3 200\n' >"$work/early.msgs"
printf '[mesh]\nnodes = 4\ntopology = line\n[workload]\nurgent = 1.0\n%s\n' \
    'messages = early.msgs' >"$work/early.conf"
says 0 "held    hops_last >= 2" "$sim" run "$work/early.conf" \
    --set 'expect.hops_last>=2' --set 'expect.spread_last>=1ms'
printf '[mesh]\ntopology = file\nfile = no.csv\n' >"$work/file.conf"
says 1 "$work/no.csv: No such file" "$sim" run "$work/file.conf"

says 0 "passed" "$sim" run street --twice
grep -q '^  path_mean ' "$work/out" &&
    ! grep -qE '^  (degree_|in_band|components|healed)' "$work/out"
ok $? "what only membership has is not shown where there is none"
! grep -qE '^  (spy|flood)_' "$work/out"
ok $? "nor what comes of spies and floods"
! grep -qE '^  (eclipsed|liars_|invalid_|catchup_)' "$work/out"
ok $? "nor of enemies, liars and splits"
says 1 "--set: [expect] eclipsed: says nothing of a run without" \
    "$sim" run street --set 'expect.eclipsed<=0'
says 0 "skipped  spy_recall <= 0.15: says nothing without" \
    "$sim" run spies --nodes 40 --set adversaries.spies=0
says 0 "  eclipsed              0.0" "$sim" run street --set \
    adversaries.droppers=0.1 \
    --set "expect.eclipsed<=0.0"
says 0 "  invalid_work          " "$sim" run street \
    --set adversaries.replayers=0.1
says 0 "  spy_receipt_precision 0." "$sim" run street \
    --set adversaries.spies=0.2
awk '/^[^ ]/ { next } substr($0, 3, 22) !~ / $/ || substr($0, 25, 1) == " "' \
    "$work/out" >"$work/bent"
[ ! -s "$work/bent" ]
ok $? "all values stand in one column"
says 0 "  flood_taken           " "$sim" run street \
    --set adversaries.flooders=0.1
says 0 "  healed " "$sim" run join --nodes 20 --set workload.letters=2
says 5 "FAILED  latency_p50 <= 1 ms" "$sim" run street \
    --set "expect.latency_p50<=1ms"
"$sim" run street --json --out "$work/results" >"$work/json"
ok $? "a run writes its results"
[ "$(wc -l <"$work/json")" -eq 1 ]
ok $? "JSON is one line"
for member in '"verdict":"passed"' '"trace_hash":"' '"delivered":1.0' \
    '"latency_ms":{"p50":' '"p90":' '"p99":' '"last":' '"redundancy":' \
    '"events":' '"events_per_second":' '"peak_bytes":'; do
    grep -qF "$member" "$work/json"
    ok $? "with $member"
done
# Each measure that says something of the run, and no other.
measures() { # measures FILE: a line each, name value unit
    sed 's/.*"measures":{\(.*\)}},"letters".*/\1}/; s/},"/}\n"/g' "$1" |
        sed 's/^"*\([a-z0-9_]*\)":{"value":\([^,]*\),"unit":"\([a-z]*\)"}$/\1 \2 \3/'
}
measures "$work/json" >"$work/measures"
grep -qx 'delivered 1.0 share' "$work/measures" &&
    grep -qx 'redundancy [0-9.]* ratio' "$work/measures" &&
    grep -qx 'latency_p99 [0-9]*\.[0-9]* ms' "$work/measures" &&
    grep -qx 'node_bytes [0-9]* bytes' "$work/measures" &&
    grep -qx 'hops_last [0-9]* count' "$work/measures"
ok $? "with its measures, each with its unit"
[ "$(grep -cvx '[a-z0-9_]* [0-9.]* [a-z]*' "$work/measures")" -eq 0 ] &&
    ! grep -qE '^(spy|flood|group|file|eclipsed|healed)' "$work/measures"
ok $? "those that say something of it, and no other"
"$sim" run street --json --set adversaries.spies=0.2 \
    --set workload.files=1 >"$work/spied"
measures "$work/spied" | cut -d' ' -f1 >"$work/spied.names"
[ "$(grep -c '^spy_' "$work/spied.names")" -eq 4 ] &&
    [ "$(grep -c '^file_' "$work/spied.names")" -eq 5 ] &&
    [ "$(wc -l <"$work/spied.names")" -eq \
        $(($(wc -l <"$work/measures") + 9)) ]
ok $? "and more where there is more to say"
hash() { sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/'; }
[ "$(hash <"$work/json")" = "$(hash <"$work/results/summary.json")" ]
ok $? "summary.json says the same"
[ "$(wc -l <"$work/results/letters.csv")" -eq 21 ]
ok $? "letters.csv has a row a letter"
head -n 1 "$work/results/metrics.csv" | grep -q '^second,nodes_up,'
ok $? "metrics.csv has its columns"
[ "$("$sim" run street --json --wire | hash)" = "$(hash <"$work/json")" ]
ok $? "--wire has the same trace"
[ "$("$sim" run street --json --examine | hash)" = "$(hash <"$work/json")" ]
ok $? "so has --examine"
"$sim" run churn --nodes 100 --examine >"$work/out" && grep -q passed "$work/out"
ok $? "with which a mesh that comes and goes agrees after each event"
# Everything but how fast it went, and in what memory.
plain() { sed -e '/^  speed /d' -e 's/"events_per_second.*//' "$@"; }
"$sim" run street --threads 3 --out "$work/three" >"$work/three.txt"
"$sim" run street --out "$work/one" >"$work/one.txt"
grep -q '^  speed .* on 3 threads, ' "$work/three.txt"
ok $? "--threads is said in the table"
plain "$work/three.txt" >"$work/three.plain"
[ "$(plain "$work/one.txt")" = "$(cat "$work/three.plain")" ]
ok $? "which is otherwise that of one thread"
for file in summary.json metrics.csv letters.csv groups.csv files.csv \
    spread.csv edges.csv scenario.conf; do
    plain "$work/three/$file" >"$work/three.plain"
    [ "$(plain "$work/one/$file")" = "$(cat "$work/three.plain")" ]
    ok $? "three threads write the same $file"
done
[ "$("$sim" run street --json --seed 9 | hash)" != "$(hash <"$work/json")" ]
ok $? "--seed has another"

# On a terminal, how far it is stays in one line, which is taken off again.
terminal() { TERM=xterm python3 \
    "${top_srcdir:-.}/tests/programs/terminal.py" run 40 24 "$@" |
    tr '\r' '\n' >"$work/seen"; }
terminal "$sim" run street
grep '^\[.* letters *$' "$work/seen" >"$work/bars"
[ -s "$work/bars" ] && ! grep -q '.\{40\}' "$work/bars" &&
    grep -q '^ \{39\}$' "$work/seen"
ok $? "a narrow terminal has a narrow bar"
terminal "$sim" sweep street --seeds 1:2
grep '^[12] of 2 runs, ' "$work/seen" >"$work/bars"
[ -s "$work/bars" ] && ! grep -q '.\{40\}' "$work/bars" &&
    grep -q '^2 of 2 runs passed' "$work/seen"
ok $? "and so it is of a sweep"

"$sim" run street --set mesh.duration=300d --set workload.letters=0 \
    --set churn.session=1h --json >"$work/partial" 2>&1 &
interrupt $!
code=$?
[ "$code" -eq 5 ] && grep -q '"verdict":"partial"' "$work/partial"
ok $? "an interrupt ends a run with the results so far"
"$sim" run street --set mesh.duration=300d --set workload.letters=0 \
    --set churn.session=1h --json --threads 2 >"$work/partial" 2>&1 &
interrupt $!
code=$?
[ "$code" -eq 5 ] && grep -q '"verdict":"partial"' "$work/partial"
ok $? "and one of several threads"
done_testing
