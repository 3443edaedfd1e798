#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# Cards as pictures: what sotto draws is read again by a real reader of QR
# codes, from what an eye would see of it.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

command -v zbarimg >/dev/null || skip_all "no zbarimg (Debian: zbar-tools)"
terminal() { python3 "$top_srcdir/tests/programs/terminal.py" "$@"; }
export TERM=xterm-256color
unset NO_COLOR

ada() { sotto --home "$home/ada" "$@"; }
person ada
person bo
card=$(ada id)

# reads BACKGROUND FILE: what a camera makes of the file on such a terminal
reads() {
    terminal see "$1" <"$2" >"$home/seen.pgm" &&
        zbarimg -q --raw -Sbinary "$home/seen.pgm"
}
capitals() { tr '[:lower:]' '[:upper:]'; }
is_card() { # is_card BACKGROUND FILE
    reads "$@" >"$home/read" && cat "$home/read" &&
        [ "$(cat "$home/read")" = "$(echo "$card" | capitals)" ]
}
shows() { # shows FILE COLUMNS LINES OPTION...: on a terminal of that size
    file=$1
    shift
    columns=$1
    lines=$2
    shift 2
    terminal run "$columns" "$lines" sotto --home "$home/ada" id "$@" >"$file"
}

ok "a picture is drawn on a terminal" shows "$home/drawn" 61 32 --qr
ok "in colours" grep -q '48;5;231m' "$home/drawn"
ok "which a camera reads on a dark one" is_card dark "$home/drawn"
ok "and on a light one" is_card light "$home/drawn"
no_text() { ! grep -qi 'sotto:' "$home/drawn"; }
ok "and nothing else is printed" no_text

ada id --qr >"$home/plain" || bail "no picture in a file"
ok "a file has no colours" test -z "$(tr -d -c '\033' <"$home/plain")"
ok "and is read on a dark background" is_card dark "$home/plain"
no_colours() { NO_COLOR=1 shows "$home/drawn" 61 32 --qr; }
ok "a terminal that wants no colours gets none" no_colours
ok "and shows the same as the file" cmp "$home/plain" "$home/drawn"

narrow() { shows "$home/out" 60 99 --qr; }
ok "a terminal too narrow is refused" exits 5 narrow
ok "with what is needed" grep -qF "needs 61 columns and 32 lines" "$home/out"
low() { shows "$home/out" 99 31 --qr; }
ok "and so is one too low" exits 5 low
ok "with what there is" grep -qF "has 99 and 31" "$home/out"
ok "a picture is no JSON" refuses 1 "--json" ada id --qr --json

invites_left() { # the invites that can still be made
    left=0
    while ada id --invite >/dev/null 2>&1; do left=$((left + 1)); done
    echo "$left"
}
narrow_invite() { shows "$home/out" 76 99 --invite --qr; }
ok "a picture of an invite that does not fit is refused" exits 5 narrow_invite
ok "with what that needs" grep -qF "needs 77 columns and 40 lines" "$home/out"
shows "$home/drawn" 77 40 --qr --invite || bail "no picture of an invite"
ok "only the one that was drawn was made" test "$(invites_left)" -eq 31
reads light "$home/drawn" >"$home/invite" || bail "the invite is not read"
ok "an invite is read" grep -qxE 'SOTTO:[A-Z2-7]{580}' "$home/invite"
from_stdin() { sotto --home "$home/bo" add ada - --json <"$home/invite" |
    grep -q '"invited"'; }
ok "and added from standard input as the camera gave it" from_stdin
again() { reads dark "$home/plain" | sotto --home "$home/bo" add ada -; }
ok "the card's picture is that of the same person" \
    refuses 5 "you have ada already" again
later() { printf 'sotto:bea%s' "$(printf '%0320d' 0 | tr 0 a)" |
    sotto --home "$home/bo" add eve -; }
ok "a card of a suite that is not known is refused, with words" \
    refuses 5 "does not know (suite 9)" later
half() { head -c 100 "$home/invite" | sotto --home "$home/bo" add eve -; }
ok "half of one is no card" refuses 1 "that is no card" half
done_testing
