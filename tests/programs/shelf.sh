#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a relay carries for others outlasts its end and damage to its files, and
# comes along from earlier versions.
# shellcheck disable=SC2317 # functions are called through ok
# shellcheck source=tests/programs/lib.sh
. "${top_srcdir:-.}/tests/programs/lib.sh"

logs() { grep -qF -e "$2" "$home/$1.log"; }
letters_for() { # letters_for NUMBER: from A, for somebody who is not there
    for number in $(seq "$1"); do
        sotto --home "$home/a" send c "letter $number" --urgent || return
    done
}

person a
person c
introduce a c
stop c
start r --relay-only
sotto --home "$home/a" connect "$(endpoint r)" >>"$home/a.log" 2>&1
ok "A is linked to R" until_true links_up a 1
ok "A writes to C, who is away" letters_for 5
carries() { [ "$(json r 's["shelf"]["envelopes"]')" -ge "$1" ]; }
ok "R carries it" until_true carries 5
stop a
all=$(json r 's["shelf"]["envelopes"]')

relay=$(process r relay)
kill -KILL "$relay"
another() { pid=$(process r relay) && [ "$pid" != "$relay" ]; }
ok "R's relay is killed, and comes back" until_true another
ok "with all that it carried" until_true shelf_is r "$all"
ok "undamaged" exits 1 logs r damaged

# Slot 1 holds one of them, and C's relay asks for all.
printf 'what a failing disk does' |
    dd of="$home/r/relay/shelf/512" bs=1 seek=700 conv=notrunc 2>/dev/null
start c
sotto --home "$home/c" connect "$(endpoint r)" >>"$home/c.log" 2>&1
ok "an envelope that was damaged is found when it is read" \
    until_true logs r "shelf: 1 damaged, given up"
ok "and no longer counted" until_true shelf_is r $((all - 1))
start a
sotto --home "$home/a" connect "$(endpoint r)" >>"$home/a.log" 2>&1
ok "until it comes again from a neighbour" until_true carries "$all"
stop a
stop c
all=$(json r 's["shelf"]["envelopes"]')

stop r
printf 'what a failing disk does' |
    dd of="$home/r/relay/shelf/ids" bs=1 seek=300 conv=notrunc 2>/dev/null
rm "$home/r.log"
start r --relay-only
ok "a record that was damaged costs its envelope" \
    until_true shelf_is r $((all - 1))
ok "and the log tells" logs r "shelf: 1 damaged, given up"

stop r
seq -f "this is no shelf %.0f" 20 >"$home/r/relay/shelf/ids"
start r --relay-only
ok "where there is something else, a shelf is begun anew" until_true shelf_is r 0
ok "and it was moved aside" [ -s "$home/r/relay/shelf/ids.damaged" ]
ok "and the log tells that" logs r "it is not a file of Sotto's; moved to"
stop r

# As an earlier version kept it: one envelope that its receipt has cleared.
if command -v sqlite3 >/dev/null; then
    sqlite3 "$home/r/relay/shelf.db" "
        PRAGMA application_id = 0x536f7474; PRAGMA user_version = 2;
        CREATE TABLE envelope (key INTEGER PRIMARY KEY, id BLOB NOT NULL,
            tag BLOB NOT NULL, receipt_hash BLOB NOT NULL, opening BLOB,
            expires_h INTEGER NOT NULL, bytes INTEGER NOT NULL,
            state INTEGER NOT NULL, bits INTEGER NOT NULL, encoding BLOB);
        INSERT INTO envelope VALUES (1, randomblob(16), zeroblob(16),
            zeroblob(32), zeroblob(32), strftime('%s') / 3600 + 24, 2048, 1, 0,
            NULL);" >/dev/null
    start r --relay-only
    ok "a shelf of an earlier version is taken in" until_true logs r \
        "taken into"
    ok "and gone" [ ! -e "$home/r/relay/shelf.db" ]
    stop r
    echo "this is no database, but it is long enough to be one" |
        tee -a "$home/r/relay/shelf.db" >/dev/null
    start r --relay-only
    ok "one that is none is moved aside" [ -s "$home/r/relay/shelf.db.damaged" ]
else
    skip "a shelf of an earlier version is taken in" "no sqlite3"
    skip "and gone" "no sqlite3"
    skip "one that is none is moved aside" "no sqlite3"
fi

done_testing
