#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# shellcheck disable=SC2016 # the backquotes are those of a message
# Half a copy of a vault's folder: each of its files there or not, and what
# status, unlock, init and restore make of it.  Nothing is lost unsaid.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

umask 077
printf 'one\n' >"$home/one"
printf 'two\n' >"$home/two"
vault=$home/ada/vault
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
init() { ada init --passphrase-file "$home/two" "$@"; }
unlock_one() { ada unlock --passphrase-file "$home/one"; }
restore() { # restore FILE [OPTION...]
    ada restore "$@" --passphrase-file "$home/one" \
        --new-passphrase-file "$home/two"
}
status_says() { ada status | grep -F -e "$1"; }
missing_is() { [ "$(json ada 's["vault"]["missing"]')" = "$1" ]; }
# has FILE...: the vault's folder holds these, and nothing else.
has() { [ "$(cd "$vault" && echo *)" = "$*" ]; }
same() { cmp "$home/whole/$1" "$vault/${2:-$1}"; }

# put FILE...: a stopped node whose folder has these files of the whole alone.
put() {
    stop ada
    rm -rf "$vault"
    mkdir "$vault"
    for file in "$@"; do cp "$home/whole/$file" "$vault/$file"; done
}

start ada
sotto --home "$home/ada" init --passphrase-file "$home/one" >"$home/card" ||
    bail "no identity"
ada backup "$home/backup" --passphrase-file "$home/one" || bail "no backup"
stop ada
cp -r "$vault" "$home/whole"
: >"$home/whole/vault.db-wal" # a log that a copy might catch
printf 'what was written last' >"$home/whole/vault.db-wal"

put vault.db
start ada
ok "records without slots are incomplete" test "$(vault_state ada)" = incomplete
ok "and the slots are missing" missing_is slots
ok "status names the file" status_says "$vault/slots"
ok "unlock names it, too" refuses 4 'the file `slots`' unlock_one
ok "so does any other verb" refuses 4 'the file `slots`' ada contacts
ok "init makes nothing over it" refuses 5 'a copy of the file `slots`' init
ok "nor does restore" refuses 5 --set-aside restore "$home/backup"
ok "wait-ready does not take it for a new node" ada wait-ready
stop ada
ok "where no node runs init says the same" \
    refuses 5 'a copy of the file `slots`' init
ok "all that was there is there" has vault.db
cp "$home/whole/slots" "$vault/slots"
start ada
ok "with its slots put back it opens" unlock_one
ok "and is the same" test "$(ada id)" = "$(cat "$home/card")"

put vault.db
launch ada --unlock-with "$home/one"
ok "who waits for a vault that unlocks by itself is told" \
    exits 5 ada wait-ready --timeout 30s
ok "and the log says what is missing" grep -qF 'the file `slots`' "$home/ada.log"

put vault.db
start ada
cp "$home/whole/slots" "$vault/slots"
ok "slots that came back while the node ran are not written over" \
    exits 2 init --set-aside
ok "they are as they were" same slots
ok "the node finds them" until_true unlock_one

put vault.db
: >"$vault/slots"
start ada
ok "empty slots are as good as none" missing_is slots
ok "init makes nothing over them" refuses 5 'a copy of the file `slots`' init
stop ada

put vault.db
start ada
ok "set aside, an identity is made" init --set-aside
ok "which is another" test "$(ada id)" != "$(cat "$home/card")"
stop ada
ok "and the records are kept" has slots vault.db vault.db.set-aside-1
mkdir "$home/bo" "$home/bo/vault"
cp "$home/ada/sotto.conf" "$home/bo/"
cp "$vault/vault.db.set-aside-1" "$home/bo/vault/vault.db"
cp "$home/whole/slots" "$home/bo/vault/slots"
start bo
ok "with their slots they open in a folder of their own" \
    sotto --home "$home/bo" unlock --passphrase-file "$home/one"
ok "as they were" test "$(sotto --home "$home/bo" id)" = "$(cat "$home/card")"
rm "$vault/slots"
start ada
ok "a second time, under a second name" restore "$home/backup" --set-aside
stop ada
ok "nothing is in the place of the first" \
    has slots vault.db vault.db.set-aside-1 vault.db.set-aside-2
ok "panic destroys what was set aside, too" ada panic --yes
ok "and nothing is left of it" has vault.db

put vault.db
start ada --relay-only
ok "panic does not pretend where only a relay runs" \
    refuses 2 "nothing was destroyed: " ada panic --yes
