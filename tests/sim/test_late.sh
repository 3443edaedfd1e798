#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A first contact gets through, with the letter that it opens: to whoever comes
# late, after its first envelope has expired, and after the relay that had it
# has lost it; and it costs a mesh that is mostly apart one envelope.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

scenario() { # scenario DURATION LIFE
    printf '[mesh]\nduration = %s\n[mobility]\nmodel = trace\ntrace = %s\n' \
        "$1" "$work/t.one"
    printf '[workload]\nmessages = %s\nlifetime = %s\nurgent = 1.0\n' \
        "$work/m.msgs" "$2"
    printf '[node]\nreceipt = 30d\n'
}
meets() { # meets SECOND A B: for a minute
    printf '%s CONN %s %s up\n%s CONN %s %s down\n' "$1" "$2" "$3" \
        "$(($1 + 60))" "$2" "$3"
}
arrives() { # arrives WHAT ARGUMENT...: the one letter does
    what=$1
    shift
    "$sim" run "$work/t.conf" --crypto real --json "$@" >"$work/said" &&
        grep -qF '"sent":1,"shown":1,' "$work/said"
    ok $? "$what"
}
count() { # count KIND: frames of that kind in the last run
    sed "s/.*\"$1\":{\"frames\":\([0-9]*\).*/\1/" "$work/said"
}

day=86400
printf '5 C M1 1 3 100\n' >"$work/m.msgs"

{ meets 60 1 2 && meets $((2 * day)) 2 3; } >"$work/t.one"
scenario 49h 7d >"$work/t.conf"
arrives "who comes after two days has it from one who met its writer at once"
[ "$(count push)" -eq 5 ]
ok $? "and on the way there is one envelope of a first contact, one of a letter"

meets $((8 * day)) 1 3 >"$work/t.one"
scenario 193h 14d >"$work/t.conf"
arrives "who comes when the first envelope has expired has another"

# Before the two halves are one, every relay loses what it had.
{
    printf '[mesh]\nnodes = 2\ntopology = line\nduration = 20min\n'
    printf '[faults]\npartition_at = 1s\npartition_for = 10min\n'
    printf 'crash_at = 60s\ncrash_share = 1.0\n'
    printf '[workload]\nletters = 1\npairs = 1\nfirst = 5s\nover = 1s\n'
} >"$work/t.conf"
arrives "a relay that lost its shelf before it met anybody is given it anew" \
    --set faults.crash_disk=lost
done_testing
