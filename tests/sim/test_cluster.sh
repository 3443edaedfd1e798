#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep over machines: by contrib's scripts, cut in the middle and begun
# again, it comes to the bytes that one process comes to; runs of another
# scenario or build are refused.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"
contrib=${top_srcdir:-.}/contrib
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

mkdir "$work/bin" && cp "$sim" "$work/bin/sotto-sim"
PATH=$work/bin:$PATH
export PATH

grid() { # grid COMMAND...: with the options of the sweep
    "$@" --over links.loss=0:0.02:0.02 --seeds 1:4
}
same() { # same FOLDER WHAT: its tables are those of the one process
    cmp -s "$work/one/runs.csv" "$work/$1/runs.csv" &&
        cmp -s "$work/one/points.csv" "$work/$1/points.csv" &&
        cmp -s "$work/one/sweep.json" "$work/$1/sweep.json" &&
        cmp -s "$work/one.said" "$work/$1.said"
    ok $? "$2"
}
skip() { # skip WHAT WHY
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
task() { # task ID MIN MAX STEP COUNT FOLDER: one of an array, as Slurm begins it
    SLURM_ARRAY_TASK_ID=$1 SLURM_ARRAY_TASK_MIN=$2 SLURM_ARRAY_TASK_MAX=$3 \
        SLURM_ARRAY_TASK_STEP=$4 SLURM_ARRAY_TASK_COUNT=$5 \
        grid sh "$contrib/sweep-slurm.sh" street --out "$work/$6"
}
merge() { # merge FOLDER
    grid sotto-sim sweep street --out "$work/$1" --merge >"$work/$1.said" \
        2>"$work/$1.err"
}

grid sotto-sim sweep street --out "$work/one" >"$work/one.said"
ok $? "eight runs by one process pass"

# As an array of Slurm.
task 1 1 3 1 3 slurm && task 3 1 3 1 3 slurm
ok $? "two tasks of three"
merge slurm
[ $? -eq 5 ] && grep -qx 'partial: 3 of 8 runs are missing' "$work/slurm.said"
ok $? "--merge says what is missing, and runs none of it"
task 2 1 3 1 3 slurm && merge slurm
same slurm "with the third, it is what one process comes to"
for id in 0 4 8; do
    task $id 0 8 4 3 steps || ok 1 "task $id"
done
merge steps
same steps "an array from 0 by steps of 4 is three shards"
task 7 3 7 1 2 gaps >"$work/said" 2>&1
[ $? -eq 1 ] && grep -q 'the array has gaps' "$work/said"
ok $? "an array with gaps is refused"
(
    SHARDS=2
    export SHARDS
    task 2 2 2 1 1 again && task 1 1 1 1 1 again
)
merge again
same again "but for tasks that say of how many they are"
sh "$contrib/sweep-slurm.sh" street --out "$work/x" >"$work/said" 2>&1
[ $? -eq 1 ] && grep -q 'begin it with sbatch' "$work/said"
ok $? "outside an array it says how it is begun"

# Shards that were ended before their first run, and while a file is written.
: >"$work/slurm/shard-9-of-9.sqlite"
merge slurm
same slurm "a shard that has nothing takes nothing away"

# By GNU parallel, ended by it when three are done.
spread() { # spread FOLDER
    grid sh "$contrib/sweep-parallel.sh" -j 2 street --out "$work/$1" \
        >"$work/$1.said" 2>"$work/$1.err"
}
if parallel --version 2>/dev/null | grep -q '^GNU'; then
    PARALLEL='--will-cite --halt now,done=3'
    export PARALLEL HOME="$work"
    spread jobs
    [ $? -eq 5 ] && grep -q '^partial: [1-5] of 8 runs' "$work/jobs.said"
    ok $? "parallel is stopped in the middle"
    PARALLEL=--will-cite
    spread jobs
    ok $? "and begun again goes on"
    same jobs "to what one process comes to"
    [ "$(cut -f 1 "$work/jobs/jobs.log" | sort -n | uniq | wc -l)" -eq 9 ]
    ok $? "its log has every job"
else
    skip "a sweep by GNU parallel" "it is not here"
fi

# One process, interrupted after its first run, with more seeds than it could
# have ended.
sotto-sim sweep street --over links.loss=0:0.02:0.02 --seeds 1:10000 \
    --out "$work/cut" >"$work/cut.said" 2>&1 &
pid=$!
rows() {
    python3 - "$work/cut/runs.sqlite" <<'EOT'
import sqlite3, sys
try:
    db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
    print(db.execute("SELECT count(*) FROM runs").fetchone()[0])
except sqlite3.OperationalError:
    print(0)
EOT
}
tries=0
until [ "$(rows)" -ge 1 ] || [ "$tries" -eq 1000 ]; do
    tries=$((tries + 1))
done
kill -TERM $pid
wait $pid
[ $? -eq 5 ] && grep -q '^partial: interrupted' "$work/cut.said"
ok $? "a sweep is interrupted in the middle"
grid sotto-sim sweep street --out "$work/cut" >"$work/cut.said"
same cut "begun again, it comes to the same"

# What does not belong together.
refused() { # refused STATUS WORDS WHAT
    [ "$1" -eq 1 ] && grep -qF "$2" "$work/said"
    ok $? "$3"
}
sotto-sim sweep grid --out "$work/one" >"$work/said" 2>&1
refused $? 'its runs are of the scenario street, not of grid' \
    "runs of another scenario are refused"
mkdir "$work/mixed"
sotto-sim sweep walk --set mesh.nodes=10 --set workload.letters=0 \
    --set mesh.duration=10s --out "$work/mixed" --shard 1/1
merge mixed
cp "$work/mixed.err" "$work/said"
grep -q 'shard-1-of-1.sqlite: its runs are of the scenario walk' "$work/said"
ok $? "and those that a shard brings"
cp "$work/one/runs.sqlite" "$work/kept"
python3 - "$work/one/runs.sqlite" <<'EOT'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE origin SET sources = 'of last year'")
EOT
merge one
cp "$work/one.err" "$work/said"
grep -q 'another build of sotto-sim (sources of last year,' "$work/said"
ok $? "runs of another build are refused"
cp "$work/kept" "$work/one/runs.sqlite"
echo 'no database at all, though it has the name of one' \
    >"$work/one/shard-1-of-2.sqlite"
merge one
grep -q 'shard-1-of-2.sqlite: file is not a database' "$work/one.err"
ok $? "and a file that is none is named"
grid sotto-sim sweep street --out "$work/one" --merge --shard 1/2 \
    >"$work/said" 2>&1
refused $? 'three steps of one sweep' "steps are not mixed"
done_testing
