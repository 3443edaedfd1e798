#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever is checked in every run is planted in some test, under its own name:
# what relays say of themselves, and what the simulator says of the whole.
here=${top_srcdir:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# The texts, one a line; C joins strings that follow one another.
awk '/^(static )?const char \*[a-z_]*violation\(/, /^}/' \
    "$here"/src/relay/*.c | grep -o '"[^"]*"' >"$work/texts"
relays=$(wc -l <"$work/texts")
awk '/oracle_(check|check_part|report)\(/ { inside = 1 }
    inside { print }
    /;$/ { inside = 0 }' "$here"/sim/*.c "$here"/sim/oracle/*.c |
    grep -o '"[^"]*"' >>"$work/texts"
whole=$(($(wc -l <"$work/texts") - relays))
sort -u "$work/texts" >"$work/wanted"
cat "$here"/tests/relay/*.c "$here"/tests/sim/*.c >"$work/tests"
missing=
while read -r text; do
    grep -qF -- "$text" "$work/tests" || missing="$missing $text"
done <"$work/wanted"

echo 1..2
if [ "$relays" -ge 40 ] && [ "$whole" -ge 20 ]; then
    echo "ok 1 - there are checks to be found"
else
    echo "not ok 1 - there are checks to be found: $relays, $whole"
    exit 1
fi
if [ -z "$missing" ]; then
    echo "ok 2 - each is planted in a test"
else
    echo "not ok 2 - each is planted in a test, but for$missing"
    exit 1
fi
