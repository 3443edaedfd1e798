#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# group: three people and a relay between them.  Bo and Cy are no contacts of
# each other.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

ada() { sotto --home "$home/ada" "$@"; }
bo() { sotto --home "$home/bo" "$@"; }
cy() { sotto --home "$home/cy" "$@"; }
# field EXPRESSION COMMAND...: print it, of rows
field() {
    expression=$1
    shift
    "$@" | python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
print(eval(sys.argv[1]))' "$expression"
}

start relay --relay-only
relay=$(endpoint relay)
for name in ada bo cy; do
    person $name --connect "$relay"
done
introduce ada bo
introduce ada cy

# Beginning, and what cannot be meant.

ok "new begins a group" holds 'len(rows) == 1 and rows[0]["name"] == "lantern"
    and rows[0]["state"] == "member" and rows[0]["admin"]
    and rows[0]["members"] == 1 and len(rows[0]["id"]) == 64' \
    ada group new lantern --json
ok "a second of that name is refused" refuses 5 "a group lantern already" \
    ada group new lantern
ok "so is a contact's name" refuses 5 "somebody else" ada group new bo
ok "a name of nothing is refused" refuses 1 "is empty" ada group new ""
ok "so is a name that ends with a space" refuses 1 "1 to 64 bytes" \
    ada group new "lantern "
ok "a word that is none is refused, with those there are" \
    refuses 1 "forget" ada group dissolve lantern
ok "too few words say what is right" \
    refuses 1 "sotto group add GROUP CONTACT" ada group add lantern
ok "an option of another word is refused" \
    refuses 1 "takes no --expire" ada group list --expire 1h
ok "and --admin where nobody is added" \
    refuses 1 "takes no --admin" ada group send lantern x --admin
ok "a group that is not there ends with 4" \
    refuses 4 "no group has that name" ada group send torch hello
ok "a letter to it as to a contact says what is right" \
    refuses 4 "lantern is a group, and no contact: \`sotto group send\`" \
    ada send lantern hello
printf 'x\n' >"$home/file"
ok "so does a file" refuses 4 "lantern is a group" \
    ada send lantern --file "$home/file"
ok "a contact who is not there ends with 4" \
    refuses 4 "no contact is named dee" ada group add lantern dee
ok "nobody to write to ends with 5" \
    refuses 5 "nobody else is in lantern" ada group send lantern alone
ok "an empty text is refused" refuses 1 "empty" ada group send lantern ""

# Coming in.

sotto --home "$home/bo" follow --json >"$home/followed" \
    2>"$home/follow.log" &
follower=$!
following() { grep -q "^following" "$home/follow.log"; }
until_true following || bail "follow does not follow"
ok "add asks a contact in" \
    holds 'rows[0]["invited"] == 1 and rows[0]["members"] == 1' \
    ada group add lantern bo --json
is_in() { holds 'len(rows) == 1 and rows[0]["state"] == "member"' \
    "$1" group list --json; }
ok "who is asked in by a contact comes in" until_true is_in bo
joined() { grep '"event":"group"' "$home/followed" | grep -q '"joined"'; }
ok "and follow says so" until_true joined
ok "by whom" grep -q '"what":"joined","who":"ada"' "$home/followed"
ada group add lantern cy >"$home/out" || bail "cy is not asked in"
members_are() { holds "len(rows) == $2
    and all(r['role'] != 'invited' for r in rows)" \
    "$1" group members lantern --json; }
everybody() { members_are ada "$1" && members_are bo "$1" &&
    members_are cy "$1"; }
ok "everybody knows everybody" until_true everybody 3
ok "who is no contact is introduced, by whom and as what" \
    holds 'any(r["name"] == "" and r["state"] == "introduced"
        and r["by"] == "ada" and r["called"] == "cy" for r in rows)' \
    bo group members lantern --json
ok "a person is told that they are unverified" \
    shows "unverified: introduced by ada as cy" bo group members lantern
ok "and that they are no contact" \
    holds 'len(rows) == 1' bo contacts --json
ok "somebody who is in is not added again" \
    refuses 5 "bo is in lantern already" ada group add lantern bo
ok "who is no admin adds nobody" \
    refuses 5 "only an admin" bo group add lantern ada

# Writing.

ok "delivered: when each has said so" \
    holds 'rows[0]["state"] == "delivered"' ada group send lantern \
    "The heron is back." --wait delivered --timeout 60s --json
ok "each is shown it once" has_text bo "The heron is back."
ok "with the group and the writer" \
    holds 'any(r["group"] == "lantern" and r["from"] == "ada"
        and r["view"] == "current" and len(r["group_id"]) == 64
        for r in rows)' cy read --all --peek --json
ok "a letter from a member who is no contact comes" \
    bo group send lantern "From bo to both." --wait delivered --timeout 60s
print_of_bo=$(field '[r["fingerprint"] for r in rows
    if r["called"] == "bo"][0][:8]' cy group members lantern --json)
