#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # functions are called through ok
# A relay whose shelf has no room for what a neighbour brings sends it back, is
# not pushed it again and again, and asks for it when there is room.
# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

text=$(printf '%020000d' 0) # the largest of the four sizes
write() { # write WHOM NUMBER: letters of A's
    for number in $(seq "$2"); do
        sotto --home "$home/a" send "$1" "$number $text" --urgent || return
    done
}
envelopes() { json "$1" 's["shelf"]["envelopes"]'; }
traffic() { json "$1" "s['traffic'].get('$2', 0)"; }
no_room() { json r 's["refused"].get("no-room", 0)'; }
# All of A's has come to R, and what R has not kept is back.
settled() {
    back=$(no_room)
    [ "$back" -ge "$1" ] && [ "$(traffic a received-unkept)" -eq "$back" ] &&
        [ $(($(envelopes r) + back)) -ge "$(envelopes a)" ]
}
link() { sotto --home "$home/a" connect "$(endpoint r)" >>"$home/a.log" 2>&1; }
unlinked() { [ "$(json a 'len(s["links"])')" -eq 0 ]; }
at_least() { [ "$(traffic "$1" "$2")" -ge "$3" ]; }
# A links to R anew, and has compared its shelf with R's: it begins, hears what
# R has, and answers.
compare() {
    said=$(traffic a sent-reconcile)
    sotto --home "$home/a" disconnect "$(json r 's["node"]["key"]')" &&
        until_true unlinked && link &&
        until_true at_least a sent-reconcile $((said + 2))
}

mkdir -m 700 "$home/r"
cat >"$home/r/sotto.conf" <<END
[relay]
shelf = 1M
peer-rate = 1M
END
person a
person c
person d
introduce a c
introduce a d
stop c
stop d
start r --relay-only
link
ok "A is linked to R" until_true links_up a 1
# A quarter of the shelf is open to A: eight of the largest.
ok "A writes as much to C as R keeps of one neighbour's, and more" write c 9
ok "and then to D" write d 4
ok "R sends back what it has no room for" until_true settled 5
ok "their shelves are compared" compare
pushed=$(traffic a sent-push)
back=$(no_room)
ok "and again" compare
ok "and again" compare
ok "and nothing is pushed of what does not fit" \
    test "$(traffic a sent-push)" -eq "$pushed"
ok "nor refused" test "$(no_room)" -eq "$back"
ok "nor asked for" test "$(traffic r sent-want)" -eq 0

start c --connect "$(endpoint a)"
unlock c
has_all() { [ "$(sotto --home "$home/c" read --all --peek --json |
    grep -c "$text")" -eq 9 ]; }
ok "C reads its letters" until_true has_all
roomy() { [ "$(envelopes r)" -eq "$(envelopes a)" ]; }
ok "which makes room at R, and it has what there was none for" until_true roomy
ok "because it asked" at_least r sent-want 1
stop a
start d --connect "$(endpoint r)"
unlock d
has_four() { [ "$(sotto --home "$home/d" read --all --peek --json |
    grep -c "$text")" -eq 4 ]; }
ok "so D has its letters of R, though A is away" until_true has_four
done_testing
