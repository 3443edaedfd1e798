#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay never sends more than max-rate allows, and all letters cross it, also
# those that wait so long, or are so many, that they are announced instead.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

rate=16384
frame=32832
mkdir -p "$home/relay"
printf '[relay]\nmax-rate = 16K\n' >"$home/relay/sotto.conf"
start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo

sent_bytes() { json relay 'sum(l["sent_bytes"] for l in s["links"])'; }
now_ms() { "$python" -c 'import time; print(int(time.monotonic() * 1000))'; }
python=$(command -v python3) || skip_all "no python3"

# A letter of 7,000 characters takes an envelope of 8 KiB.
text=$("$python" -c 'print("a" * 7000)')
from_ms=$(now_ms)
from=$(sent_bytes)
letters=16
i=0
while [ $i -lt $letters ]; do
    i=$((i + 1))
    printf '%s, %d.' "$text" $i | sotto --home "$home/ada" send bo - \
        >/dev/null || bail "a letter was not sent"
done
all_there() {
    [ "$(sotto --home "$home/bo" read --all --peek --json | grep -c aaaa)" \
        -eq "$letters" ]
}
ok "all letters come" until_true all_there
until_ms=$(now_ms)
sent=$(($(sent_bytes) - from))
took_ms=$((until_ms - from_ms))
echo "# $sent bytes in $took_ms ms"
ok "more was sent than goes at once" test "$sent" -gt $((2 * rate + frame))
# A quarter of a second may part a push from the word of it, on a machine that
# has other things to do: then the peer asks, and what is under way comes again.
twice=$(json bo 's["refused"]["duplicate"]')
asked=$(json bo 'sum(s["traffic"].get("sent-" + f, 0) for f in ("graft", "want"))')
none_unasked() {
    echo "# $twice came twice, asked for in $asked frames"
    [ "$twice" -eq 0 ] ||
        { [ "$asked" -gt 0 ] && [ "$twice" -le $((letters / 4)) ]; }
}
ok "none of it comes twice that was not asked for" none_unasked
within() { [ "$sent" -le $((rate * (took_ms + 1000) / 1000 + frame)) ]; }
ok "and never more than the rate allows" within

# Envelopes of 32 KiB, two seconds each, until one has waited for four or the
# queue is full.
large=$("$python" -c 'print("b" * 23000)')
is_demoted() { [ "$(json relay 's["refused"]["demoted"]')" -gt "$demoted" ]; }
demoted=$(json relay 's["refused"]["demoted"]')
i=0
while [ $i -lt 12 ] && { [ $i -lt 4 ] || ! is_demoted; }; do
    i=$((i + 1))
    printf '%s, %d.' "$large" $i | sotto --home "$home/ada" send bo - \
        >/dev/null || bail "a letter was not sent"
done
ok "what waits too long is announced instead" until_true is_demoted
letters=$((letters + i))
all_there() {
    [ "$(sotto --home "$home/bo" read --all --peek --json |
        grep -c -e aaaa -e bbbb)" -eq "$letters" ]
}
ok "asked for, and comes" until_true all_there
done_testing
