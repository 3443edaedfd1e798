#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay under two thousand valid envelopes a second from one peer, without
# stamps, puts a price on that peer's mail: it takes little of it, letters cross
# as ever, and nobody else pays.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
sotto --home "$home/ada" send bo 'before' --wait delivered --timeout 60s \
    >/dev/null || bail "no letter crossed before the flood"

"$builddir/tests/hostile/mailflood" "${relay%%#*}" "${relay##*#}" 2000 \
    "${FLOOD_SECONDS:-10}" >"$home/mailflood.out" 2>&1 &
flood=$!
start cy --connect "$relay" # whose link is new when the flood is passed on
letters=0
lost=0
while kill -0 "$flood" 2>/dev/null; do
    letters=$((letters + 1))
    sotto --home "$home/ada" send bo "under fire, $letters." --wait delivered \
        --timeout 60s >/dev/null 2>&1 || lost=$((lost + 1))
done
wait "$flood"
refused=$(json relay 's["refused"].get("value", 0)')
stored=$(json relay 's["shelf"]["envelopes"]')
echo "# $(cat "$home/mailflood.out"); $refused refused as worth too little," \
    "$stored stored; $letters letters were delivered meanwhile"
ok "letters are delivered while the flood goes on" test "$letters" -ge 1
ok "each of them" test "$lost" -eq 0
ok "most of the flood is refused as worth too little" \
    test "$refused" -gt $((stored * 2))
ok "who has no part in it pays nothing" \
    test "$(json ada 's["stamps"]["asked"]')" -eq 0
ok "nor has who came meanwhile" test "$(json cy 's["stamps"]["asked"]')" -eq 0
ok "nor does the relay ask more of all" \
    test "$(json relay 's["stamps"]["least"]')" -eq 0
done_testing
