#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# note: written, found, read, removed, burned.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

person ada
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
written='milk, bread
and a word that no file may have: xylophone'
adds() { printf '%s' "$written" | ada note add - >"$home/id" &&
    grep -qE '^[0-9a-f]{32}$' "$home/id"; }
ok "a note is written from standard input, and its id printed" adds
id=$(cat "$home/id")
ok "another from the command line" ada note add "call bo"
listed() { ada note list >"$home/list" && cat "$home/list" &&
    grep -q "^$(printf %.12s "$id")  .*milk, bread\$" "$home/list" &&
    grep -q "call bo" "$home/list" && [ "$(wc -l <"$home/list")" -eq 2 ]; }
ok "they are listed by their first lines" listed
reads() { [ "$(ada note read "$(printf %.8s "$id")")" = "$written" ]; }
ok "one is read by the start of its id, as it was written" reads
json() { ada note read "$id" --json | python3 -c 'import json, sys
note = json.load(sys.stdin)
assert note["id"] == sys.argv[1] and note["text"] == sys.argv[2]
assert note["bytes"] == len(sys.argv[2]) and note["burns_at"] == 0' \
    "$id" "$written"; }
ok "--json has all of it" json
has_word() { grep -rqF xylophone "$home/ada" "$home/ada.log"; }
ok "no file has a word of it" exits 1 has_word
ada lock
ok "the notebook is locked with the vault" refuses 3 "locked" ada note list
stop ada KILL
start ada
unlock ada
ok "after a crash it is there" reads
ok "an id that none has is refused" refuses 4 "no note" ada note read zz
ok "the form is told" refuses 1 "sotto note add" ada note read
ok "--burn goes with add" refuses 1 "note add" ada note list --burn 5m
ok "an empty note is none" refuses 1 "empty" ada note add ""
ok "a note is removed" ada note remove "$id"
ok "and gone" refuses 4 "no note" ada note read "$id"
ok "a note that burns is written" ada note add "ashes" --burn 1s
is_burned() { ! ada note list | grep -q ashes; }
ok "it burns" until_true is_burned
ok "the other stays" test "$(ada note list | wc -l)" -eq 1

done_testing
