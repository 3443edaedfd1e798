#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Letters that all come at once meet a price on the way; those that a relay
# declines for it are stamped anew, and all arrive.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

python=$(command -v python3) || skip_all "no python3"
mkdir -p "$home/relay"
printf '[relay]\npeer-rate = 4K\n' >"$home/relay/sotto.conf"
start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
sotto --home "$home/ada" send bo 'before' --wait delivered --timeout 60s \
    >/dev/null || bail "no letter crossed before"

# They wait in its socket until it goes on, and are then more than it takes of
# what a peer pushes, and of what its link's first comparison may have shown.
letters=16
text=$("$python" -c 'print("a" * 7000)')
held=$(process relay relay)
kill -STOP "$held"
i=0
while [ $i -lt $letters ]; do
    i=$((i + 1))
    printf '%s, at once, %d.' "$text" $i | sotto --home "$home/ada" send bo - \
        >/dev/null || bail "a letter was not sent"
done
kill -CONT "$held"
all_there() {
    [ "$(sotto --home "$home/bo" read --all --peek --json |
        grep -c 'at once')" -eq "$letters" ]
}
ok "all letters come" until_true all_there
declined=$(json relay 's["traffic"].get("sent-declined", 0)')
checked=$(json relay 's["stamps"]["checked"]')
echo "# $declined declined, $checked stamps checked"
ok "though the relay declined some" test "$declined" -gt 0
ok "and some came with a stamp then" test "$checked" -gt 0
ok "and is spoken to as before" \
    test "$(json relay 'sum(l["state"] == "up" for l in s["links"])')" -eq 2
done_testing
