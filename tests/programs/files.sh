#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# Files between two people who reach only a relay: sizes, refusals, cancelling,
# kills in the middle, a full disk, and what the command line makes of it all.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

ada() { sotto --home "$home/ada" "$@"; }
bo() { sotto --home "$home/bo" "$@"; }
shows() { # shows TEXT COMMAND...
    text=$1
    shift
    "$@" >"$home/out" 2>"$home/err" || { cat "$home/err"; return 1; }
    cat "$home/out"
    grep -qF -e "$text" "$home/out"
}
# field NAME PERSON FILE: a field of the newest file of that name
field() {
    sotto --home "$home/$2" file list --json | python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
print([r for r in rows if r["name"] == sys.argv[2]][-1][sys.argv[1]])' "$1" "$3"
}
is() { [ "$(field "$2" "$1" "$3")" = "$4" ]; } # is PERSON FIELD FILE VALUE
deliver() { # deliver FILE [WORD...]
    path=$1
    shift
    ada send bo --file "$path" "$@" --wait delivered --timeout 120s
}
comes() { # comes FILE: delivered, and the same bytes on the other side
    deliver "$1" || return 1
    bo file get "$(field id bo "${1##*/}")" "$home/got" --force &&
        cmp "$1" "$home/got"
}

start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
# The programs are still to be found from another folder.
PATH=$(cd "$builddir" && pwd):$PATH
mkdir "$home/f"
cd "$home/f" || bail "no folder"
: >empty
printf x >one
head -c 31744 /dev/urandom >part
head -c 1048576 /dev/urandom >limit
head -c 1048577 /dev/zero >over
mkfifo pipe

ok "an empty file arrives" comes "$home/f/empty"
ok "one of one byte" comes "$home/f/one"
ok "one of exactly a part" comes "$home/f/part"
ok "and the largest" comes "$home/f/limit"
ok "with receipts of all its parts, and their copies gone" \
    until_true shelf_is relay 0
ok "one byte more is refused at once, with the numbers" \
    refuses 5 "1048577 bytes; a file has at most 1048576" \
    ada send bo --file over
ok "a directory is refused" refuses 1 "is a directory" ada send bo --file .
ok "a pipe is refused, and not waited for" \
    refuses 1 "is a pipe" ada send bo --file pipe
ok "what is not there is refused" \
    refuses 1 "No such file" ada send bo --file nowhere
ok "a device is refused" refuses 1 "no regular file" \
    ada send bo --file /dev/null
if [ "$(id -u)" -ne 0 ]; then
    cp one secret
    chmod 0 secret
    ok "what may not be read is refused" \
        refuses 1 "Permission denied" ada send bo --file secret
else
    skip "what may not be read is refused" "root may read all"
fi
name=$(printf 'a\nb')
cp one "$name"
ok "a name that acts on a terminal is refused" \
    refuses 1 "no control characters" ada send bo --file "$name"
ok "a file to nobody is refused" refuses 4 "" ada send eve --file one
ok "--file takes no group" refuses 1 "group takes no --file" \
    ada group send x --file one
ok "without a file the text comes from standard input" \
    refuses 1 "the text is empty" ada send bo </dev/null

# What the reader makes of it.
id=$(field id bo limit)
ok "file list shows it" shows limit bo file list
ok "to its sender as delivered" shows delivered ada file list
ok "read shows the letter with its file" \
    shows "sotto file get" bo read --all --peek
ok "as JSON, too" shows '"file_state":"whole"' bo read --all --peek --json
ok "the outbox shows it in one line" shows "100% of 1 MiB" ada outbox
mkdir out
ok "it is written into a folder, under its name" bo file get "$id" out
ok "for its owner alone" test "$(stat -c %a out/limit)" = 600
ok "never over what is there" refuses 5 "is there already" \
    bo file get "$id" out
ok "unless by --force" bo file get "$id" out --force
mkfifo pipe
ok "which replaces files alone" refuses 1 "is no plain file" \
    bo file get "$id" pipe --force
ok "and leaves the rest" test -p pipe
ok "no draft is left beside it" test "$(find out | wc -l)" -eq 2
ok "the first characters of the id will do" \
    bo file get "$(printf %.8s "$id")" other
ok "its hash is what b2sum says" test \
    "$(bo file get "$id" other --force --json |
        sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p')" = \
    "$(b2sum -l 256 limit | cut -d' ' -f1)"
ok "where nothing can be written it is said" refuses 1 "cannot write" \
    bo file get "$id" nowhere/at/all
ok "an id of none is not found" refuses 4 "no file has that id" \
    bo file get ffffffff
ok "file knows its words" refuses 1 "list, get or cancel" bo file frob
ok "and what each takes" refuses 1 "too few words: sotto file get ID [PATH]" \
    bo file get
ok "and no more" refuses 1 'from "twice" on: sotto file cancel ID' \
    bo file cancel once twice
ok "--force goes with get" refuses 1 "goes with sotto file get" \
    bo file list --force
cp one .profile
deliver .profile >/dev/null || bail "not delivered"
ok "a hidden name is not written unasked" refuses 1 "give a PATH" \
    bo file get "$(field id bo .profile)" out
ok "but under another" bo file get "$(field id bo .profile)" out/profile

# Cancelling.  What is to be met on its way has more parts than go at once: the
# rest takes some seconds.
head -c 300000 /dev/urandom >second
bo lock
ada send bo --file second 'too much' >"$home/sent" || bail "not sent"
ok "a file can be cancelled before it has come" \
    shows cancelled ada file cancel "$(cut -c1-32 "$home/sent")"
ok "its letter counts as recalled" shows recalled ada outbox
unlock bo
cancelled_here() {
    ada send bo --file second >/dev/null || return 1
    until_true is bo state second arriving || return 1
    bo file cancel "$(field id bo second)"
}
ok "its reader can drop it on its way" cancelled_here
ok "and its sender hears that" until_true is ada state second refused
ok "which the outbox shows" shows refused ada outbox
ok "and why" is ada reason second dropped
waits_in_vain() {
    (
        until_true is bo state sixth arriving
        bo file cancel "$(field id bo sixth)"
    ) >/dev/null 2>&1 &
    ada send bo --file sixth --wait delivered --timeout 60s
    code=$?
    wait $!
    [ "$code" -eq 6 ]
}
head -c 300000 /dev/urandom >sixth
ok "who waits for a file that is dropped ends with 6" waits_in_vain
ok "a file that has ended is not cancelled" refuses 5 "this file is refused" \
    ada file cancel "$(field id ada sixth)"

# A kill in the middle, of either side.
kill_node() {
    pid=$(pid_of "$1")
    # shellcheck disable=SC2046 # a list of process ids
    kill -9 "$pid" $(pgrep -P "$pid") 2>/dev/null
    wait "$pid" 2>/dev/null
    rm -f "$home/$1.pid"
}
has_begun() { [ "$(field "done" bo "$1")" -gt 0 ]; }
killed() { # killed PERSON FILE
    head -c 300000 /dev/urandom >"$2"
    ada send bo --file "$2" >/dev/null || return 1
    until_true has_begun "$2" || return 1
    kill_node "$1"
    start "$1" --connect "$relay"
    unlock "$1" || return 1
    until_true is ada state "$2" delivered &&
        bo file get "$(field id bo "$2")" "$home/got" --force &&
        cmp "$2" "$home/got"
}
ok "a file goes on when its reader was killed" killed bo third
ok "and when its sender was" killed ada fourth

# What is signed.
ada evidential bo on >/dev/null
proposed() { bo evidential ada --json | grep -q proposed-by-them; }
until_true proposed || bail "nothing is proposed"
bo evidential ada on >/dev/null
agreed() { ada evidential bo --json | grep -q '"state":"evidential"'; }
until_true agreed || bail "nothing is agreed"
ok "a file is sent as evidence where letters are" \
    shows evidential ada send bo --file part 'exhibit A' --evidential \
    --wait delivered --timeout 60s
bo transcript export ada "$home/transcript" || bail "no transcript"
ok "the transcript holds, and has the file's hash" \
    shows "blake2b-256: $(b2sum -l 256 part | cut -d' ' -f1)" \
    sotto transcript show "$home/transcript"
ada evidential bo off >/dev/null

# Secrets.
canary=Kranichfeder-im-Nebel
printf 'Inhalt: %s' 'sieben Kraniche ziehen' >"$canary"
deliver "$canary" >/dev/null || bail "not delivered"
nowhere() {
    ! grep -rlaF -e "$canary" -e 'sieben Kraniche' "$home/ada" "$home/bo" \
        "$home/relay" "$home/ada.log" "$home/bo.log" "$home/relay.log"
}
ok "neither name nor content is in any file of a node, or its log" nowhere

# A backup.
cp "$home/bo.pass" "$home/emil.pass"
bo backup "$home/backup" --passphrase-file "$home/bo.pass" >/dev/null ||
    bail "no backup"
start emil
emil() { sotto --home "$home/emil" "$@"; }
emil restore "$home/backup" --passphrase-file "$home/bo.pass" \
    --new-passphrase-file "$home/emil.pass" >/dev/null || bail "not restored"
ok "a backup holds no file" test -z "$(emil file list --json)"
ok "but the letters that they came with" \
    shows '"file":"limit","file_bytes":1048576,"file_done":0,"file_state":"gone"' \
    emil read --all --peek --json
stop emil

# A disk that is full.
end_disk() {
    stop bo
    umount "$home/bo" 2>/dev/null
    clean_up
}
small_disk() {
    stop bo
    mkdir "$home/kept"
    cp -a "$home/bo/." "$home/kept/"
    mount -t tmpfs -o size=12m,mode=700 sotto "$home/bo" 2>/dev/null ||
        return 1
    trap end_disk EXIT
    cp -a "$home/kept/." "$home/bo/"
}
if [ "$(id -u)" -eq 0 ] && small_disk; then
    start bo --connect "$relay"
    unlock bo || bail "bo could not unlock"
    dd if=/dev/zero of="$home/bo/fill" bs=64k 2>/dev/null
    head -c 200000 /dev/urandom >fifth
    ada send bo --file fifth >/dev/null || bail "not sent"
    has_failed() { grep -q 'No space left' "$home/bo.log"; }
    ok "a full disk takes no file, and says so" until_true has_failed
    ok "which its sender is not told is there" is ada "done" fifth 0
    rm -f "$home/bo/fill"
    stop bo
    start bo --connect "$relay" # a link compares shelves when it begins
    unlock bo || bail "bo could not unlock"
    ok "with room again it comes" until_true is ada state fifth delivered
else
    [ -e "$home/bo.pid" ] || start bo --connect "$relay"
    skip "a full disk takes no file, and says so" "no small disk to be had"
fi
done_testing
