#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make matrix: the claims about large meshes, each scenario with several seeds,
# one run after the other.  What was run is known: cut it, and begin it again.
# MATRIX picks some by name, SEEDS others (1:5).
here=${top_srcdir:-.}
sim=${top_builddir:-.}/sotto-sim
out=${MATRIX_OUT:-matrix}
SOTTO_SCENARIOS=$here/sim/scenarios
export SOTTO_SCENARIOS
failed=0

# matrix NAME SCENARIO OPTION...
matrix() {
    name=$1
    shift
    case " ${MATRIX:-$name} " in
    *" $name "*) ;;
    *) return ;;
    esac
    echo "== $name"
    "$sim" sweep "$@" --seeds "${SEEDS:-1:5}" --jobs "${JOBS:-1}" \
        --out "$out/$name" || failed=1
}

mkdir -p "$out" || exit 99
matrix steady steady
matrix lossy lossy
matrix massfail massfail --over faults.kill_share=0.1,0.3,0.5,0.7,0.8,0.9,0.95
matrix longsplit longsplit
matrix churnmesh churnmesh
matrix droppers droppers
matrix sybils sybils
matrix eclipse eclipse
matrix reconnect reconnect
matrix agree agree
matrix receipts receipts
matrix receipts-large receipts --over nodes=10000 --set workload.letters=200 \
    --set workload.lifetime=2h --set node.receipt=6min \
    --set workload.over=4h --set workload.settle=2h --set mesh.duration=7h
matrix spies spies
# The same letters beside a peer that is as quick as the others.
matrix slowpeer slowpeer --over faults.slow_bandwidth=1kB,1GiB
matrix stampflood stampflood
matrix stampflood-large stampflood --over nodes=10000 \
    --set adversaries.flooders=0.0003
matrix mailflood mailflood
matrix mailfloods mailfloods
matrix clocks clocks
matrix liars liars
exit "$failed"
