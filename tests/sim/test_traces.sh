#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# On a contact trace exactly those letters arrive that could, held against an
# independent program; and what is wrong in a trace is said.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

here=${top_srcdir:-.}/tests/sim
data=${SOTTO_TEST_DATA:-${top_srcdir:-.}/../shared/data}
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

scenario() { # scenario TRACE MESSAGES DURATION LIFE
    printf '[mesh]\nduration = %s\n[mobility]\nmodel = trace\ntrace = %s\n' \
        "$3" "$1"
    printf '[workload]\nmessages = %s\nlifetime = %s\nurgent = 1.0\n' "$2" "$4"
    printf '[node]\nshelf = 1GiB\nreceipt = 1d\n'
}

scenario t.one m.msgs 9000s 1h >"$work/t.conf"
for seed in 1 2 3; do
    python3 "$here/reach.py" make "$seed" "$work/t.one" "$work/m.msgs"
    for crypto in none real; do
        "$sim" run "$work/t.conf" --crypto $crypto --force --out "$work/out" \
            >"$work/said" &&
            python3 "$here/reach.py" check "$work/t.one" "$work/m.msgs" 3600 \
                "$work/out/letters.csv" 20 >"$work/bound"
        ok $? "trace $seed, $crypto: what arrives is what can: $(tail -n 1 \
            "$work/bound")"
    done
done
"$sim" run "$work/t.conf" --wire --json >"$work/wire"
hash=$(sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/' "$work/out/summary.json")
grep -q "\"trace_hash\":\"$hash\"" "$work/wire"
ok $? "and has the same trace when every frame is encoded"
"$sim" run "$work/t.conf" --set faults.kill_share=0.5 --set faults.kill_at=60s \
    --force --out "$work/out" >"$work/said"
python3 "$here/reach.py" check "$work/t.one" "$work/m.msgs" 3600 \
    "$work/out/letters.csv" 20 >"$work/bound"
[ $? -eq 1 ]
ok $? "which is not so when half of the nodes die"

says() { # says WORDS: the scenario is refused with these
    "$sim" run "$work/t.conf" >"$work/said" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$1" "$work/said"
    ok $? "refused: ${1##*/}"
}
printf '20 CONN 1 2 up\n10 CONN 1 3 up\n' >"$work/t.one"
says "$work/t.one:2: is out of order"
printf '20 CONN 1 2 up\n30 CONN 2 1 up\n' >"$work/t.one"
says "$work/t.one:2: nodes 1 and 2 are in touch already"
printf '20 CONN 1 2 down\n' >"$work/t.one"
says "$work/t.one:1: nodes 1 and 2 are not in touch"
printf '# a comment\n\n20 MEET 1 2\n' >"$work/t.one"
says "$work/t.one:3: must be like"
printf '20 CONN 1 1 up\n' >"$work/t.one"
says "$work/t.one:1: must be like"
: >"$work/t.one"
says "$work/t.one has no contact"
printf '20 CONN 1 2 up\n30 CONN 1 2 down\n' >"$work/t.one"
printf '5 C M1 0 9 100\n' >"$work/m.msgs"
says "$work/m.msgs:1: names node 9, and the mesh has 0 to 2"
printf '5 C M1 0 2 100000\n' >"$work/m.msgs"
says "$work/m.msgs:1: 100000 bytes: a letter can have 16 to 24576"
printf '99999 C M1 0 2 100\n' >"$work/m.msgs"
says "$work/m.msgs:1: is written after the run's end"
printf '5 C M1 0 2 100\n5 D M1 0\n' >"$work/m.msgs"
says "$work/m.msgs:2: must be like"
rm "$work/t.one"
says "[mobility] trace: $work/t.one: No such file"

# Numbers that nobody has, blank lines, and the ends of lines of others.
printf '0 CONN 5 9 up\r\n \t\r\n80 CONN 5 9 down\r\n' >"$work/t.one"
"$sim" run "$work/t.conf" --set workload.letters=6 --set workload.pairs=3 \
    --set workload.messages= --set workload.first=10s --set workload.over=20s \
    --json >"$work/json"
grep -qF '"nodes":10,' "$work/json" && grep -qF '"delivered":1.0,' "$work/json"
ok $? "letters are drawn among those who meet somebody"
printf '20 CONN 1 2 up\n10 CONN 1 3 up\n' >"$work/t.one"
says "$work/t.one:2: is out of order"
says "have \`sotto-sim import one\` do so"
printf '20 CONN 1 2 UP\n' >"$work/t.one"
says "\`sotto-sim import one\` makes it so"

name=sociopatterns-infectious-2009-07-15
if [ -r "$data/contacts/$name.one" ]; then
    trace=$(cd "$data" && pwd)/contacts/$name.one
    messages=$(cd "$data" && pwd)/the-one/$name.msgs
    scenario "$trace" "$messages" 28441s 2h >"$work/t.conf"
    for crypto in none real; do
        "$sim" run "$work/t.conf" --crypto $crypto --force --out "$work/out" \
            >"$work/said" &&
            python3 "$here/reach.py" check "$trace" "$messages" 7200 \
                "$work/out/letters.csv" 120 >"$work/bound" &&
            grep -q "^96 of 1000" "$work/bound"
        ok $? "$name, $crypto: 96 of 1000, as it must be"
    done
else
    for crypto in none real; do
        count=$((count + 1))
        echo "ok $count - $name, $crypto # SKIP no data (SOTTO_TEST_DATA names" \
            "its folder)"
    done
fi
done_testing
