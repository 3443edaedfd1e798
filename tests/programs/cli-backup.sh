#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# backup and restore, from one home into another, and whatever is wrong.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

umask 022
for word in safe wrong new; do
    printf 'the %s one\n' "$word" >"$home/$word"
    chmod 600 "$home/$word"
done
file=$home/ada.backup
person ada
person bo
introduce ada bo
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
bo() { verb=$1; shift; sotto --home "$home/bo" "$verb" "$@"; }
home() { verb=$1; shift; sotto --home "$home/eve" "$verb" "$@"; }
back_up() { ada backup "$file" --passphrase-file "$home/safe" "$@"; }
# restore_it FILE [PASSPHRASE [NEW]]
restore_it() { home restore "$1" --passphrase-file "$home/${2:-safe}" \
    --new-passphrase-file "$home/${3:-new}"; }

sotto --home "$home/bo" connect "$(endpoint ada)"
bo send ada "a word from bo" >/dev/null
ok "a letter comes" until_true has_text ada "a word from bo"
ada note add "a note of ada's" >/dev/null
card=$(ada id)
ok "the vault is backed up" back_up
ok "into a file of its owner's" test "$(stat -c %a "$file")" = 600
ok "of the least size" test "$(stat -c %s "$file")" = 262208
only_file() { [ "$(find "$home" -maxdepth 1 -name 'ada.backup*' | wc -l)" = 1 ]; }
ok "and nothing is beside it" only_file
is_clear() { grep -qaF -e "a word from bo" -e "a note of ada" "$file"; }
ok "nothing in it can be read" exits 1 is_clear
sum=$(cksum <"$file")
ok "it is not written over" refuses 5 "is there already" back_up
ok "as can be seen" test "$(cksum <"$file")" = "$sum"
ok "but with --force" back_up --force
ok "and is another each time" test "$(cksum <"$file")" != "$sum"
# Root could replace what is no file: a pipe stands for a device here.
mkfifo "$home/pipe"
ok "what is no plain file is not replaced, not even with --force" \
    refuses 1 "is no plain file; nothing was written" \
    ada backup "$home/pipe" --force --passphrase-file "$home/safe"
ok "and is what it was" test -p "$home/pipe"
ok "a folder that is not there" refuses 1 "cannot write" \
    ada backup "$home/no/where" --passphrase-file "$home/safe"
as_json() { back_up --force --json | python3 -c 'import json, sys
made = json.load(sys.stdin)
assert made == {"file": sys.argv[1], "bytes": 262208}, made' "$file"; }
ok "--json says where it is" as_json
cut_off() {
    (
        ulimit -f 1
        ada backup "$home/cut.backup" --passphrase-file "$home/safe"
    )
}
ok "what is over a limit on files is said" \
    refuses 1 "File too large; nothing was left there" cut_off
ok "and nothing is left" test -z "$(find "$home" -name 'cut.backup*')"
no_terminal() { setsid sotto --home "$home/ada" backup "$home/x" </dev/null; }
ok "a passphrase is needed" refuses 1 "--passphrase-file" no_terminal
ada lock
ok "a locked vault is not backed up" refuses 3 "locked" back_up --force
ok "and the last backup stays" test -s "$file"
ok "with nothing beside it" only_file
ok "nor is one restored where a vault is" refuses 5 "already" \
    ada restore "$file" --passphrase-file "$home/safe" \
    --new-passphrase-file "$home/new"
unlock ada
ok "that goes on" has_text ada "a word from bo"

# What came since, and what was under way.
stop bo
ada send bo "under way" >/dev/null
ok "once more" back_up --force
stop ada
start bo
unlock bo
bo send ada "written meanwhile" >/dev/null

mkdir -m 700 "$home/eve"
printf '[vault]\npassphrase-cost = interactive\n' >"$home/eve/sotto.conf"
ok "a wrong passphrase" refuses 5 "wrong passphrase" restore_it "$file" wrong
ok "makes no vault" test ! -e "$home/eve/vault/slots"
flip() { python3 - "$file" "$home/flipped" "$1" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 1
open(sys.argv[2], "wb").write(data)
PY
}
for at in 3 16 40 64 65599 65600 131136 262207; do
    flip "$at"
    ok "a bit flipped at $at" exits 5 restore_it "$home/flipped"
done
head -c 262207 "$file" >"$home/cut"
ok "a file that is cut short" refuses 5 "cut short" restore_it "$home/cut"
head -c 131136 "$file" >"$home/cut"
ok "also between two blocks" refuses 5 "cut short" restore_it "$home/cut"
cat "$file" "$file" >"$home/cut"
ok "or has something behind it" exits 5 restore_it "$home/cut"
ok "no file" refuses 1 "cannot open" restore_it "$home/none"
ok "a folder" refuses 5 "$home is a folder, and not the file that" \
    restore_it "$home"
mkfifo "$home/pipe"
ok "a pipe, which is not waited for" \
    refuses 5 "is no plain file, and not the file that" restore_it "$home/pipe"
ok "nothing of all that left a vault" test ! -e "$home/eve/vault/slots"

restored() { restore_it "$file" >"$home/said" && cat "$home/said" &&
    grep -qx "restored: 1 contact, 1 letter received, 1 note" "$home/said"; }
ok "it is restored where no node runs" restored
ok "only once" refuses 5 "already" restore_it "$file"
start eve
ok "the vault opens with its new passphrase" \
    home unlock --passphrase-file "$home/new"
ok "and with no other" exits 5 home unlock --passphrase-file "$home/safe"
ok "it has the letter" has_text eve "a word from bo"
has_note() { home note list | grep -qF "a note of ada"; }
ok "and the note" has_note
same_key() { # cards of one identity begin alike
    [ "$(home contacts --json | grep -c '"bo"')" = 1 ] &&
        [ "$(printf '%.40s' "$(home id)")" = "$(printf '%.40s' "$card")" ]
}
ok "and the identity" same_key
sotto --home "$home/eve" connect "$(endpoint bo)"
ok "what was under way arrives" until_true has_text bo "under way"
ok "what was written meanwhile comes" until_true has_text eve "written meanwhile"
home send bo "from the new home" >/dev/null
ok "letters go out" until_true has_text bo "from the new home"
bo send ada "to the new home" >/dev/null
ok "and come in" until_true has_text eve "to the new home"
ok "nothing came twice" has_text eve "a word from bo"


stop eve
rm -r "$home/eve/vault"
start eve
ok "it is restored into a node that runs, too" restore_it "$file" safe wrong
ok "which is unlocked then" test "$(vault_state eve)" = unlocked
ok "and has the letter" has_text eve "a word from bo"

done_testing
