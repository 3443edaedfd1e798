#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep by one process, by several, by shards, by its list of jobs: the same
# table.  One that was interrupted goes on.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

# A quarter of an hour: where a frame is lost along a street, what it carried
# waits until two neighbours compare, which a house with two of them does with
# one after the other, every five minutes or so.
sweep() { # sweep FOLDER OPTIONS...
    folder=$1
    shift
    "$sim" sweep street --set mesh.duration=15min --seeds 1:3 \
        --over links.loss=0:0.02:0.02 --over links.latency=5ms,15ms \
        --out "$work/$folder" "$@"
}

sweep one >"$work/said"
ok $? "twelve runs pass"
[ "$(grep -c '3 of 3 runs passed' "$work/said")" -eq 4 ]
ok $? "four points of three"
[ "$(wc -l <"$work/one/runs.csv")" -eq 13 ]
ok $? "runs.csv has a row a run"
head -n 1 "$work/one/points.csv" |
    grep -qx 'links.loss,links.latency,metric,runs,mean,low,high'
ok $? "points.csv has its columns"
grep -q '^0.02,15ms,delivered,3,1.0,1.0,1.0$' "$work/one/points.csv"
ok $? "and a row a metric"
grep -q '^0.02,15ms,spy_recall,3,,,$' "$work/one/points.csv" &&
    ! grep -q ',spy_recall,.*[0-9]$' "$work/one/points.csv"
ok $? "with nothing where it says nothing of a run"

sweep several --jobs 4 >"$work/again"
cmp -s "$work/said" "$work/again" &&
    cmp -s "$work/one/runs.csv" "$work/several/runs.csv"
ok $? "four at a time come to the same"

for shard in 1 2 3; do
    sweep shards --shard $shard/3 || ok 1 "shard $shard"
done
[ ! -e "$work/shards/runs.csv" ] &&
    [ "$(find "$work/shards" -name 'shard-*-of-3.sqlite' | wc -l)" -eq 3 ]
ok $? "three shards write a file each"
sweep shards >"$work/again"
cmp -s "$work/one/runs.csv" "$work/shards/runs.csv" &&
    cmp -s "$work/one/points.csv" "$work/shards/points.csv"
ok $? "gathered, they are the same"

sweep jobs --print-jobs >"$work/list"
[ "$(wc -l <"$work/list")" -eq 12 ]
ok $? "--print-jobs prints a line a run"
mkdir "$work/bin" && cp "$sim" "$work/bin/sotto-sim"
if command -v parallel >/dev/null &&
    parallel --version 2>/dev/null | grep -q '^GNU'; then
    PATH=$work/bin:$PATH parallel --will-cite -j 2 <"$work/list" >/dev/null 2>&1
else
    PATH=$work/bin:$PATH sh <"$work/list"
fi
ok $? "which a shell, or parallel, can run"
sweep jobs >"$work/again"
cmp -s "$work/one/runs.csv" "$work/jobs/runs.csv"
ok $? "and come to the same"

# What is there is not run again: a row that says otherwise is believed.
grep -q ',1,0,' "$work/one/runs.csv"
ok $? "every row passed"
sqlite3=$(command -v sqlite3)
if [ -n "$sqlite3" ]; then
    sqlite3 "$work/one/runs.sqlite" 'UPDATE runs SET passed = 0 WHERE seed = 2'
    sweep one >"$work/again"
    [ $? -eq 5 ] && grep -q '2 of 3 runs passed' "$work/again"
    ok $? "a run that is there is not run again"
else
    count=$((count + 1))
    echo "ok $count - a run that is there is not run again # SKIP no sqlite3"
fi

sweep wrong --set 'expect.latency_p50<=1ms' >"$work/said"
[ $? -eq 5 ] && grep -q '0 of 3 runs passed' "$work/said"
ok $? "a sweep fails when a run does"

says() { # says WORDS OPTIONS...: it is refused with these words
    words=$1
    shift
    "$sim" sweep street "$@" >"$work/said" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$words" "$work/said"
    ok $? "refused: $words"
}
says '--over: [links] los: no such key; did you mean loss?' --over links.los=1
says '--seeds: "7:3" is not first:last' --seeds 7:3
says '--shard: must be like 2/8' --shard 9/8 --out "$work/x"
says '--jobs: "0" is not a number from 1 to 64' --jobs 0
says 'need --out' --print-jobs
says '--bogus is no option of sweep' --bogus

# An interrupted sweep ends its runs and says that it is partial.
"$sim" sweep street --set mesh.duration=300d --set workload.letters=0 \
    --set churn.session=1h --seeds 1:4 --jobs 2 >"$work/partial" 2>&1 &
interrupt $!
[ $? -eq 5 ] && grep -q '^partial' "$work/partial"
ok $? "an interrupt ends a sweep, marked partial"
done_testing
