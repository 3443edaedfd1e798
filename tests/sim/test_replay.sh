#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A run's folder is enough to make the run again; what is shown of it is what
# was counted; a folder of another run, or of none, is told apart.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

says() { # says CODE WORDS OPTION...: replay exits so and says so
    code=$1
    words=$2
    shift 2
    "$sim" replay "$@" >"$work/out" 2>"$work/said"
    got=$?
    [ "$got" -eq "$code" ] && grep -qF -- "$words" "$work/said"
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' "$work/said"
    ok $result "$words"
}
recorded() { # recorded SED: a number of the run's summary
    sed "s/.*$1.*/\\1/" "$work/run/summary.json"
}
lines() { # lines PATTERN: how many of what was shown
    grep -cE -- "$1" "$work/out"
}
changed() { # changed NAME SED: the folder's summary, by another hand
    rm -rf "${work:?}/$1"
    cp -r "$work/run" "$work/$1"
    sed "$2" "$work/run/summary.json" >"$work/$1/summary.json"
}

"$sim" run street --seed 5 --set links.loss=0.1 --set faults.crash_at=28s \
    --set faults.crash_share=0.17 --set faults.crash_for=10s --wire --out "$work/run" >"$work/said" 2>&1
[ -s "$work/run/summary.json" ]
ok $? "a run, with loss and crashes"
hash=$(recorded '"trace_hash":"\([0-9a-f]*\)"')
says 0 "the same run: trace hash $hash" "$work/run"
[ ! -s "$work/out" ]
ok $? "nothing is shown that was not asked for"
mkdir "$work/moved" && cp "$work/run"/* "$work/moved"
program=$(cd "$(dirname "$sim")" && pwd)/sotto-sim
(cd / && "$program" replay "$work/moved") >"$work/out" 2>&1
grep -q "the same run: trace hash $hash" "$work/out"
ok $? "from elsewhere too, with the files that it names"

# All nodes, one after the other, have seen what was counted.
i=0
nodes=$(recorded '"nodes":\([0-9]*\)')
while [ "$i" -lt "$nodes" ]; do
    "$sim" replay "$work/run" --node "$i" 2>>"$work/hashes"
    i=$((i + 1))
done >"$work/out"
[ "$(grep -c "the same run: trace hash $hash" "$work/hashes")" -eq "$nodes" ]
ok $? "looking on changes nothing"
[ "$(lines ' sends[ ,]')" -eq "$(recorded '"frames":{"sent":\([0-9]*\)')" ]
ok $? "each frame that was sent is shown"
[ "$(lines ' gets [a-z-]* from ')" -eq "$(recorded '"arrived":\([0-9]*\),"lost"')" ]
ok $? "each that came"
[ "$(lines ' lost, ')" -eq "$(recorded '"lost":\([0-9]*\),"cut"')" ]
ok $? "each that was lost"
[ "$(lines ' over, ')" -eq "$(recorded '"stale":\([0-9]*\),"demoted":0')" ]
ok $? "each that came when its link was over"
crashes=$(lines ' crashes$')
[ "$crashes" -ge 1 ] && [ "$(lines ' boots$')" -eq $((nodes + crashes)) ] &&
    [ "$(lines ' is answered by ')" -ge 12 ]
ok $? "crashes, boots and links"

# One of a line of four is slow: what waits too long for it is announced.
"$sim" run tree --nodes 4 --set mesh.topology=line --set mesh.degree=2 \
    --set faults.slow_share=0.25 --set faults.slow_bandwidth=500B \
    --set workload.pairs=1 --set workload.letters=60 --set workload.over=10s \
    --set mesh.duration=5min --out "$work/slow" >"$work/said" 2>&1
i=0
while [ "$i" -lt 4 ]; do
    "$sim" replay "$work/slow" --node "$i" 2>"$work/said"
    i=$((i + 1))
done >"$work/out"
demoted=$(sed 's/.*"demoted":\([0-9]*\).*/\1/' "$work/slow/summary.json")
[ "$demoted" -gt 0 ] &&
    [ "$(lines ' announces in place of push to ')" -eq "$demoted" ]
ok $? "each forward that was demoted"

# Some die before they are there, some are down when all crash.
"$sim" run street --seed 5 --set mesh.start=20s --set faults.kill_at=10s \
    --set faults.kill_share=0.34 --set faults.crash_at=11s \
    --set faults.crash_share=1 --out "$work/death" >"$work/said" 2>&1
nodes=$(sed 's/.*"nodes":\([0-9]*\).*/\1/' "$work/death/summary.json")
i=0
while [ "$i" -lt "$nodes" ]; do
    "$sim" replay "$work/death" --node "$i" 2>"$work/said" >"$work/one"
    grep -E ' (boots|crashes|dies)$' "$work/one" | sed 's/.* //' |
        tr '\n' ' ' | sed 's/ $/\n/'
    i=$((i + 1))
