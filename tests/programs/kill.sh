#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A node killed at any moment loses no letter whose send was acknowledged and
# shows none twice: fifty times, sender and recipient in turn, at moments spread
# over the life of a letter.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

rounds=${KILL_ROUNDS:-50}
start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
sotto --home "$home/ada" send bo 'first of all' --wait delivered \
    --timeout 60s >/dev/null || bail "no session came about"
echo 'first of all' >"$home/acknowledged"

kill_node() { # the supervisor and both processes, in one blow
    pid=$(pid_of "$1")
    # shellcheck disable=SC2046 # a list of process ids
    kill -9 "$pid" $(pgrep -P "$pid") 2>/dev/null
    wait "$pid" 2>/dev/null
    rm -f "$home/$1.pid"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    text="letter number $round."
    if [ $((round % 2)) -eq 0 ]; then victim=ada; else victim=bo; fi
    {
        sotto --home "$home/ada" send bo "$text" >/dev/null 2>&1 &&
            echo "$text" >>"$home/acknowledged"
    } &
    writer=$!
    # The moment: a letter's life is some tens of milliseconds.
    sleep "$(printf '0.%03d' $((round * 37 % 120)))"
    kill_node "$victim"
    wait "$writer"
    start "$victim" --connect "$relay"
    unlock "$victim" || bail "$victim could not unlock after round $round"
done

sort "$home/acknowledged" >"$home/expected"
shown() {
    sotto --home "$home/bo" read --all --peek --json |
        python3 -c 'import json, sys
for line in sys.stdin: print(json.loads(line)["text"])' |
        sort >"$home/shown"
}
all_are_there() {
    shown
    [ -z "$(comm -23 "$home/expected" "$home/shown")" ]
}
ok "of $rounds killings, some struck an unacknowledged letter or none did" \
    test "$(wc -l <"$home/acknowledged")" -gt $((rounds / 4))
ok "every acknowledged letter arrives" until_true all_are_there
none_twice() {
    shown
    [ -z "$(uniq -d "$home/shown")" ]
}
ok "none is shown twice" none_twice
ok "and the two still write to each other" \
    sotto --home "$home/bo" send ada 'all here' --wait delivered --timeout 60s
done_testing
