#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay under ten thousand garbage frames a second from one peer still carries
# letters, and its memory is bounded.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

# ASan keeps what was freed, by default until it is 256 MiB.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8
export ASAN_OPTIONS
start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
sotto --home "$home/ada" send bo 'before' --wait delivered --timeout 60s \
    >/dev/null || bail "no letter crossed before the flood"

memory_kib() { # of all processes of the relay's node
    pid=$(pid_of relay)
    for p in "$pid" $(pgrep -P "$pid"); do
        grep '^VmRSS:' "/proc/$p/status"
    done | awk '{ sum += $2 } END { print sum }'
}
before=$(memory_kib)

seconds=${FLOOD_SECONDS:-10}
"$builddir/tests/hostile/flood" "${relay%%#*}" "${relay##*#}" 10000 "$seconds" \
    >"$home/flood.out" 2>&1 &
flood=$!

letters=0
while kill -0 "$flood" 2>/dev/null; do
    letters=$((letters + 1))
    sotto --home "$home/ada" send bo "under fire, $letters." --wait delivered \
        --timeout 60s >/dev/null 2>&1 || break
done
lost=$?
wait "$flood"
echo "# $(cat "$home/flood.out"); $letters letters were delivered meanwhile"
ok "letters are delivered while the flood goes on" test "$letters" -ge 1
ok "each of them" test "$lost" -eq 0
after=$(memory_kib)
echo "# memory of the relay: $before KiB before, $after KiB after"
ok "the relay's memory is bounded" test "$after" -lt $((before + 65536))
ok "it counted what it refused" test "$(json relay \
    'sum(s["refused"].values())')" -gt 0
ok "it is still the same process" kill -0 "$(pid_of relay)"
done_testing
