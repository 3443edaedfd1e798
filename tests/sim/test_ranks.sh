#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One run over several processes, which mpirun starts: the same as in one.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

# What a build without MPI says; with it, this is the program that is tested.
ranks=${top_builddir:-.}/tests/sim/sotto-sim-mpi
if ! command -v mpirun >/dev/null || [ ! -x "$ranks" ]; then
    echo "1..0 # SKIP Open MPI is not here (libopenmpi-dev, openmpi-bin)"
    exit 0
fi
# Open MPI itself leaves memory behind.
sanitized && export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
as_root=
[ "$(id -u)" -ne 0 ] || as_root=--allow-run-as-root

mesh="$work/mesh.conf"
cat >"$mesh" <<'EOT'
[mesh]
nodes = 40
degree = 6
duration = 3min
[links]
latency = 50ms
jitter = 20ms
loss = 0.02
[faults]
partition_at = 15s
partition_for = 20s
crash_at = 12s
crash_share = 0.2
crash_for = 5s
[adversaries]
spies = 0.1
replayers = 0.1
[workload]
letters = 20
pairs = 10
over = 30s
[node]
reconcile = 20s
EOT

mpi() { # mpi COUNT COMMAND...
    n=$1
    shift
    # shellcheck disable=SC2086 # an option, or none
    mpirun $as_root --oversubscribe --bind-to none -n "$n" "$@"
}

# Everything but how fast it went, and in what memory.
plain() { sed -e '/^  speed /d' -e 's/"events_per_second.*//' "$@"; }

"$sim" run "$mesh" --out "$work/one" >"$work/one.txt"
ok $? "in one process the run passes"
for many in 2 3; do
    mpi "$many" "$ranks" run "$mesh" --out "$work/$many" >"$work/$many.txt" \
        2>"$work/err"
    ok $? "in $many processes, too"
    grep -q "^  speed .* on $many processes, " "$work/$many.txt"
    ok $? "which is said once"
    plain "$work/$many.txt" >"$work/plain"
    [ "$(plain "$work/one.txt")" = "$(cat "$work/plain")" ]
    ok $? "$many processes print the same table, hash and all"
    for file in summary.json metrics.csv letters.csv groups.csv \
        files.csv spread.csv edges.csv; do
        plain "$work/$many/$file" >"$work/plain"
        [ "$(plain "$work/one/$file")" = "$(cat "$work/plain")" ]
        ok $? "$many processes write the same $file"
    done
done
mpi 2 "$ranks" run "$mesh" --wire >"$work/wire.txt" 2>"$work/err"
[ "$(plain "$work/one.txt")" = "$(plain "$work/wire.txt")" ]
ok $? "and the same where every frame is encoded"

"$ranks" run "$mesh" >"$work/alone.txt"
[ "$(plain "$work/one.txt")" = "$(plain "$work/alone.txt")" ]
ok $? "without mpirun it is as any other"

refused() { # refused WORDS COMMAND...
    words=$1
    shift
    "$@" >"$work/out" 2>&1
    code=$?
    [ "$code" -ne 0 ] && [ "$(grep -cF -- "$words" "$work/out")" -eq 1 ]
    ok $? "$words"
}
refused "mpirun has started 2 processes, which have one each" \
    mpi 2 "$ranks" run "$mesh" --threads 2
refused "sotto-sim: run needs one scenario" mpi 2 "$ranks" run
refused "sotto-sim: 3 parts of a run need as many nodes; there are 2" \
    mpi 3 "$ranks" run "$mesh" --nodes 2 --set mesh.topology=line
mpi 2 "$ranks" run "$mesh" --set links.latency=0 >"$work/out" 2>&1
grep -q "one process, not 2: \[links\] latency is 0" "$work/out" &&
    [ "$(grep -c '^passed' "$work/out")" -eq 1 ]
ok $? "where the latency is 0 one process makes the run"
done_testing
