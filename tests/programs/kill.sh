#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A node killed at any moment loses no letter whose send was acknowledged and
# shows none twice: fifty times, sender and recipient in turn.  The moment is a
# write to the victim's databases, the how manyth of a letter's life is drawn
# from a seed.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

rounds=${KILL_ROUNDS:-50}
seed=${KILL_SEED:-1}
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
echo "# KILL_SEED=$seed"
start relay --relay-only
relay=$(endpoint relay)
person ada --connect "$relay"
person bo --connect "$relay"
introduce ada bo
sotto --home "$home/ada" send bo 'first of all' --wait delivered \
    --timeout 60s >/dev/null || bail "no session came about"
: >"$home/letters" # that were acknowledged
: >"$home/moments" # the writes until each killing

# The supervisor and both processes, in one blow, while a letter is written.
write_and_kill() { # write_and_kill VICTIM WRITES TEXT: how the writing ended
    pid=$(pid_of "$1")
    # shellcheck disable=SC2046 # a list of process ids
    python3 "$srcdir/tests/programs/kill_at.py" "$home/$1" "$2" \
        "$pid" $(pgrep -P "$pid") -- \
        sotto --home "$home/ada" send bo "$3" >>"$home/moments"
    sent=$?
    wait "$pid" 2>/dev/null
    rm -f "$home/$1.pid"
    return "$sent"
}

round=0
draw=$seed
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    draw=$(((draw * 1103515245 + 12345) % 2147483648))
    text="letter number $round."
    if [ $((round % 2)) -eq 0 ]; then victim=ada; else victim=bo; fi
    ! write_and_kill "$victim" $((draw / 65536 % 6)) "$text" ||
        echo "$text" >>"$home/letters"
    start "$victim" --connect "$relay"
    unlock "$victim" || bail "$victim could not unlock after round $round"
done

sort "$home/letters" >"$home/expected"
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
both_happened() {
    acknowledged=$(wc -l <"$home/letters")
    [ "$acknowledged" -gt $((rounds / 2)) ] && [ "$acknowledged" -lt "$rounds" ]
}
ok "of $rounds killings, most struck an acknowledged letter, and some another" \
    both_happened
ok "they struck at four writes and more of a letter's life" \
    test "$(sort -u "$home/moments" | wc -l)" -ge 4
ok "every acknowledged letter arrives" until_true all_are_there
none_twice() {
    shown
    [ -z "$(uniq -d "$home/shown")" ]
}
ok "none is shown twice" none_twice
ok "and the two still write to each other" \
    sotto --home "$home/bo" send ada 'all here' --wait delivered --timeout 60s
done_testing