stop ada
panic_is_silent() { ada panic --yes 2>"$home/said" && [ ! -s "$home/said" ]; }
ok "panic destroys records without slots" panic_is_silent
start ada
ok "the vault is empty then" test "$(vault_state ada)" = empty

put slots
start ada
ok "slots without records are locked" test "$(vault_state ada)" = locked
ok "and the records are missing" missing_is records
ok "status names the file" status_says "its database (vault.db) is missing"
ok "so does unlock" refuses 5 "put it back beside \`slots\`" unlock_one
ok "a wrong passphrase is still wrong" \
    refuses 5 "wrong passphrase" ada unlock --passphrase-file "$home/two"
ok "init makes nothing over them" refuses 5 "an identity here already" init
stop ada
ok "the slots are as they were" same slots
cp "$home/whole/vault.db" "$vault/vault.db"
start ada
ok "with its records put back it opens" unlock_one

put slots vault.db-wal
launch ada
wait "$(pid_of ada)"
ok "a log without its database ends the node" test $? -ne 0
ok "which says what is missing" \
    grep -qF "it is missing, but its log (vault.db-wal) is there" "$home/ada.log"
ok "and the log is as it was" same vault.db-wal

put
start ada
ok "where nothing is there is nothing" test "$(vault_state ada)" = empty
ok "and nothing is missing" missing_is none
ok "an identity is made" init

# Half of what others carry is nobody's loss: a relay begins anew.
stop ada
rm -r "$home/ada/relay/shelf"
start ada
ok "without its shelf a node starts" shelf_is ada 0
stop ada
rm "$home/ada/relay/shelf/ids"
start ada
ok "without its shelf's records, too" shelf_is ada 0

# A database that is damaged where the node does not look at its start: who
# waits is told what is wrong, before the vault's process ends.
put slots vault.db
start ada
unlock_one || bail "the whole does not open"
for i in 1 2 3 4 5 6 7 8; do
    head -c 20000 /dev/zero | tr '\0' "$i" | ada note add - >/dev/null ||
        bail "no note"
done
stop ada
# spoil FROM: overwrite the leaves of the database from that part of it on.
spoil() {
    python3 - "$vault/vault.db" "$1" <<'PY'
import sys
path, part = sys.argv[1], float(sys.argv[2])
data = bytearray(open(path, "rb").read())
for page in range(int(len(data) // 4096 * part), len(data) // 4096):
    data[page * 4096:page * 4096 + 64] = b"\xff" * 64
open(path, "wb").write(data)
PY
}
cp "$vault/vault.db" "$home/notes.db"
spoil 0.5
start ada
every_note() {
    for id in $(ada note list --json |
        python3 -c 'import json, sys
for line in sys.stdin: print(json.loads(line)["id"])'); do
        ada note read "$id" || return
    done
}
says_damaged() {
    unlock_one && every_note
} 2>"$home/said" >"$home/out"
ok "a damaged database is an error of the node" exits 2 says_damaged
told() { cat "$home/said" && grep -qF "$1" "$home/said"; }
ok "which names the file" told "$vault/vault.db: it is damaged"
ok "and what to do" told "put back a copy of it"
ok "the relay goes on" ada wait-ready --timeout 30s
stop ada
cp "$home/notes.db" "$vault/vault.db"
start ada
ok "with a copy it opens" unlock_one
ok "and all is there" every_note

# Cut short while a vault was made or destroyed: the mark of a void file.
void() { # void COST: of 255, destroyed; of 254, begun
    python3 -c 'import sys
sys.stdout.buffer.write(b"sotto: no vault." + bytes([int(sys.argv[1])]) +
    bytes(4079))' "$1" >"$vault/slots"
}
put vault.db
void 255
cp "$vault/vault.db" "$vault/vault.db.set-aside-1"
start ada
ok "a panic that was cut short is brought to its end" \
    test "$(vault_state ada)" = empty
stop ada
ok "and nothing is left" has vault.db
ok "the records are gone" exits 1 same vault.db
put vault.db
void 254
cp "$vault/vault.db" "$vault/vault.db.set-aside-1"
start ada
ok "a making that was cut short leaves no vault" \
    test "$(vault_state ada)" = empty
ok "nor a mark of it" test ! -e "$vault/slots"
ok "a restore after it works" restore "$home/backup"
stop ada
ok "and what was set aside is there" same vault.db vault.db.set-aside-1

done_testing
