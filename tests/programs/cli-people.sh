#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# verify, decline, rename, block, unblock, remove, requests, accept: what one
# decides about people.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

ada() { sotto --home "$home/ada" "$@"; }
bo() { sotto --home "$home/bo" "$@"; }
cy() { sotto --home "$home/cy" "$@"; }

person ada
person bo
person cy
introduce ada bo
ada connect "$(endpoint bo)" || bail "no connect"

ada verify bo --json >"$home/number.ada"
number() { python3 -c 'import json, sys
print(json.load(sys.stdin)["number"])'; }
same_number() { [ "$(number <"$home/number.ada")" = "$(bo verify ada --json |
    number)" ]; }
ok "both see the same safety number" same_number
in_groups() {
    ada verify bo >"$home/out" || return 1
    cat "$home/out"
    [ "$(grep -cE '([0-9]{5}  ){3}[0-9]{5}$' "$home/out")" -eq 3 ]
}
ok "in groups of five digits" in_groups
long=$(head -c 65 /dev/zero | tr '\0' x)
ok "a name longer than any is refused with the limit" \
    refuses 5 "at most 64 bytes" ada verify "$long"
ok "to rename to one too, or to write to one" \
    refuses 5 "at most 64 bytes" ada send "$long" hello
ok "--confirm" holds 'rows[0]["confirmed"]' ada verify bo --confirm --json
ok "contacts says verified" holds 'rows[0]["state"] == "verified"' \
    ada contacts --json
ok "and only after a --confirm" holds 'rows[0]["state"] == "unverified"' \
    bo contacts --json

known=$(ada contacts --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["fingerprint"])')
card_of_cy=$(cy id)
names_both() {
    refuses 5 "$(printf %.8s "$known")" ada add bo "$card_of_cy" &&
        grep -qF "$(cy id --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["fingerprint"][:8])')" "$home/refuses.err"
}
ok "a card of another key under a known name is refused, with both" names_both
ok "sending stops, with exit 5" refuses 5 "has changed" ada send bo hello
ok "contacts says changed" holds 'rows[0]["state"] == "changed"
    and len(rows[0]["offered"]) == 64' ada contacts --json
ok "decline keeps the known key" ada decline bo
ok "and nothing else" holds 'rows[0]["state"] == "verified"
    and rows[0]["offered"] == ""' ada contacts --json
ok "and letters go out again" \
    ada send bo "the known one" --wait delivered --timeout 60s
refuses 5 "" ada add bo "$card_of_cy" >/dev/null
ok "as somebody else's, the card is taken" ada add cy "$card_of_cy"
ok "and nothing has changed" holds 'all(r["state"] != "changed" for r in rows)
    and len(rows) == 2' ada contacts --json

ok "receipts are as the configuration says" \
    shows "as the configuration says" ada receipts bo
ok "and chosen for a contact" shows "are discreet" ada receipts bo discreet
ok "which is kept" holds 'rows[0]["receipts"] == "discreet"' \
    ada receipts bo --json
ok "contacts says so" shows "receipts are discreet" ada contacts
ok "of that one alone" holds '{r["name"]: r["receipts"] for r in rows} ==
    {"bo": "discreet", "cy": "default"}' ada contacts --json
ok "another word is a usage error, with those there are" \
    refuses 1 "prompt, discreet or default" ada receipts bo soon
ok "and nobody has that name" refuses 4 "no contact" ada receipts dora discreet

stop bo
printf 'receipts = discreet\n' >>"$home/bo/sotto.conf"
start bo
unlock bo || bail "bo stays locked"
ada connect "$(endpoint bo)" || bail "no connect"
bo receipts ada prompt >/dev/null || bail "no receipts"
ok "they are prompt for a contact where the configuration says discreet" \
    ada send bo "in good time" --wait delivered --timeout 60s

ok "a name that differs in capitals alone is refused" \
    refuses 5 "choose another" ada rename cy BO
ok "rename" ada rename cy cyril
ok "the old name is gone" refuses 4 "" ada send cy hello
ok "the new one is there" ada send cyril hello
printed() { ada contacts | sed -n 's/^bo .*  //p'; }
ok "a fingerprint is a name as it is printed" \
    shows "name          bo" ada verify "$(printed)"
ok "a fingerprint's beginning is a name too" \
    ada send "$(printf %.8s "$known")" "by fingerprint" \
    --wait delivered --timeout 60s
ada rename cyril "$(printf %.8s "$known")" || bail "no rename"
ok "what could mean two is refused with 4, and both" \
    refuses 4 "could mean" ada send "$(printf %.8s "$known")" hello

ok "block" ada block bo
bo send ada "are you there?" >/dev/null || bail "bo cannot send"
ok "a letter of a blocked contact is not confirmed" \
    exits 6 bo send ada "hello?" --wait delivered --timeout 2s
ok "nor shown" test -z "$(ada read --all --peek --json)"
ok "nor can one be sent, and it is said what ends that" \
    refuses 5 "bo is blocked; \`sotto unblock bo\` ends that" ada send bo hello
ok "unblock" ada unblock bo
came() { has_text ada "are you there?"; }
ok "what lay on a shelf comes" until_true came

ada send bo "before the end" --wait delivered --timeout 60s >/dev/null ||
    bail "ada cannot send"
ok "remove" ada remove bo
ok "the letters are gone with the contact" \
    test -z "$(ada read --all --peek --json)$(ada outbox --json | grep '"bo"')"
ok "the name is free" refuses 4 "" ada verify bo
ok "who was removed is not told that a letter has arrived" \
    exits 6 bo send ada "can you hear me?" --wait delivered --timeout 2s
handed() { holds 'rows[-1]["state"] == "handed"' bo outbox --json; }
ok "outbox says handed, and no more" until_true handed
for who in ada bo; do
    bound sotto --home "$home/$who" follow --json >"$home/$who.follow" 2>&1 &
    followers="${followers-} $!"
    following() { grep -q following "$home/$who.follow"; }
    until_true following || bail "$who follows nothing"
done
ok "and can be given anew" ada add bo "$(bo id)"
heard() { has_text ada "can you hear me?"; }
ok "by which alone what was written meanwhile comes" until_true heard
told() { grep -q '"session":"open"' "$home/$1.follow"; }
ok "the one who adds is shown that a session began" until_true told ada
ok "and so is the other" until_true told bo
for follower in $followers; do kill "$follower"; wait "$follower"; done
ok "a removal of nobody ends with 4" refuses 4 "" ada remove eve

person dora
for who in cy dora; do
    sotto --home "$home/$who" add bo "$(bo id)" >/dev/null || bail "no add"
    sotto --home "$home/$who" connect "$(endpoint bo)" || bail "no connect"
    sotto --home "$home/$who" send bo "a stranger, $who" >/dev/null ||
        bail "$who cannot send"
done
both_wait() { [ "$(bo requests --json | wc -l)" -eq 2 ]; }
ok "two strangers wait" until_true both_wait
print_of() { sotto --home "$home/$1" id --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["fingerprint"])'; }
bo read >/dev/null
ok "who reads on a terminal, and has nothing to read, is told of them" \
    shows "2 strangers have written first" \
    env TERM=xterm python3 "$top_srcdir/tests/programs/terminal.py" \
    run 80 24 sotto --home "$home/bo" read
shown() { bo requests | tr -d ' ' | grep -q "$(print_of cy)"; }
ok "by their fingerprints" shown
ok "and nothing of theirs is shown" \
    test -z "$(bo read --all --peek --json | grep stranger)"
ok "accept under a bad name is refused" \
    refuses 1 "name" bo accept "$(print_of cy)" " cy"
ok "accept" holds 'rows[0]["name"] == "cy" and rows[0]["state"] == "unverified"' \
    bo accept "$(print_of cy | cut -c 1-8)" cy --json
from_cy() { has_text bo "a stranger, cy"; }
ok "what they wrote comes" until_true from_cy
ok "declining a contact whose key is the known one says so" \
    refuses 4 "has not changed" bo decline cy
ok "decline" bo decline "$(print_of dora)"
ok "nobody waits" test -z "$(bo requests --json)"
ok "a request that is not there ends with 4" \
    refuses 4 "sotto requests" bo accept "$(print_of dora)" dora
ok "they are not told" test "$(sotto --home "$home/dora" outbox --json |
    grep -c '"delivered"')" -eq 0

dora() { sotto --home "$home/dora" "$@"; }
dora id --invite >"$home/void" || bail "no invite"
dora id --invite >"$home/invite" || bail "no invite"
ok "invites that are out are listed" holds 'len(rows) == 2
    and rows[0]["made_at"] <= rows[0]["expires_at"] - 6 * 24 * 3600' \
    dora id --invites --json
number=$(dora id --invites | sed -n '2s/ .*//p')
ok "one can be void" dora id --void "$number"
ok "once" refuses 4 "sotto id --invites" dora id --void "$number"
ok "a number that is none is refused" refuses 1 "whole number" dora id --void x
ok "one thing at a time" refuses 1 "one at a time" dora id --invite --invites
ok "the rest are out" holds 'len(rows) == 1' dora id --invites --json
ok "an invite is one line" grep -qE '^sotto:[a-z2-7]{580}$' "$home/invite"
ok "whoever adds it is invited" holds 'rows[0]["state"] == "invited"' \
    ada add dora "@$home/invite" --json
ada send dora "we met" >/dev/null || bail "ada cannot send"
one_invited() { sotto --home "$home/dora" requests --json |
    grep -q '"invited":true'; }
ok "and waits at the other end, as invited" until_true one_invited
ok "the invite is out no more" test -z "$(dora id --invites --json)"
ok "accepted, it is said how they came" \
    shows "came through an invite of yours" dora accept "$(print_of ada)" ada
ok "and they are invited there too" holds 'any(r["state"] == "invited"
    and r["name"] == "ada" for r in rows)' dora contacts --json
ok "who comes with an invite that was used, or is void" \
    bo add dora "@$home/void"
ok "is told that there is no answer, and what that can mean" \
    shows "works once, for one person" bo contacts
met() { has_text dora "we met"; }
ok "and what they wrote comes" until_true met
done_testing
