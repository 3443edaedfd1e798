#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# init, unlock, lock, id: a passphrase from each of its sources.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

umask 077
printf 'correct horse\nthe second line is not part of it\n' >"$home/pass"
printf 'wrong horse' >"$home/wrong"
: >"$home/empty"
printf 'correct horse\r\n' >"$home/crlf"
head -c 1025 /dev/zero | tr '\0' x >"$home/long"
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
prints_a_card() { # COMMAND...: one line, a card, and nothing else
    "$@" >"$home/card" 2>"$home/card.err" || { cat "$home/card.err"; return 1; }
    cat "$home/card" "$home/card.err"
    [ "$(wc -l <"$home/card")" -eq 1 ] &&
        grep -qE '^sotto:[a-z2-7]{322}$' "$home/card"
}

ok "an empty passphrase is refused" \
    refuses 1 "empty" ada init --passphrase-file "$home/empty"
ok "a passphrase over the limit is refused, with the number" \
    refuses 5 "at most 1024 bytes" ada init --passphrase-file "$home/long"
ok "a passphrase file that is not there is named" \
    refuses 1 "--passphrase-file $home/nothing: No such file or directory; the" \
    ada init --passphrase-file "$home/nothing"
ok "no passphrase begins with the line ends of Windows" \
    refuses 1 "ends in CR, as in Windows; a new passphrase must not" \
    ada init --passphrase-file "$home/crlf"
ok "two sources of a passphrase exclude each other" \
    refuses 1 "exclude" ada init --passphrase-file "$home/pass" \
    --passphrase-fd 3
no_terminal() { setsid sotto --home "$home/ada" init </dev/null; }
ok "without a terminal init says what to use instead" \
    refuses 1 "--passphrase-file FILE" no_terminal

ok "init works where no node runs, and prints the card" \
    prints_a_card ada init --passphrase-file "$home/pass"
cp "$home/card" "$home/first"
ok "it left nothing running" refuses 2 "no node is running" ada status
ok "a second init is refused" \
    refuses 5 "" ada init --passphrase-file "$home/pass"

start ada
ok "a vault starts locked" test "$(vault_state ada)" = locked
for verb in id contacts read outbox; do
    ok "$verb of a locked vault ends with 3" refuses 3 "" ada "$verb"
done
ok "a wrong passphrase is refused" \
    refuses 5 "" ada unlock --passphrase-file "$home/wrong"
ok "the vault is still locked" test "$(vault_state ada)" = locked
ok "nor is one that is there tried without the CR, and that is said" \
    refuses 5 "ends in CR, as in Windows, and that is taken for a part" \
    ada unlock --passphrase-file "$home/crlf"
from_fd() { ada unlock --passphrase-fd 3 3<"$home/pass"; }
ok "unlock takes the passphrase from a descriptor" from_fd
ok "the vault is unlocked" test "$(vault_state ada)" = unlocked
ok "id prints the card alone" prints_a_card ada id
ok "it is the card that init printed" cmp "$home/card" "$home/first"
json_card() { ada id --json | python3 -c 'import json, sys
card = json.load(sys.stdin)
assert card["card"] == open(sys.argv[1]).read().strip()
assert len(card["fingerprint"]) == 64' "$home/first"; }
ok "id --json has card and fingerprint" json_card
ok "lock needs no passphrase" ada lock
ok "the vault is locked again" test "$(vault_state ada)" = locked
ok "lock accepts a passphrase file all the same" \
    ada lock --passphrase-file "$home/pass"
chmod 644 "$home/pass"
warns() { ada unlock --passphrase-file "$home/pass" 2>"$home/err" &&
    grep -q "chmod 600" "$home/err"; }
ok "a passphrase file that others can read draws a warning" warns

# A terminal: python's pty plays the person.
at_terminal() { # ANSWER VERB: type the answer at each prompt
    python3 - "$@" <<'PY'
import os, pty, sys
answer, home, verb = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sotto", ["sotto", "--home", home, verb])
seen = b""
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if seen.endswith((b"assphrase: ", b"again: ")):
        os.write(fd, answer.encode() + b"\n")
status = os.waitpid(pid, 0)[1]
print(seen.decode())
assert b"assphrase: " in seen, "no prompt"
assert answer.encode() not in seen, "the passphrase was echoed"
sys.exit(os.waitstatus_to_exitcode(status))
PY
}
ada lock
ok "unlock asks on a terminal, without echo" \
    at_terminal "correct horse" "$home/ada" unlock
ok "and the vault is unlocked" test "$(vault_state ada)" = unlocked
ada lock
ok "a wrong answer on a terminal is refused" \
    exits 5 at_terminal "wrong horse" "$home/ada" unlock

# A file of a later version, and one of an earlier.
set_version() { python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as file:
    file.execute("PRAGMA user_version = " + sys.argv[2])' \
    "$home/ada/vault/vault.db" "$1"; }
stop ada
set_version 99
launch ada
wait "$(pid_of ada)"
ok "a later version's vault ends the node" test $? -ne 0
ok "which names both versions" grep -qF \
    "a later version of Sotto wrote it (format 99; this program knows 2)" \
    "$home/ada.log"
set_version 1
start ada
ok "an earlier version's vault is opened" \
    sotto --home "$home/ada" unlock --passphrase-file "$home/pass"
stop ada
version() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version")
    .fetchone()[0])' "$home/ada/vault/vault.db"; }
ok "and is of this version then" test "$(version)" = 2

start bo
ok "a new node's vault is empty" test "$(vault_state bo)" = empty
ok "id of an empty vault says so" refuses 4 "sotto init" sotto --home "$home/bo" id
ok "init works where a node runs" \
    prints_a_card sotto --home "$home/bo" init --passphrase-file "$home/pass"
ok "its vault is unlocked" test "$(vault_state bo)" = unlocked

# A passphrase of before there was a rule for it, or of another program.
set_crlf() {
    python3 - "$home/bo/run/vault.sock" <<'PY'
import json, socket, sys
node = socket.socket(socket.AF_UNIX)
node.connect(sys.argv[1])
node.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "passphrase",
    "params": {"passphrase": "correct horse",
               "new_passphrase": "correct horse\r"}}).encode() + b"\n")
answer = json.loads(node.makefile().readline())
print(answer)
sys.exit("error" in answer)
PY
}
unlock_crlf() { sotto --home "$home/bo" lock && sotto --home "$home/bo" unlock \
    --passphrase-file "$home/crlf" 2>"$home/err" && cat "$home/err" &&
    grep -qF "and that is taken for a part of the passphrase" "$home/err"; }
ok "a passphrase may be there that ends in CR" set_crlf
ok "a file with the line ends of Windows opens it" unlock_crlf

start relay --relay-only
on_relay() { verb=$1; shift
    setsid sotto --home "$home/relay" "$verb" "$@" </dev/null; }
for verb in unlock init passphrase "backup $home/b"; do
    # shellcheck disable=SC2086 # words
    ok "${verb%% *} says so before it asks for a passphrase" \
        refuses 2 "--relay-only" on_relay $verb
done
ok "init on a relay without a vault says so" \
    refuses 2 "--relay-only" sotto --home "$home/relay" init \
    --passphrase-file "$home/pass"

done_testing
