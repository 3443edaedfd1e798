#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Either process may be killed: the other goes on, and it comes back.  Between
# A and B stands R, with a vault of its own that is dead or locked meanwhile.
# shellcheck source=tests/programs/lib.sh
. "${top_srcdir:-.}/tests/programs/lib.sh"

another() { # another NAME ROLE PID: a process of that role, and not that one
    pid=$(process "$1" "$2") && [ "$pid" != "$3" ]
}
state_is() { [ "$(vault_state "$1")" = "$2" ]; }
delivered() { # delivered FROM TO TEXT
    sotto --home "$home/$1" send "$2" "$3" --wait delivered --timeout 60s
}
join() {
    sotto --home "$home/$1" connect "$(endpoint "$2")" >>"$home/$1.log" 2>&1
}

person r
person a
person b
introduce a b
join a r
join b r
ok "A and B are linked to R" until_true links_up r 2
ok "a letter crosses R" delivered a b "the first"

relay=$(process r relay)
vault=$(process r vault)
kill -KILL "$vault"
ok "a vault that is killed comes back" until_true another r vault "$vault"
ok "and is locked" until_true state_is r locked
ok "the relay beside it did not notice" \
    [ "$(process r relay)" = "$relay" ]
ok "a letter crosses R while its vault is locked" delivered a b "the second"
ok "it is unlocked like any other" unlock r

vault=$(process r vault)
key=$(json r 's["node"]["key"]')
kill -KILL "$relay"
ok "a relay that is killed comes back" until_true another r relay "$relay"
ok "with the same key" until_true sotto --home "$home/r" status
ok "that others know it by" [ "$(json r 's["node"]["key"]')" = "$key" ]
ok "the vault beside it did not notice" [ "$(process r vault)" = "$vault" ]
ok "and is still unlocked" state_is r unlocked

# R chose another port when it came back.
join a r
join b r
ok "A and B are linked to R again" until_true links_up r 2
ok "a letter crosses R again" delivered b a "the third"

# A's own two processes: the letter waits in the vault for a relay.
relay=$(process a relay)
kill -KILL "$relay"
ok "A accepts a letter while its relay is dead" \
    sotto --home "$home/a" send b "the fourth"
ok "A's relay comes back" until_true another a relay "$relay"
until_true sotto --home "$home/a" peers
join a r
ok "and takes the letter from the vault" until_true has_text b "the fourth"

# A relay says goodbye for a while after its supervisor has gone.
start q --relay-only
join q r
ok "a node that carries mail alone is linked" until_true links_up q 1
stop q KILL
launch q --relay-only
ok "when it is killed and started again, what is ready" \
    sotto --home "$home/q" wait-ready --timeout 30s
ok "is the new one" [ "$(cat "$home/q/run/lock")" = "$(pid_of q)" ]

# This shell may not have waited for the killed process yet.
kill -KILL "$(pid_of b)"
start b
# Until they end, those of the one before answer in its place.
is_the_new_one() {
    [ "$(cat "$home/b/run/lock")" = "$(pid_of b)" ] &&
        sotto --home "$home/b" status
}
ok "a node that was just killed is started again" until_true is_the_new_one

done_testing
