# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # lib.sh sets them
# For tests of a relay that is attacked: lib.sh, and a relay between two people
# who write to each other whatever else goes on.
#
#   besiege [LINE...]        the relay (with those lines of configuration), ada
#                            and bo, who have written to each other; it takes
#                            new links as they come, unless a line says other
#   attack MODE [ARG...]     run tests/hostile/hostile; letters cross meanwhile
#   harmless                 what holds of every attack; for ok
#   fact NAME                a number that the attacker told
#   refused REASON           what the relay has refused for that since
#
# An attack that stays, to be looked at, is let go when a letter has crossed;
# `while_held`, where a test sets it, runs before.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/lib.sh"

# ASan keeps what was freed, by default until it is 256 MiB.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8
export ASAN_OPTIONS
echo 0 >"$home/letters"
while_held=true
relay_options= # that the relay is started with
memory_most_kib=32768

besiege() {
    mkdir -p "$home/relay"
    chmod 700 "$home/relay"
    case $* in *new-links*) ;; *) set -- 'new-links = off' "$@" ;; esac
    { echo '[relay]'; printf '%s\n' "$@"; } >"$home/relay/sotto.conf"
    # shellcheck disable=SC2086 # several options
    start relay --relay-only $relay_options
    relay=$(endpoint relay)
    person ada --connect "$relay"
    person bo --connect "$relay"
    introduce ada bo
    letter || bail "no letter crossed before any attack"
    victim
}

victim() { # note which process is the relay
    relay_pid=$(process relay relay) || bail "there is no relay process"
}

letter() {
    letters=$(($(cat "$home/letters") + 1))
    echo "$letters" >"$home/letters"
    sotto --home "$home/ada" send bo "letter $letters" --wait delivered \
        --timeout 60s >"$home/letter.out" 2>&1
}
# One letter, and more as long as the attack goes on.
letters_cross() {
    while letter; do
        ! attack_is_held || return 0
    done
    return 1
}

memory_kib() { awk '/^VmRSS:/ { print $2 }' "/proc/$relay_pid/status"; }
peak_kib() { awk '/^VmHWM:/ { print $2 }' "/proc/$relay_pid/status"; }
# In hundredths of a second: all that Linux tells.
processor() { awk '{ print $14 + $15 }' "/proc/$relay_pid/stat"; }
# Only to root, of a process that is closed to others of its user.
descriptors() {
    find "/proc/$relay_pid/fd" -mindepth 1 2>/dev/null | wc -l
}
refusals() { json relay 's["refused"]'; }

attack_is_held() {
    grep -q '^held' "$home/attack.out" ||
        ! kill -0 "$attacker" 2>/dev/null
}

attack() {
    mode=$1
    shift
    : >"$home/attack.out"
    memory_before=$(memory_kib)
    descriptors_before=$(descriptors)
    refusals >"$home/refused.before"
    processor_before=$(processor)
    rm -f "$home/hold"
    mkfifo "$home/hold"
    bound "$builddir/tests/hostile/hostile" "$mode" "$relay" "$@" \
        <"$home/hold" >"$home/attack.out" 2>&1 &
    attacker=$!
    exec 3>"$home/hold"
    letters_cross 3>&- &
    writer=$!
    until_true attack_is_held
    processor_after=$(processor)
    wait "$writer"
    letter_failed=$?
    $while_held 3>&- # which would hold it, too
    while_failed=$?
    exec 3>&-
    wait "$attacker"
    attack_failed=$?
    while_held=true
}

fact() { awk -v name="$1" '$1 == name { print $2 }' "$home/attack.out"; }
refused() {
    json relay "s['refused']['$1'] - $(cat "$home/refused.before")['$1']"
}
is() { [ "$1" -eq "$2" ] || { echo "$1, not $2"; return 1; }; }
at_least() { [ "$1" -ge "$2" ] || { echo "$1, less than $2"; return 1; }; }
at_most() { [ "$1" -le "$2" ] || { echo "$1, more than $2"; return 1; }; }

descriptors_are_back() { [ "$(descriptors)" -le $((descriptors_before + 4)) ]; }

# A hundredth of a second for a thousand frames is ten microseconds each: a tenth
# of a processor where ten thousand come in a second.  Links, the letter and
# questions for the status may cost half a second more.  Where the machine is
# slow, all is: then it costs no more than twice what it has cost the attacker.
is_cheap() {
    spent=$((processor_after - processor_before))
    most=$(($(fact frames) / 1000 + 50))
    of_attacker=$(fact processor)
    [ "$most" -ge $((2 * of_attacker)) ] || most=$((2 * of_attacker))
    sanitized || at_most "$spent" "$most"
}

harmless() {
    cat "$home/attack.out"
    failed_here=
    says() { failed_here="$failed_here $*;"; }
    [ "$attack_failed" -eq 0 ] || says "the attack itself failed"
    [ "$letter_failed" -eq 0 ] || says "no letter crossed meanwhile"
    [ "$while_failed" -eq 0 ] || says "what was to hold meanwhile did not"
    [ "$(process relay relay)" = "$relay_pid" ] || says "the relay restarted"
    is_cheap || says "it took $spent hundredths of a second of processor"
    at_most "$(peak_kib)" $((memory_before + memory_most_kib)) ||
        says "memory went from $memory_before to $(peak_kib) KiB"
    until_true descriptors_are_back ||
        says "descriptors went from $descriptors_before to $(descriptors)"
    echo "$failed_here"
    [ -z "$failed_here" ]
}

report() {
    echo "# $mode: $(fact frames) frames," \
        "$((processor_after - processor_before))0 ms of processor" \
        "(the attacker $(fact processor)0)," \
        "memory $memory_before to $(peak_kib) KiB"
}
