#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Scenarios of chance: what is drawn, that a file of it is the same run, how
# failures are reported, and how they are made small.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

refused() { # refused WORDS ARGUMENTS...: exit 1, and the words
    words=$1
    shift
    "$sim" "$@" >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$words" "$work/out"
    ok $? "$words"
}
refused "fuzz takes no scenario" fuzz street
refused '--seeds: "x" is not first:last, as in 1:1000' fuzz --seeds x
refused '--seeds: "9:3" is not first:last' fuzz --seeds 9:3
refused '--seeds: "9223372036854775808" is not' fuzz --seeds 9223372036854775808
refused '--seeds: ":3" is not first:last' fuzz --seeds :3
refused '--seeds: "1:2:3" is not first:last' fuzz --seeds 1:2:3
refused '--time: "5" must be a time with its unit' fuzz --time 5
refused '--jobs: "0" is not a number from 1 to 64' fuzz --jobs 0
refused "--print: needs one seed" fuzz --print --seeds 1:2
refused "--shrink: needs --out" fuzz --shrink --seeds 1
refused "--bogus is no option of fuzz" fuzz --bogus
refused "$work/out/x: Not a directory" fuzz --seeds 1 --out "$work/out/x"
refused "shrink needs one scenario that fails" shrink
refused "--bogus is no option of shrink" shrink street --bogus
refused '--runs: "0" is not a number from 1 to 1000000' shrink street --runs 0
refused "did you mean latency?" shrink street --set links.latenzy=1s
refused "no such scenario" shrink nowhere
refused "street passes; shrink needs a scenario that fails" shrink street
echo kept >"$work/small.conf"
refused "street passes" shrink street --out "$work/small.conf"
[ "$(cat "$work/small.conf")" = kept ] && [ "$(ls "$work")" = "out
small.conf" ]
ok $? "what lies at --out stays until there is something to put there"

# The standing seeds; what is wrong with one stands in their lines.
"$sim" fuzz --seeds 1:40 --jobs 2 >"$work/said"
ok $? "the standing seeds pass"
grep '^seed' "$work/said" | sed 's/^/# /'
grep -q '^40 seeds from 1 on, 0 failed; [0-9]* events, [0-9]* checks$' \
    "$work/said"
ok $? "and are counted"

# What once failed, made small: a relay that fails with all it had, seconds after
# it was given a receipt.
cat >"$work/receipt.conf" <<'END'
[mesh]
nodes = 3
topology = line
degree = 2
seed = 1026
duration = 813s
quiet = 350s
start = 0
[links]
latency = 1ms
[faults]
partition_at = 31s
partition_for = 937ms
partition_share = 0.499999
crash_at = 36s
crash_share = 0.09
crash_disk = lost
[workload]
letters = 1
pairs = 1
text = 16B
first = 0
over = 93s
[node]
reconcile = 10s
receipt = 5217ms
[expect]
confirmed >= 1.0
uncleared <= 0
END
"$sim" run "$work/receipt.conf" >"$work/said"
ok $? "a receipt outlives the relay that was given it"

# A scenario's file is the run.
hash() { sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/'; }
same=0
for seed in 1 2 3 4 5 6 7 8; do
    "$sim" fuzz --seeds $seed --print >"$work/seed.conf"
    "$sim" fuzz --seeds $seed --json | hash >"$work/drawn"
    "$sim" run "$work/seed.conf" --json | hash >"$work/run"
    if cmp -s "$work/drawn" "$work/run"; then same=$((same + 1)); fi
done
[ $same -eq 8 ]
ok $? "the scenario of a seed, as a file, is the same run"
"$sim" fuzz --seeds 1:8 --json >"$work/one"
"$sim" fuzz --seeds 1:8 --json --jobs 3 | sort -t: -k 2 -n >"$work/three"
sort -t: -k 2 -n "$work/one" | cmp -s - "$work/three"
ok $? "three at a time come to the same"
# Between all of them they have every kind of fault and adversary.
for seed in $(seq 1 120); do
    "$sim" fuzz --seeds "$seed" --print
done >"$work/drawn"
missing=
for key in churn.session faults.partition_for faults.crash_share \
    faults.kill_share faults.slow_share faults.skew_share links.loss \
    links.bandwidth adversaries.droppers adversaries.announcers \
    adversaries.delayers adversaries.replayers adversaries.forgers \
    adversaries.flooders adversaries.sybils adversaries.flash \
    adversaries.spies workload.urgent node.member node.tree node.stem \
    node.receipts node.shelf; do
    having=$(grep -c "^${key#*.} = " "$work/drawn")
    [ "$having" -gt 0 ] && [ "$having" -lt 120 ] || missing="$missing $key"
done
[ -z "$missing" ]
ok $? "each kind of trouble is in some of them, and not in all$missing"

# One that fails: nothing can arrive across a split that stays.
cat >"$work/fails.conf" <<'END'
[mesh]
nodes = 24
degree = 4
duration = 2min
[links]
loss = 0.05
jitter = 80ms
[churn]
session = 1min
until = 60s
[faults]
partition_at = 20s
partition_for = 1h
[workload]
letters = 20
pairs = 6
over = 40s
first = 30s
[expect]
delivered >= 0.99
latency_p50 <= 1h
END
"$sim" shrink "$work/fails.conf" --out "$work/small.conf" 2>"$work/said"
ok $? "a scenario that fails is made small"
grep -q 'expected delivered >= 0.99; [0-9]* runs, [0-9]* steps; none smaller' \
    "$work/said"
ok $? "and it is said how"
"$sim" run "$work/small.conf" >"$work/said"
[ $? -eq 5 ] && grep -q '^FAILED  delivered' "$work/said"
ok $? "it fails in the same way"
head -n 1 "$work/small.conf" | grep -q '^# expected delivered >= 0.99, in second'
ok $? "as its first line says"
nodes=$(sed -n 's/^nodes = //p' "$work/small.conf")
letters=$(sed -n 's/^letters = //p' "$work/small.conf")
[ "$nodes" -le 4 ] && [ "$letters" -le 2 ] &&
    grep -q '^partition_for' "$work/small.conf"
ok $? "with the fault that it takes, $nodes nodes and $letters letters"
[ "$(grep -cE '^(loss|session|latency_p50)' "$work/small.conf")" -eq 0 ]
ok $? "and without what it does not"
"$sim" shrink "$work/fails.conf" --jobs 3 >"$work/three.conf" 2>"$work/said"
cmp -s "$work/small.conf" "$work/three.conf"
ok $? "three at a time come to the same"
"$sim" shrink "$work/fails.conf" --runs 5 --out "$work/some.conf" 2>"$work/said"
ok $? "what a few runs have found is written"
grep -q '; 5 runs, .*--runs is spent' "$work/said"
ok $? "and that it is no more"
"$sim" run "$work/some.conf" >"$work/said"
[ $? -eq 5 ]
ok $? "which fails as well"

# Of groups and files what it takes is left: one group, of two, with one letter.
"$sim" shrink street --set workload.groups=2 --set workload.group_size=4 \
    --set workload.group_letters=6 --set workload.files=3 \
    --set workload.letters=5 --set 'expect.group_latency_last<=1ms' \
    >"$work/group.conf" 2>"$work/said"
[ "$(grep -cxE 'groups = 1|group_size = 2|group_letters = 1' \
    "$work/group.conf")" -eq 3 ] && ! grep -q '^file_*s' "$work/group.conf"
ok $? "groups are made small, and files left out"

"$sim" fuzz --jobs 2 >"$work/said" 2>&1 &
interrupt $! && grep -q 'failed; .*; interrupted$' "$work/said"
ok $? "an interrupt ends it with the results so far"
"$sim" fuzz --time 1us >"$work/said" && grep -q '^1 seeds from 1 on, 0 failed' "$work/said"
ok $? "a time that is over begins no other seed"
done_testing
