#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# Each verb with --json, in a real node: its members are those that the manual
# lists, no more and no fewer.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"
source_dir=${top_srcdir:-.}

person ada
person bo
person cy
mkdir "$home/json"
ada() { sotto --home "$home/ada" "$@"; }
bo() { sotto --home "$home/bo" "$@"; }
cy() { sotto --home "$home/cy" "$@"; }
# out LABEL COMMAND...: what it prints with --json goes to the label's file
out() {
    label=$1
    shift
    "$@" --json >"$home/line" 2>"$home/line.err" ||
        { cat "$home/line" "$home/line.err"; bail "no $label"; }
    cat "$home/line" >>"$home/json/$label"
}
field() { python3 -c 'import json, sys
print([json.loads(line) for line in open(sys.argv[1])][0][sys.argv[2]])' \
    "$home/line" "$1"; }

out id ada id
out "id --invites" ada id --invites
out id ada id --invite
out "id --invites" ada id --invites
out "id --void" ada id --void "$(field number)"
out add ada add bo "$(bo id)"
out add bo add ada "$(ada id)"
out connect ada connect "$(endpoint bo)"
ada follow --json >"$home/follow" 2>"$home/following" &
echo $! >"$home/follower.pid"
nodes="$nodes follower"
follows() { grep -q following "$home/following"; }
until_true follows || bail "nothing is followed"
out send ada send bo "hello" --wait delivered --timeout 60s
ada send bo "to be taken back" >/dev/null || bail "cannot send"
out recall ada recall "$(ada outbox --json | tail -n 1 | cut -d '"' -f 4)"
out outbox ada outbox
out "outbox ID" ada outbox "$(field id)"
out read bo read
bo send ada "an answer" --wait delivered --timeout 60s >/dev/null
printf 'a file' >"$home/file"
bo send ada --file "$home/file" --wait delivered --timeout 60s >/dev/null
out "file list" ada file list
out "file get" ada file get "$(field id)" "$home/got"
ada file list --json >"$home/line"
out "file cancel" ada file cancel "$(field id)"
out verify ada verify bo
out contacts ada contacts
out rename ada rename bo bob
ada rename bob bo
out receipts ada receipts bo prompt
out block ada block bo
out unblock ada unblock bo

cy add ada "$(ada id)" >/dev/null
cy connect "$(endpoint ada)"
cy send ada "a stranger" >/dev/null
waits() { [ -n "$(ada requests --json)" ]; }
until_true waits || bail "no request"
out requests ada requests
out accept ada accept "$(field fingerprint)" cy
accepted() { has_text ada "a stranger"; }
until_true accepted || bail "cy is not accepted"

out evidential ada evidential bo
out evidential ada evidential bo on
proposed() { bo evidential ada --json | grep -q proposed-by-them; }
until_true proposed || bail "nothing is proposed"
bo evidential ada on >/dev/null
agreed() { ada evidential bo --json | grep -q '"evidential"'; }
until_true agreed || bail "nothing is agreed"
ada send bo "signed" --wait delivered --timeout 60s >/dev/null
ada send bo "and burned" --burn 1h --wait delivered --timeout 60s >/dev/null
out "transcript export" ada transcript export bo "$home/transcript"
out "transcript verify" ada transcript verify "$home/transcript"
out "transcript show" ada transcript show "$home/transcript"
ada evidential bo off >/dev/null
over() { rm -f "$home/transcript.over"
    ada transcript export bo "$home/transcript.over" &&
        ada transcript verify "$home/transcript.over" --json |
        grep -q '"accepter_end":"signed"'; }
until_true over || bail "bo has not signed the end"
out "transcript show" ada transcript show "$home/transcript.over"
{ cat "$home/transcript"; echo; } >"$home/bent"
ada transcript verify "$home/bent" --json >>"$home/json/transcript verify"
ada transcript show "$home/bent" --json >>"$home/json/transcript show"
out "transcript forget" ada transcript forget bo

out "group new" ada group new lantern
out "group add" ada group add lantern bo
in_group() { ada group members lantern --json | grep -c '"bo"' |
    grep -q 1 && [ "$(ada group list --json | grep -c '"members":2')" -eq 1 ]; }
until_true in_group || bail "bo is not in"
out "group list" ada group list
out "group members" ada group members lantern
out "group send" ada group send lantern "to all" --wait delivered --timeout 60s
bo group send lantern "from bo" --wait delivered --timeout 60s >/dev/null
out read ada read
out "group remove" ada group remove lantern bo
out "group leave" ada group leave lantern
out "group forget" ada group forget lantern

out "note add" ada note add "a note"
id=$(field id)
out "note list" ada note list
out "note read" ada note read "$id"
out "note remove" ada note remove "$id"
out status ada status
out peers ada peers
out "bundle export" ada bundle export "$home/bundle"
out "bundle import" bo bundle import "$home/bundle"
head -c 100 "$home/bundle" >"$home/cut"
bo bundle import "$home/cut" --json >>"$home/json/bundle import"
out "bundle digest" ada bundle digest "$home/digest"
printf 'another passphrase\n' >"$home/other.pass"
start dora
out init sotto --home "$home/dora" init --passphrase-file "$home/other.pass"
ada add bo "$(sotto --home "$home/dora" id)" 2>/dev/null &&
    bail "a key is replaced"
out decline ada decline bo
out disconnect ada disconnect "$(endpoint bo)"
out lock ada lock
out unlock ada unlock --passphrase-file "$home/ada.pass"
out passphrase ada passphrase --passphrase-file "$home/ada.pass" \
    --new-passphrase-file "$home/other.pass"
out "passphrase --recovery" ada passphrase --recovery \
    --passphrase-file "$home/other.pass"
out backup ada backup "$home/backup" --passphrase-file "$home/other.pass"
out remove ada remove cy
out wait-ready ada wait-ready
out limits sotto limits
out version sotto version
out help sotto help
out help sotto help send
out panic sotto --home "$home/dora" panic --yes
start emil
out restore sotto --home "$home/emil" restore "$home/backup" \
    --passphrase-file "$home/other.pass" \
    --new-passphrase-file "$home/other.pass"
stop bo
ended() { grep -q '"vault"' "$home/follow" && grep -q '"group"' "$home/follow" &&
    grep -q '"event":"file"' "$home/follow"; }
until_true ended || bail "follow has not shown all"
cp "$home/follow" "$home/json/follow"

listed() {
    # shellcheck disable=SC2046 # words
    python3 "$source_dir/tests/programs/cli-json.py" \
        "$source_dir/man/sotto.1" "$home/json" \
        $(sotto help --json | python3 -c 'import json, sys
for line in sys.stdin:
    print(json.loads(line)["verb"])')
}
ok "what each verb prints with --json stands in the manual, and no more" listed
lacks() {
    sed 's/handed_to , //' "$source_dir/man/sotto.1" >"$home/bent.1"
    python3 "$source_dir/tests/programs/cli-json.py" "$home/bent.1" \
        "$home/json" | grep -q "outbox: handed_to is printed"
}
ok "a member that is missing there is found" lacks
has_more() {
    sed 's/handed_to , /handed_to , handed_from , /' \
        "$source_dir/man/sotto.1" >"$home/bent.1"
    python3 "$source_dir/tests/programs/cli-json.py" "$home/bent.1" \
        "$home/json" | grep -q "handed_from is in the manual"
}
ok "and one that is printed by nothing" has_more
done_testing