ok "and is shown with the fingerprint" \
    shows "<$print_of_bo> in lantern" cy read lantern
ok "read GROUP has marked the group's letters read" \
    holds 'len(rows) == 0' cy read --json
is_read() { holds "any(r['state'] == 'read' for r in rows)" \
    ada outbox "$1" --json; }
first=$(field 'rows[0]["id"]' ada outbox --json)
ok "outbox ID shows who has read it" until_true is_read "$first"
ok "one by one" holds 'sorted((r["name"], r["state"]) for r in rows)
    == [("bo", "delivered"), ("cy", "read")]' ada outbox "$first" --json
ok "outbox shows n of m" \
    holds 'rows[0]["copies"] == 2 and rows[0]["delivered_to"] == 2
    and rows[0]["read_by"] == 1' ada outbox --json
ok "for a person, too" shows "2 of 2" ada outbox
ok "an id that no letter has ends with 4" refuses 4 "" ada outbox zz

stop cy
bo lock
ada group send lantern "For two who are away." --wait handed --timeout 60s \
    >"$home/away" || bail "not handed"
away=$(cut -c 1-12 "$home/away")
ok "waiting in vain ends with 6" exits 6 \
    ada group send lantern "Another." --wait delivered --timeout 1s
unlock bo
has() { [ "$(field 'rows[[r["id"][:12] for r in rows].index("'"$1"'")]["delivered_to"]' \
    ada outbox --json)" -eq "$2" ]; }
ok "one of two has it" until_true has "$away" 1
ok "which is handed, not delivered" \
    holds 'all(r["state"] != "delivered" for r in rows if r["id"].startswith(
    "'"$away"'"))' ada outbox --json
recalled=$(ada group send lantern "To be taken back." | cut -c 1-12)
ok "one of two has the next" until_true has "$recalled" 1
ok "recalled, it is said who has it" \
    shows "already with bo; the rest will not get it" ada recall "$recalled"
ok "again, and to a program, in a list" \
    holds 'rows[0]["already_with"] == ["bo"] and rows[0]["copies"] == 2
    and rows[0]["state"] == "recalled"' ada recall "$recalled" --json
ok "and by outbox, below the letter" shows "    already with bo" ada outbox
bo lock
recalled=$(ada group send lantern "To nobody." | cut -c 1-12)
ok "what nobody has is recalled from all" \
    shows "nobody has said" ada recall "$recalled"
unlock bo
launch cy --connect "$relay"
sotto --home "$home/cy" wait-ready --timeout 30s || bail "cy is not ready"
unlock cy
ok "and when the other has come back, both" until_true has "$away" 2

# Going.

ok "a member is removed by their fingerprint" \
    holds 'rows[0]["members"] == 2' ada group remove lantern \
    "$(field '[r["fingerprint"] for r in rows if r["name"] == "cy"][0][:8]' \
        ada group members lantern --json)" --json
is_out() { holds 'rows[0]["state"] == "removed"' cy group list --json; }
ok "who is told" until_true is_out
ok "and writes there no more" \
    refuses 5 "you were removed" cy group send lantern hello
until_true members_are bo 2 || bail "bo does not know"
ada group send lantern "Two of us now." --wait delivered --timeout 60s \
    >"$home/out" || bail "not delivered"
nothing_new() { ! cy read --all --peek --json | grep -q "Two of us"; }
ok "what is written then is not theirs to read" nothing_new
ok "removing nobody ends with 4" refuses 4 "nobody in lantern" \
    ada group remove lantern cy
ok "oneself is no member to remove" \
    refuses 5 "group leave" ada group remove lantern \
    "$(field '[r["fingerprint"] for r in rows if r["state"] == "you"][0][:8]' \
        ada group members lantern --json)"

# Two groups of one name.

cy group new lantern >"$home/out" 2>&1
ok "a name that was given meanwhile is still refused to one's own" \
    test $? -eq 5
cy group forget lantern || bail "not forgotten"
ok "forget leaves nothing of it" holds 'rows == []' cy group list --json
cy group new lantern >"$home/out" || bail "no group"
cy group add lantern ada >"$home/out" || bail "not asked in"
two() { holds 'len(rows) == 2 and all(r["state"] == "member" for r in rows)' \
    ada group list --json; }
ok "somebody else's group of the same name" until_true two
ok "then neither is meant" refuses 4 "ids" ada group send lantern hello
ok "nor to be read" refuses 4 "ids" ada read lantern
id=$(field 'rows[1]["id"]' ada group list --json)
ok "the beginning of an id is enough" ada group send \
    "$(printf %.8s "$id")" "By its id." --wait delivered --timeout 60s
ok "leave ends a membership" holds 'rows[0]["state"] == "left"' \
    ada group leave "$id" --json
ok "and the others know" until_true members_are cy 1
kill "$follower"
wait "$follower" 2>/dev/null
done_testing
