#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A node whose disk is full says so, loses nothing that it took, and goes on
# when there is room again.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for a small disk"
mkdir "$home/ada"
mount -t tmpfs -o size=600k,mode=700 sotto "$home/ada" 2>/dev/null ||
    skip_all "a small disk is not to be had here"
end_disk() {
    for node in $nodes; do stop "$node"; done
    umount "$home/ada"
    clean_up
}
trap end_disk EXIT

ada() { sotto --home "$home/ada" "$@"; }
printf '[vault]\npassphrase-cost = interactive\n' >"$home/ada/sotto.conf"
person ada
printf 'before\n' | ada note add - >/dev/null || bail "no note"
person bo
introduce ada bo
write() {
    sotto --home "$home/bo" send ada "on a stick" &&
        sotto --home "$home/bo" bundle export "$home/stick"
}
write >/dev/null || bail "no bundle"

# What dd could not write, nobody can.
dd if=/dev/zero of="$home/ada/fill" bs=1k 2>/dev/null
long=$(printf '%020000d' 0)
add_long() { printf '%s\n' "$long" | ada note add -; }
ok "what does not fit is refused, and the disk named" \
    refuses 2 "vault.db: No space left on device; nothing of this was kept" \
    add_long

log=$home/ada.log
named() { grep -q "$home/ada/vault/vault.db: No space left" "$log"; }
ok "the log names the file, too" named
again() { grep -q "the vault has said why it ends; it starts again" "$log"; }
ok "and who starts the vault again calls it no bug" until_true again

# Nor can what a peer does then.
(bound "$builddir/tests/hostile/hostile" outcast "$(endpoint ada)" \
    "$home/secret" >"$home/hostile.out" 2>&1)
named_scores() { grep -q "$home/ada/relay/scores: No space left .*forgive" "$log"; }
ok "that nobody will be held to what they did is said, with the file" \
    until_true named_scores

ok "mail that is brought by hand is refused" refuses 5 "the relay's disk takes no more" \
    ada bundle import "$home/stick"

rm "$home/ada/fill"
ok "the node goes on" ada wait-ready --timeout 30s
ok "with room again, it unlocks" until_true unlock ada
notes_are() { [ "$(ada note list --json | wc -l)" -eq "$1" ]; }
ok "what it had is there, and what was refused is not" notes_are 1
ok "and it takes what it could not" add_long
ok "which is kept" notes_are 2
ok "so is what was brought" until_true ada bundle import "$home/stick"
ok "with the letter in it" until_true has_text ada "on a stick"

# A limit on files is a full disk, too, and no reason to be ended by a signal.
ok "a limit can be set" prlimit --pid "$(process ada vault)" --fsize=4096
ok "what is over a limit on files is refused" \
    refuses 2 "error; nothing of this was kept" add_long
ok "and the node goes on" ada wait-ready --timeout 30s
ok "as it was" until_true unlock ada
ok "with all that it had" notes_are 2

done_testing
