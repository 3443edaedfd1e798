#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What others have reported stands beside what a run came to, wherever that is
# shown; the scenarios that are named after papers say whose figures they have.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

for name in coldboot covertflash dandelion eclipseall hyparview overlay plumtree; do
    "$sim" explain "$name" --nodes 100 >"$work/$name" 2>&1 &&
        grep -q '^\[published\]$' "$work/$name" &&
        sed '1,/^\[published\]$/d' "$work/$name" | grep -q ' = .* \* [A-Z1-9a-z]'
    ok $? "$name says whose figures it has"
done

"$sim" run plumtree --nodes 100 --set workload.letters=60 \
    --set workload.over=60s --out "$work/run" >"$work/said"
ok $? "a small run of Plumtree's set-up passes"
grep -q '^  published  *here  *reported  *by$' "$work/said" &&
    grep -q '^  redundancy  *0\.[0-9]*  *3  *a push to four' "$work/said"
ok $? "and shows its own redundancy beside that of a push to four"
python3 - "$work/run/summary.json" <<'EOF'
import json, sys
published = json.load(open(sys.argv[1]))["published"]
three = [p for p in published if p["reported"] == "3"]
assert len(published) >= 4 and len(three) == 1
assert three[0]["metric"] == "redundancy" and 0 <= three[0]["here"] < 1
assert three[0]["by"].startswith("a push to four")
EOF
ok $? "and as JSON"
"$sim" report "$work/run" >"$work/out" 2>&1 &&
    grep -q 'a push to four' "$work/run/report.html"
code=$?
if grep -q 'built without Chart.js' "$work/out"; then
    ok 0 "and on its page # SKIP built without Chart.js"
else
    ok $code "and on its page"
fi

"$sim" run theone >"$work/said" 2>&1
[ $? -eq 1 ] && grep -qF -- '--set mobility.trace=FILE' "$work/said"
ok $? "without a trace the ONE's set-up says how to name one"
printf '0 CONN 0 1 up\n60 CONN 0 1 down\n90 CONN 1 2 up\n190 CONN 1 2 down\n' \
    >"$work/t.one"
printf '10 C M1 0 2 2000\n20 C M2 2 0 2000\n' >"$work/t.msgs"
"$sim" run theone --set mobility.trace="$work/t.one" --json \
    --set workload.messages="$work/t.msgs" --set mesh.duration=10min \
    >"$work/json"
ok $? "with one it runs"
python3 - "$work/json" <<'EOF'
import json, sys
s = json.load(open(sys.argv[1]))
assert s["delivered"] == 0.5
overhead = [p["here"] for p in s["published"] if p["metric"] == "overhead"]
# M1 comes to 1 and to 2, M2 to 1: three payloads at least, one letter.
assert len(overhead) == 1 and overhead[0] >= 2
EOF
ok $? "and counts its overhead as the ONE does"
done_testing
