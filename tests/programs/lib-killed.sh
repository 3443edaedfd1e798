#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A test that is ended, or killed, leaves no node behind.
# shellcheck disable=SC2154,SC2317 # lib.sh sets home; ok runs functions
# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

# A test of its own, which says what it has started and then waits for ever.
cat >"$home/victim.sh" <<'VICTIM'
. "${top_srcdir:-.}/tests/programs/lib.sh"
start v --relay-only
echo "$home $(pid_of v) $(process v relay)"
read -r never <&3
VICTIM
mkfifo "$home/never" "$home/said" || bail "no fifo"
exec 3<>"$home/never"

# end_victim SIGNAL: run it, and end it; its folder is $folder, and its node's
# processes are $left.
end_victim() {
    sh "$home/victim.sh" >"$home/said" &
    victim=$!
    read -r folder left <"$home/said"
    [ -d "$folder/v" ] || bail "the victim has started nothing"
    kill "-$1" "$victim"
    wait "$victim"
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
all_gone() {
    [ "$(echo "$left" | wc -w)" -eq 2 ] || return 1
    for pid in $left; do until_true is_gone "$pid" || return 1; done
}

end_victim TERM
ok "a test that is ended ends its node" all_gone
ok "and removes its folder" test ! -e "$folder"
end_victim KILL
ok "a test that is killed takes its node along" all_gone
rm -rf "$folder"
done_testing
