#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep of sotto-sim as a Slurm array: each task runs a shard.
#
#   sbatch --array=1-16 sweep-slurm.sh SCENARIO --out DIR [OPTION...]
#
# SCENARIO and what follows it are those of `sotto-sim sweep`.  When the array
# has ended, this gathers what it found, and says how many runs are missing:
#
#   sotto-sim sweep SCENARIO --out DIR [OPTION...] --merge
#
# The same sbatch again goes on where tasks were ended; what is there is not run
# twice.  To begin only some tasks again, say of how many they are:
#
#   sbatch --array=3,7 --export=ALL,SHARDS=16 sweep-slurm.sh ...
#
# A task runs as many at a time as it has processors (--cpus-per-task), ends by
# itself a minute before its time is up, and fails where a run fails by its
# expectations, as sweep does.  DIR lies where all nodes see it.
#SBATCH --job-name=sotto-sweep
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
set -eu

die() {
    printf 'sweep-slurm: %s\n' "$*" >&2
    exit 1
}

[ $# -gt 0 ] ||
    die 'usage: sbatch --array=1-N sweep-slurm.sh SCENARIO --out DIR [OPTION...]'
task=${SLURM_ARRAY_TASK_ID:-}
[ -n "$task" ] || die 'not a task of an array: begin it with sbatch --array=1-N'

if [ -n "${SHARDS:-}" ]; then
    shards=$SHARDS
    shard=$task
else
    # An array may begin anywhere and leave out numbers evenly; where it leaves
    # them out otherwise, a task cannot tell which part is its own.
    shards=$SLURM_ARRAY_TASK_COUNT
    first=$SLURM_ARRAY_TASK_MIN
    step=${SLURM_ARRAY_TASK_STEP:-1}
    [ $(((SLURM_ARRAY_TASK_MAX - first) / step + 1)) -eq "$shards" ] ||
        die 'the array has gaps: say of how many shards, by SHARDS=N'
    shard=$(((task - first) / step + 1))
fi
exec sotto-sim sweep "$@" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$shard/$shards"
