#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two people who can reach only a relay exchange letters through it, also while
# one of them is away, and the relay is left with nothing.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo

deliver() { # deliver FROM TO TEXT
    sotto --home "$home/$1" send "$2" "$3" --wait delivered --timeout 60s
}

ok "a letter reaches Bo, proven by his receipt" deliver ada bo 'the blue boat'
ok "he reads it, once" has_text bo 'the blue boat'
ok "a letter reaches Ada" deliver bo ada 'at seven'
ok "she reads it, once" has_text ada 'at seven'

stop bo
ok "a letter to a node that is off is handed to the relay" \
    sotto --home "$home/ada" send bo 'come at eight' --wait handed --timeout 60s
stop ada
start bo --connect "$relay"
unlock bo || bail "bo could not unlock"
ok "he has it when he is back, the sender off by then" \
    until_true has_text bo 'come at eight'
start ada --connect "$relay"
unlock ada || bail "ada could not unlock"
both_delivered() {
    [ "$(sotto --home "$home/ada" outbox --json |
        grep -cE '"state": ?"(delivered|read)"')" -eq 2 ]
}
ok "she is shown that both of hers were delivered" until_true both_delivered
ok "receipts clear the relay's shelf" until_true shelf_is relay 0

nothing_readable() {
    for word in 'the blue boat' 'at seven' 'come at eight'; do
        ! grep -rlaF -e "$word" "$home/relay" "$home/relay.log" || return 1
    done
}
ok "no file of the relay holds a text" nothing_readable
not_on_disk() {
    ! grep -rlaF -e 'the blue boat' "$home/ada" "$home/bo" "$home/ada.log" \
        "$home/bo.log"
}
ok "no file of the two people holds one in the clear" not_on_disk
done_testing
