#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# A node killed in the middle of a restore: the kill comes at a chosen change to
# the vault's files.  The next start has no vault, or the whole one; where there
# is none it is restored again; and what was there before is there still.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

umask 077
for word in safe new other; do printf 'the %s one\n' "$word" >"$home/$word"; done
backup=$home/backup
eve() { verb=$1; shift; sotto --home "$home/eve" "$verb" "$@"; }
restore() { # restore [OPTION...]
    eve restore "$backup" --passphrase-file "$home/safe" \
        --new-passphrase-file "$home/new" "$@"
}

# The vault that has lost its slots, for --set-aside.
start bo
lost=$(sotto --home "$home/bo" init --passphrase-file "$home/other") ||
    bail "no other identity"
stop bo

# A vault whose backup has three full blocks: what is written comes in many parts.
start ada
ada() { verb=$1; shift; sotto --home "$home/ada" "$verb" "$@"; }
card=$(ada init --passphrase-file "$home/safe") || bail "no identity"
long=$(printf '%024000d' 0)
for note in 1 2 3 4 5 6; do
    printf 'note %s %s\n' "$note" "$long" | ada note add - >/dev/null ||
        bail "no note"
done
ada add bo "$lost" >/dev/null || bail "no contact"
ada send bo "under way" >/dev/null || bail "no letter"
ada backup "$backup" --passphrase-file "$home/safe" || bail "no backup"
stop ada
sum=$(cksum <"$backup")

mkfifo "$home/struck" "$home/never" || bail "no fifo"
mkdir "$home/ending"
ln -s "$(cd "$builddir" && pwd)/tests/programs/sottod-ending" "$home/ending/sottod"
usual=$PATH
exec 8<>"$home/struck" 9<>"$home/never"

# end_at N [OPTION...]: a node is killed, whole, at the N-th change of a restore
# into what lies in its vault's folder; 1 when there were fewer.
end_at() {
    exec 7>"$home/changes"
    PATH=$home/ending:$usual ENDING_AT=$1
    export ENDING_AT
    shift
    start eve
    PATH=$usual
    pid=$(pid_of eve)
    # shellcheck disable=SC2046,SC2016 # a list of process ids; another shell's
    bound sh -c 'read -r _ <&8 && kill -KILL "$@"' sh \
        "$pid" $(pgrep -P "$pid") &
    killer=$!
    restore "$@" >"$home/said" 2>&1
    ended=$?
    if [ "$ended" -eq 0 ]; then
        kill "$killer"
        stop eve
    fi
    wait "$killer" 2>/dev/null
    wait "$pid" 2>/dev/null
    rm -f "$home/eve.pid"
    [ "$ended" -ne 0 ]
}

status_says() { eve status | grep -qF -e "$1"; }
log_says() { tail -n +"$((logged + 1))" "$home/eve.log" | grep -qF -e "$1"; }
# has FILE...: the folder of a stopped vault holds these, and nothing else.
has() { [ "$(cd "$home/eve/vault" && echo *)" = "$*" ]; }
is_whole() { # the vault that is open is the backup's
    [ "$(printf '%.40s' "$(eve id)")" = "$(printf '%.40s' "$card")" ] &&
        [ "$(eve note list --json | wc -l)" -eq 6 ] &&
        [ "$(eve contacts --json | grep -c '"bo"')" -eq 1 ] &&
        [ "$(eve outbox --json | grep -c '"state":"queued"')" -eq 1 ]
}

