#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a peer has done to a relay is held against it after a restart, however the
# relay ended, and forgiven in its time.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/lib.sh"
scores=$home/relay/relay/scores
log=$home/relay.log

hostile() { # hostile MODE
    (bound "$builddir/tests/hostile/hostile" "$1" "$(endpoint relay)" \
        "$home/secret" >"$home/hostile.out" 2>&1)
}
fact() { awk -v name="$1" '$1 == name { print $2 }' "$home/hostile.out"; }
is_out() { hostile outcast && [ "$(fact linked)$(fact out)" = 11 ]; }
is_refused() { hostile return && [ "$(fact linked)" = 0 ]; }
is_let_in() { hostile return && [ "$(fact linked)" = 1 ]; }
counted() { [ "$(json relay 's["refused"]["graylist"]')" -eq "$1" ]; }
lines() { [ "$(wc -l <"$scores")" -eq "$1" ]; }
# As if so many seconds had passed since the file was written.
grow_older() {
    awk -v s="$1" '{ print $1, $2, $3 - s, ($4 ? $4 - s : 0) }' "$scores" \
        >"$home/older" && cat "$home/older" >"$scores"
}
again() { # a process of the relay that is not the one before
    pid=$(process relay relay) && [ "$pid" != "$before" ] &&
        sotto --home "$home/relay" status
}

start relay --relay-only
start ada --relay-only --connect "$(endpoint relay)"
until_true links_up relay 1 || bail "no honest peer is there"
ok "where nobody has done harm there is no file" [ ! -e "$scores" ]

ok "a peer that does harm is thrown out" is_out
ok "and by then written down, since it is on the graylist" lines 1
ok "it is not let in again" is_refused
ok "for the node's person alone" [ "$(stat -c %a "$scores")" = 600 ]
key=$(cut -d ' ' -f 1 "$scores")
is_named() {
    cat "$scores"
    grep -Eq '^[0-9a-f]{64} -6[0-9]{4} [0-9]{10} [0-9]{10}$' "$scores"
}
ok "by key, score, and two times" is_named

before=$(process relay relay)
kill -KILL "$before"
until_true again || bail "the relay's process did not come back"
ok "after a crash of the relay it is not let in" is_refused
ok "since it is on the graylist" counted 1

stop relay KILL
is_gone() { ! sotto --home "$home/relay" status; }
until_true is_gone || bail "the killed node still answers"
start relay --relay-only
ok "nor after a crash of the whole node" is_refused
ok "for the same reason" counted 1

stop relay
ok "a node that is stopped leaves the score and no others" lines 1
start relay --relay-only --connect "tcp://127.0.0.1:1#$key"
ok "after a clean stop it is not let in either" is_refused
standing() {
    json relay '[(l["standing"], 60 <= l["demerits"] < 70)
        for l in s["links"] if l["key"] == "'"$key"'"]'
}
is_shown() {
    [ "$(standing)" = "[('graylisted', True)]" ] || { standing; return 1; }
}
ok "peers shows how it is held to it, from before" is_shown
ok "also to people" shows "(graylisted, -6" sotto --home "$home/relay" peers

stop ada
start ada --relay-only --connect "$(endpoint relay)"
ok "who has done no harm is let in as ever" until_true links_up ada 1
is_good() {
    json relay '[l["standing"] for l in s["links"] if l["state"] == "up"]' |
        grep -qF "['good']"
}
ok "and is in good standing" is_good

stop relay
printf 'nonsense\n%s -1 1 x\n' "$key" >>"$scores"
start relay --relay-only
ok "a line that makes no sense is named" \
    grep -q 'scores:2: not NODEKEY SCORE TIME UNTIL; passed over' "$log"
ok "and the others hold" is_refused
stop relay
ok "it is gone with the next writing" lines 1

cp -p "$scores" "$home/kept"
head -c 40000 /dev/zero >"$scores"
start relay --relay-only
ok "what is no such file at all is named, too" \
    grep -q 'scores: it is too large, and not read' "$log"
stop relay
cp -p "$home/kept" "$scores"

grow_older 3000
start relay --relay-only
ok "fifty minutes later the graylist has not ended" is_refused
stop relay
grow_older 1000
start relay --relay-only
ok "more than an hour later it has" is_let_in
stop relay
grow_older 20000
start relay --relay-only
stop relay
ok "when all is forgiven nobody is written down" lines 0

# A clock that was a year ahead when it was written.
cp -p "$home/kept" "$scores"
grow_older -31536000
start relay --relay-only
ok "a clock that was put back does not forgive" is_refused
in_time() { [ "$(cut -d ' ' -f 3 "$scores")" -le "$(date +%s)" ]; }
ok "and what was written by it is written anew" until_true in_time
until_s=$(cut -d ' ' -f 4 "$scores")
ok "so that nobody waits for more than the hour" \
    [ "$until_s" -le $(($(date +%s) + 3600)) ]

rm "$scores"
mkdir "$scores"
ok "where the file cannot be written, the node goes on" is_out
cannot() { grep -q "$scores: .*; a restart would forgive nodes" "$log"; }
ok "and says which, and what that means" until_true cannot
done_testing