done | sort -u | tr '\n' , >"$work/out"
[ "$(cat "$work/out")" = "boots,boots crashes boots,boots dies,dies," ]
ok $? "nobody boots who is dead, or crashes who is down: $(cat "$work/out")"

# A letter: from its sender to its recipient, in order of time.
from=$(sed -n '/^3,/p' "$work/run/letters.csv" | cut -d, -f2)
to=$(sed -n '/^3,/p' "$work/run/letters.csv" | cut -d, -f3)
says 0 "the same run" "$work/run" --letter 3
head -n 1 "$work/out" | grep -q "  node $from  is to write the letter\$" &&
    [ "$(lines "  node $from  has written the letter\$")" -eq 1 ] &&
    [ "$(lines "  node $to  shows the letter\$")" -eq 1 ] &&
    [ "$(lines "  node $to  gets push from ")" -ge 1 ] &&
    [ "$(lines "  node $from  knows that the letter has come\$")" -eq 1 ]
ok $? "a letter from $from to $to"
[ "$(grep -o 'envelope [0-9a-f]\{8\}' "$work/out" | sort -u | wc -l)" -eq 1 ]
ok $? "and no other"
LC_ALL=C sort -s -n -k 1,1 "$work/out" | cmp -s - "$work/out"
ok $? "in order"
grep "  node $to  " "$work/out" >"$work/want"
says 0 "the same run" "$work/run" --letter 3 --node "$to"
cmp -s "$work/want" "$work/out"
ok $? "at one node only"
says 0 "did not go to its end" "$work/run" --node 3 --until 26s
[ -s "$work/out" ] && awk '$1 > 26 { exit 1 }' "$work/out"
ok $? "until a time"

"$sim" run street --set workload.groups=1 --set workload.group_size=3 \
    --set workload.group_letters=4 --set workload.files=2 \
    --out "$work/circle" >"$work/said"
says 0 "the same run" "$work/circle" --letter 1
[ "$(lines ' is to write the letter$')" -eq 1 ]
ok $? "and not the group's letter, or the file, of that number"

# What is not the run that it says it is.
changed other 's/"trace_hash":"[0-9a-f]*"/"trace_hash":"0123"/'
says 5 "ANOTHER run: trace hash $hash, and $work/other has 0123" "$work/other"
changed seed ''
sed 's/^seed = 5/seed = 6/' "$work/run/scenario.conf" \
    >"$work/seed/scenario.conf"
says 5 "ANOTHER run" "$work/seed"
changed old 's/"version":"[^"]*"/"version":"0.0.9"/'
says 1 "$work/old was run by sotto-sim 0.0.9, and this is" "$work/old"
changed live 's/^{/{"live":{},/'
says 1 "$work/live is a live run" "$work/live"
changed none 's/"trace_hash":"[0-9a-f]*",//'
says 1 'summary.json: it has no "trace_hash"' "$work/none"
rm "$work/none/summary.json"
says 1 "$work/none/summary.json: No such file" "$work/none"
changed bare ''
rm "$work/bare/scenario.conf"
says 1 "$work/bare/scenario.conf: No such file" "$work/bare"
changed partial 's/"partial":false/"partial":true/'
says 0 "did not go to its end" "$work/partial"

says 1 "--node: there is no node 12; the run has 12, from 0" "$work/run" \
    --node 12
says 1 "--letter: there is no letter 20; the run has 20" "$work/run" \
    --letter 20
says 1 '--node: "x" is not a whole number' "$work/run" --node x
says 1 '--until: "5" must be a time with its unit' "$work/run" --until 5
says 1 "--json is no option of replay" "$work/run" --json
says 1 "--node needs a value" "$work/run" --node
says 1 "replay needs one folder"

# A letter of a list of others', before it is written and after.
printf '20 CONN 0 1 up\n60 CONN 0 1 down\n' >"$work/t.one"
printf '10 C M1 0 1 100\n50 C M2 1 0 100\n' >"$work/m.msgs"
printf '[mesh]\nduration = 60s\n[mobility]\nmodel = trace\ntrace = t.one\n' \
    >"$work/t.conf"
printf '[workload]\nmessages = m.msgs\nurgent = 1.0\n' >>"$work/t.conf"
"$sim" run "$work/t.conf" --out "$work/listed" >"$work/said" 2>&1
says 0 "the same run" "$work/listed" --letter 1
[ "$(lines '  node 0  shows the letter$')" -eq 1 ] &&
    [ "$(lines '  node 1  sends push to 0  envelope ')" -eq 1 ]
ok $? "a letter of a list"
done_testing
