#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# add, contacts, send, read, follow, outbox, recall: letters between two.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

ada() { sotto --home "$home/ada" "$@"; }
bo() { sotto --home "$home/bo" "$@"; }

person ada
person bo
card_of_bo=$(bo id)
ok "add says what was not verified" \
    shows "not verified  that this key is theirs" ada add bo "$card_of_bo"
ok "a name that is taken is refused" refuses 5 "" ada add bo "$(ada id)"
damaged=$(printf '%s' "$card_of_bo" | sed 's/.\{8\}$/aaaaaaaa/')
ok "a damaged card is refused" exits 5 ada add eve "$damaged"
ada id >"$home/card"
ok "a card from a file" holds 'rows[0]["name"] == "ada"
    and len(rows[0]["fingerprint"]) == 64' bo add --json ada "@$home/card"
from_input() { ada id | bo add again -; }
ok "a person who is there is refused under another name" \
    refuses 5 "" from_input
ok "contacts lists names and fingerprints" \
    holds 'len(rows) == 1 and rows[0]["name"] == "bo"
    and rows[0]["state"] == "unverified" and len(rows[0]["fingerprint"]) == 64' \
    ada contacts --json
ok "contacts for a person" shows bo ada contacts
ok "an unknown name ends with 4" refuses 4 "" ada send eve hello

ok "a letter is queued" holds 'len(rows) == 1 and len(rows[0]["id"]) == 32
    and rows[0]["state"] == "queued"' ada send bo "to be recalled" --json
ok "waiting in vain ends with 6, and says where the letter stands" \
    exits 6 ada send bo "not linked yet" --wait delivered --timeout 1s
ok "outbox shows both" holds 'len(rows) == 2
    and all(r["to"] == "bo" and r["state"] == "queued" and r["handed_to"] == 0
        and r["expires_at"] > r["sent_at"] for r in rows)' ada outbox --json
ok "outbox for a person" shows queued ada outbox
id=$(ada outbox --json | python3 -c 'import json, sys
print(json.loads(sys.stdin.readline())["id"])')
ok "recall by the first characters" \
    holds 'rows[0]["state"] == "recalled"' \
    ada recall "$(printf %.10s "$id")" --json
ok "nobody is waited for then" holds 'rows[0]["state"] == "recalled"' \
    ada outbox "$(printf %.10s "$id")" --json
ok "an id that nothing begins with ends with 4" refuses 4 "" ada recall zz

# Not through bo: a function would run in a shell of its own, and that shell,
# not sotto, would get the signals.
sotto --home "$home/bo" follow --json >"$home/followed" \
    2>"$home/follow.log" &
follower=$!
following() { grep -q "^following" "$home/follow.log"; }
ok "follow says when nothing more is missed" until_true following
ada connect "$(endpoint bo)" || bail "no connect"
ok "delivered: by the recipient's own receipt" \
    holds 'len(rows) == 1 and rows[0]["state"] == "delivered"' \
    ada send bo "The heron is back." --json --wait delivered --timeout 60s
sotto --home "$home/bo" send ada "Nobody reads this." --wait read \
    --timeout 15s >"$home/unread" 2>&1 &
unread=$!
from_input() { printf 'two\nlines\n' | ada send bo - --wait delivered \
    --timeout 60s; }
ok "a text from standard input" from_input
escapes=$(printf 'red \033[31m and \342\200\256back')
ok "a text with escape sequences goes" \
    ada send bo "$escapes" --wait delivered --timeout 60s
longest() { head -c 24576 /dev/zero | tr '\0' y |
    ada send bo --wait delivered --timeout 60s; }
ok "a text of the longest length goes" longest
heron_arrived() { has_text bo "heron"; }
ok "all have come" until_true heron_arrived

ok "peek leaves letters unread" holds 'len(rows) >= 4
    and all(r["state"] == "unread" and r["from"] == "ada"
        and len(r["fingerprint"]) == 64 and r["sent_at"] > 0
        and r["received_at"] > 0 for r in rows)' bo read --peek --json
ok "the recalled letter never came" \
    holds 'not any("recalled" in r["text"] for r in rows)' \
    bo read --peek --json
ok "a limit is kept" holds 'len(rows) == 2' bo read --peek --limit 2 --json
ok "letters from nobody" refuses 4 "" bo read eve
ok "a text comes back to the byte" \
    holds 'any(r["text"] == "two\nlines\n" for r in rows)
    and any(r["text"] == "y" * 24576 for r in rows)
    and any(r["text"] == "red \x1b[31m and \u202eback" for r in rows)' \
    bo read --peek --json
safe() {
    bo read ada >"$home/out" || return 1
    grep -v yyyy "$home/out"
    grep -qF '    red <U+001B>[31m and <U+202E>back' "$home/out" &&
        ! grep -q "$(printf '\033')" "$home/out"
}
ok "read for a person cannot act on the terminal" safe
ok "read marked them read" test -z "$(bo read --json)"
ok "--all still has them" holds 'len(rows) >= 4 and all(r["state"] == "read"
    for r in rows)' bo read --all --json

followed() { grep -q "heron" "$home/followed"; }
ok "follow showed a letter as it came" until_true followed
ok "as an event with the letter's members" \
    holds 'any(r["event"] == "letter" and r["from"] == "ada" for r in rows)' \
    cat "$home/followed"
kill -INT "$follower"
wait "$follower"
ok "follow ends with 0 when interrupted" test $? -eq 0
rm "$home/follow.log" # it says that the first one followed
sotto --home "$home/bo" follow >"$home/followed" 2>"$home/follow.log" &
follower=$!
until_true following || bail "follow does not follow"
ok "a burn timer goes along" \
    ada send bo "soon gone" --burn 1h --wait delivered --timeout 60s
soon() { grep -q "    soon gone" "$home/followed"; }
ok "follow for a person shows it" until_true soon
ok "and its timer" grep -q "burns 1 h after reading" "$home/followed"
wait "$unread"
ok "waiting in vain for a letter to be read ends with 6" test $? -eq 6
ok "and says that it is delivered" \
    grep -qF "not read within 15 s; the letter is delivered" "$home/unread"
stop bo
wait "$follower"
ok "follow ends with 2 when the node stops" test $? -eq 2

launch bo
sotto --home "$home/bo" wait-ready --timeout 30s || bail "bo is not ready"
ada lock
ok "send from a locked vault ends with 3" refuses 3 "" ada send bo locked

unlock ada
unlock bo
unread() { # unread WORDS COMMAND...: done, though it cannot be printed
    words=$1
    shift
    exits 1 "$@" >/dev/full 2>"$home/said"
    cat "$home/said"
    [ "$(grep -c 'cannot write' "$home/said")" -eq 1 ] &&
        grep -qF "$words" "$home/said"
}
ok "a letter whose id cannot be printed is written, and that is said" \
    unread "the letter was written all the same" ada send bo "written all the same"
same=$(ada outbox --json | tail -n 1 | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
ok "as the outbox shows" ada recall "$same"
ok "so it is of a note" unread "the note is kept all the same" ada note add "a"
ok "of an invite" unread "an invite was made all the same" ada id --invite
ok "of an identity" unread "the identity was made all the same" \
    sotto --home "$home/new" init --passphrase-file "$home/ada.pass"
ok "and what is read without being seen" unread "marked read all the same" \
    bo read --all

done_testing
