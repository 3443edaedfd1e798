#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # ok runs the functions
# passphrase, panic, wrong tries and locking by itself, with real files.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

umask 077
pass() { printf '%s\n' "$1" >"$home/$1"; }
for word in one two three duress wrong; do pass "$word"; done
vault=$home/ada/vault
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
change() { # change CURRENT NEW [OPTION...]
    current=$1
    new=$2
    shift 2
    ada passphrase --passphrase-file "$home/$current" \
        --new-passphrase-file "$home/$new" "$@"
}
opens() { ada lock && ada unlock --passphrase-file "$home/$1"; }
card_is() { [ "$(ada id)" = "$1" ]; }
# Nothing but the cheap derivation, or every try takes a second.
configure() {
    mkdir -p "$home/ada"
    { printf '[vault]\npassphrase-cost = interactive\n'; printf '%s\n' "$@"; } \
        >"$home/ada/sotto.conf"
}

configure
start ada
ok "an identity is made" ada init --passphrase-file "$home/one"
card=$(ada id)
ok "a passphrase needs the current one" \
    refuses 5 "wrong passphrase" change wrong two
ok "it is changed" change one two
ok "the old one opens nothing" exits 5 opens one
ok "the new one does" opens two
from_fds() { ada passphrase --passphrase-fd 3 --new-passphrase-fd 4 \
    3<"$home/two" 4<"$home/three"; }
ok "both come from descriptors, too" from_fds
ok "the third opens" opens three
stop ada
start ada
ok "also after a restart" ada unlock --passphrase-file "$home/three"
ok "two kinds of slot exclude each other" \
    refuses 1 "exclude" change three two --duress --recovery
ok "an open vault's passphrase is tried" \
    refuses 5 "wrong passphrase" ada unlock --passphrase-file "$home/wrong"
ok "and it stays open" ada unlock --passphrase-file "$home/three"
ok "a recovery phrase is not chosen" \
    refuses 1 "draws its own" change three two --recovery
recovery() { ada passphrase --recovery --passphrase-file "$home/three" \
    >"$home/phrase" && grep -qE '^([a-z2-7]{4}-){7}[a-z2-7]{4}$' "$home/phrase"; }
unread() {
    exits 1 ada passphrase --recovery --passphrase-file "$home/three" \
        >/dev/full 2>"$home/said"
    grep -q 'drawing another ends it' "$home/said"
}
ok "one that cannot be printed is nobody's, which is said" unread
ok "a recovery phrase is printed in groups" recovery
tr a-z- 'A-Z ' <"$home/phrase" >"$home/capitals"
ok "it opens the vault, however it is written" opens capitals
ok "the vault is the same" card_is "$card"
files_have_phrase() { grep -rqF -e "$(cat "$home/phrase")" \
    -e "$(tr -d - <"$home/phrase")" "$home/ada" "$home/ada.log"; }
ok "no file has the phrase" exits 1 files_have_phrase

size() { stat -c %s "$vault/slots"; }
ok "a duress passphrase is set" change three duress --duress
ok "the slots have the size they always had" test "$(size)" = 4096
cp "$vault/slots" "$home/slots.before"
ok "the real one still opens the real vault" opens three
ok "the duress passphrase opens, also what is open" \
    ada unlock --passphrase-file "$home/duress"
ok "something else" exits 1 card_is "$card"
ok "which has no contact" test -z "$(ada contacts --json)"
ok "the real one opens nothing now" exits 5 opens three
ok "nor does the recovery phrase" exits 5 opens phrase
decoy=$(ada unlock --passphrase-file "$home/duress" && ada id)
stop ada
start ada
ok "the decoy outlives a restart" ada unlock --passphrase-file "$home/duress"
ok "as it was" card_is "$decoy"

ok "panic without --yes does nothing" refuses 1 "sotto panic --yes" ada panic
ok "as can be seen" card_is "$decoy"
inode=$(stat -c %i "$vault/vault.db")
exec 5<"$vault/slots"
exec 6<"$vault/vault.db" # held open, its number goes to no other file
cp "$vault/slots" "$home/slots.before"
ok "panic destroys" ada panic --yes
ok "the vault is empty" test "$(vault_state ada)" = empty
ok "the slots are gone" test ! -e "$vault/slots"
ok "the database is a new one" test "$(stat -c %i "$vault/vault.db")" != "$inode"
cat <&5 >"$home/slots.after"
exec 5<&- 6<&-
overwritten() { python3 - "$home/slots.before" "$home/slots.after" <<'PY'
import sys
a, b = (open(name, "rb").read() for name in sys.argv[1:])
same = sum(x == y for x, y in zip(a, b))
sys.exit(not (len(a) == len(b) == 4096 and same < 64))
PY
}
ok "what a file that was open shows of the slots is noise" overwritten
ok "the relay goes on" ada status
ok "a new identity can be made" ada init --passphrase-file "$home/one"
stop ada
start ada --relay-only
ok "panic does not pretend where only a relay runs" \
    refuses 2 "nothing was destroyed: " ada panic --yes
ok "and the vault is still there" test -e "$vault/slots"
stop ada
ok "panic works where no node runs" ada panic --yes
ok "and leaves no slots" test ! -e "$vault/slots"
nothing_there() {
    ada panic --yes 2>"$home/said" && cat "$home/said" &&
        grep -qF "there was no vault in $vault: nothing" "$home/said"
}
ok "where there is no vault it says so" nothing_there

configure 'wrong-tries = 3'
start ada
ok "an identity is made anew" ada init --passphrase-file "$home/one"
ada lock
wrong() { ada unlock --passphrase-file "$home/wrong"; }
ok "of three tries a first is wrong" refuses 5 "wrong passphrase" wrong
stop ada KILL
start ada
ok "killed in between, a second" refuses 5 "wrong passphrase" wrong
ok "the third is the last" refuses 5 "destroyed" wrong
ok "the slots are destroyed" test ! -e "$vault/slots"
ok "and the vault is empty" test "$(vault_state ada)" = empty
stop ada

configure 'auto-lock = 1s'
start ada
ok "a vault that locks by itself" ada init --passphrase-file "$home/one"
is_locked() { [ "$(vault_state ada)" = locked ]; }
ok "is locked in the end" until_true is_locked
ok "it says no secret then" refuses 3 "locked" ada id

done_testing