# What the next start finds is a vault that opens, or none, which then becomes
# one; it says which, and what it has removed.
goes_on() { # goes_on [OPTION...]: of restore, if nothing was set aside yet
    logged=$(wc -l <"$home/eve.log")
    start eve
    state=$(vault_state eve)
    case $state in
    locked)
        refuses 5 "an identity here already" restore &&
            eve unlock --passphrase-file "$home/new" || return 1
        ;;
    empty)
        ! log_says "the making of a vault was cut short" ||
            said=$((said + 1))
        status_says "empty (sotto init" && restore || return 1
        ;;
    incomplete) status_says "$home/eve/vault/slots" && restore "$@" || return 1 ;;
    esac
    is_whole && eve lock && eve unlock --passphrase-file "$home/new" &&
        is_whole && [ "$(cksum <"$backup")" = "$sum" ] || return 1
    stop eve
}

# What lies in the vault's folder before a restore: nothing; records alone.
put_nothing() {
    rm -rf "$home/eve/vault"
    mkdir -p "$home/eve/vault"
}
put_half() {
    put_nothing
    cp "$home/bo/vault/vault.db" "$home/eve/vault/"
}

# kill_at_each PUT JUDGE AT... -- [OPTION...]: killed at each of those changes
# of a restore, it goes on, and JUDGE finds all in order then.
kill_at_each() {
    put=$1 judge=$2
    shift 2
    points=
    while [ "$1" != -- ]; do points="$points $1" && shift; done
    shift
    kills=0 locked=0 empty=0 incomplete=0 said=0
    for at in $points; do
        "$put"
        end_at "$at" "$@" || { echo "it was over before change $at"; return 1; }
        kills=$((kills + 1))
        if ! goes_on "$@" || ! "$judge"; then
            echo "killed at change $at, it was ${state:-nothing}:"
            ls "$home/eve/vault"
            return 1
        fi
        eval "$state=\$(($state + 1))"
    done
}

# How many changes a restore makes, and at which its slots are there.
count_changes() { # count_changes PUT [OPTION...]
    "$1"
    shift
    ! end_at 0 "$@" || bail "it did not end: $(cat "$home/said")"
    slots=$(sed 's/[^r]*$//' "$home/changes" | wc -c)
}

has_both() { has slots vault.db; }
count_changes put_nothing
ok "killed at a change of a restore, it goes on" kill_at_each \
    put_nothing has_both 1 2 3 4 5 6 10 20 40 80 $((slots - 1)) "$slots" \
    $((slots + 1)) --
echo "# $kills kills: $empty times empty, $locked locked"
ok "there was no vault until its slots were there, and then the whole" \
    test "$empty:$locked" = 12:1
ok "it was said what was cut short, once there were void slots" \
    test "$said" = 10

# What was under way in the backup still goes.
start bo
sotto --home "$home/bo" unlock --passphrase-file "$home/other" ||
    bail "bo does not open"
sotto --home "$home/bo" add ada "$card" >/dev/null || bail "no contact"
start eve
eve unlock --passphrase-file "$home/new"
eve connect "$(endpoint bo)"
ok "what was under way in the backup arrives" until_true has_text bo "under way"
stop eve
stop bo

# Nothing is lost of what was set aside, either: its slots open it again.
aside_is_bo() {
    has slots vault.db vault.db.set-aside-1 || return 1
    mv "$home/eve/vault/vault.db.set-aside-1" "$home/eve/vault/vault.db"
    cp "$home/bo/vault/slots" "$home/eve/vault/slots"
    start eve
    eve unlock --passphrase-file "$home/other" &&
        [ "$(printf '%.40s' "$(eve id)")" = "$(printf '%.40s' "$lost")" ] ||
        return 1
    stop eve
}
count_changes put_half --set-aside
aside=$(($(sed 's/r.*//' "$home/changes" | wc -c) + 1))
ok "killed at a change of a restore that sets records aside, it goes on" \
    kill_at_each put_half aside_is_bo 1 "$aside" $((aside + 1)) 20 40 \
    $((slots - 1)) "$slots" $((slots + 1)) -- --set-aside
echo "# $kills kills: $incomplete times incomplete, $empty empty, $locked locked"
ok "they were there under the one name or the other" \
    test "$incomplete:$empty:$locked" = 2:5:1
done_testing
