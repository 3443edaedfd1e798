#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# What is left of secrets in the memory of a locked vault process and in all its
# files: nothing, in no form.  The same search of the unlocked process finds
# those that it holds, so it is able to.  A passphrase is in memory only while
# its key is derived, so that it cannot be found before either.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

mkdir "$home/secrets"
secret() { printf '%s' "$2" >"$home/secrets/$1"; }
secret body 'zweiundvierzig Pinguine im Sturm'
secret answer 'die Antwort der Pinguine lautet ja'
secret name 'Barnabas-Quellwasser'
secret group 'Laternengruppe am Nordkai'
secret circular 'Rundschreiben: der Leuchtturm ist aus'
secret file 'Seekarte-der-Pinguine.txt'
secret content 'die Untiefe liegt nordwestlich der Boje'
secret note 'eine Notiz vom Meeresgrund, geheim'
secret passphrase 'the passphrase of ada'
said() { cat "$home/secrets/$1"; }
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
bo() { verb=$1; shift; sotto --home "$home/bo" "$verb" "$@"; }
search() { # search PLACE... -- SECRET...: whether any is found
    python3 "$top_srcdir/tests/programs/memory.py" "$@"
}
secrets() { for one in "$@"; do echo "$home/secrets/$one"; done; }
finds() { # finds SECRET PLACE
    search "$2" -- "$(secrets "$1")"
}

person ada
person bo
ada add "$(said name)" "$(bo id)" >/dev/null || bail "no contact"
bo add ada "$(ada id)" >/dev/null || bail "no contact"
ada connect "$(endpoint bo)" || bail "no link"
vault=$(process ada vault)
search "$vault" -- "$(secrets name)" >/dev/null
[ $? -ne 99 ] || skip_all "this user may not look into another process's memory"

mkdir "$home/outside"
said content >"$home/outside/$(said file)"
bo send ada --file "$home/outside/$(said file)" --wait delivered >/dev/null ||
    bail "no file came"
ada send "$(said name)" --file "$home/outside/$(said file)" \
    --wait delivered >/dev/null || bail "no file went"
ada send "$(said name)" "$(said answer)" --wait delivered >/dev/null ||
    bail "not delivered"
bo send ada "$(said body)" --wait delivered >/dev/null || bail "not delivered"
ada note add "$(said note)" >"$home/id"
ada group new "$(said group)" >/dev/null || bail "no group"
ada group add "$(said group)" "$(said name)" >/dev/null || bail "not asked in"
is_in() { bo group members "$(said group)" --json | grep -q '"role":"admin"'; }
until_true is_in || bail "bo does not come in"
bo group send "$(said group)" "$(said circular)" --wait delivered >/dev/null ||
    bail "not delivered to the group"

ok "unlocked, memory has the name of a contact" finds name "$vault"
ok "and that of a group" finds group "$vault"
ada note read "$(cat "$home/id")" >/dev/null
ok "and a note that was just read" finds note "$vault"
# What the vault does meanwhile takes the place of what was read.
after_reading() { ada read "$(said "$1")" --peek >/dev/null &&
    finds "$2" "$vault"; }
ok "and a letter that was just read" until_true after_reading name body
ok "and one that came through a group" \
    until_true after_reading group circular
got() { # the newest file that came
    ada file get "$(ada file list --json |
        sed -n 's/^.*"id":"\([0-9a-f]*\)","direction":"in".*$/\1/p' |
        tail -n 1)" "$home/outside/got" --force >/dev/null
}
after_getting() { got && finds "$1" "$vault"; }
ok "and the name of a file" until_true after_getting file
ok "and what is in one that was just written out" until_true after_getting content

ada lock
# shellcheck disable=SC2046 # words
nothing_in() { search "$1" -- \
    $(secrets body answer name group circular note passphrase file content); }
ok "locked, memory has nothing" exits 1 nothing_in "$vault"
ok "nor has any file" exits 1 nothing_in "$home/ada"
ada unlock --passphrase-file "$home/ada.pass"
ada read >/dev/null
ada contacts >/dev/null
ada outbox >/dev/null
ada group list >/dev/null
ada file list >/dev/null
got || bail "no file"
ada group members "$(said group)" >/dev/null
ada lock
ok "opened and locked again, memory has nothing" exits 1 nothing_in "$vault"
refuses 5 "" ada unlock --passphrase-file "$home/bo.pass" >/dev/null
ok "nor after a wrong passphrase" exits 1 nothing_in "$vault"
ok "the process was the same all the while" test "$(process ada vault)" = \
    "$vault"
supervisor=$(pid_of ada)
relay=$(process ada relay)
ok "relay and supervisor never had anything" exits 1 search "$relay" \
    "$supervisor" -- "$(secrets body)" "$(secrets answer)" "$(secrets name)" \
    "$(secrets group)" "$(secrets circular)" "$(secrets note)" \
    "$(secrets passphrase)" "$(secrets file)" "$(secrets content)"
plain() { printf 'x%sx' "$(base64 <"$home/secrets/body")" >"$home/ada/found" &&
    finds body "$home/ada"; }
ok "a coded copy in a file would be found" plain

done_testing
