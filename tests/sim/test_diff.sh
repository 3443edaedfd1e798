#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs are written down, and where two of them part is found to the event.

# shellcheck source=tests/sim/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/sim/lib.sh"

refused() { # refused WORDS ARGUMENTS...: exit 1, and the words
    words=$1
    shift
    "$sim" "$@" >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -qF -- "$words" "$work/out"
    ok $? "$words"
}
refused "diff needs one scenario" diff
refused "--with needs a value" diff street --with
refused "--bogus is no option of diff" diff street --bogus
refused "--json is no option of diff" diff street --json
refused "$work/none: cannot be run" diff street --with "$work/none"
refused "/bin/true wrote down no run" diff street --with /bin/true
refused "--events: needs --trace" run street --events 3
refused "--trace: needs a run in one thread" run street --threads 2 --trace /dev/null
refused '--events: "0:4" is not first:last' run street --trace /dev/null --events 0:4
refused "--trace: $work/none/x: No such file" run street --trace "$work/none/x"

"$sim" run street --json --trace "$work/trace" --events 12:13 >"$work/json"
ok $? "a run writes its trace"
seconds=$(sed 's/.*"virtual_seconds":\([0-9]*\).*/\1/' "$work/json")
hash=$(sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/' "$work/json")
[ "$(grep -vc '^@' "$work/trace")" -eq "$seconds" ] &&
    tail -n 1 "$work/trace" | grep -q "^$seconds $hash [0-9]*$"
ok $? "a line a virtual second, the last with the run's hash"
[ "$(grep -c '^@' "$work/trace")" -gt 10 ] &&
    [ "$(grep '^@' "$work/trace" | grep -vcE '^@(11000000|1[12][0-9]{6}|13000000) [0-9-]+ [0-9-]+ [0-9]+ [a-z-]+ [0-9a-f]{16}$')" -eq 0 ]
ok $? "and the events of two seconds"

"$sim" diff street --wire >"$work/said" && grep -q "^the same: $seconds seconds" "$work/said"
ok $? "with frames encoded it is the same run"
# Programs that are not the same: what they do to the scenario stands for a bug.
other() { # other NAME OPTIONS...
    file=$work/$1
    shift
    printf '#!/bin/sh\nexec "%s" "$@" %s\n' "$(realpath "$sim")" "$*" >"$file"
    chmod +x "$file"
}
other late --set faults.crash_at=30500ms --set faults.crash_share=0.3
"$sim" diff street --with "$work/late" >"$work/said"
[ $? -eq 5 ] && grep -q '^the same up to second 30, and [0-9]* events more; then$' "$work/said"
ok $? "of another program the second is found"
grep -qE '^  other: 30\.500000  node [0-9]+  crash    @30500000 ' "$work/said"
ok $? "and the event: a node that crashes"
grep -qE '^  one  : 3[0-9.]+  ' "$work/said"
ok $? "beside what comes in its place"
other short --set mesh.duration=70s
"$sim" diff street --with "$work/short" >"$work/said"
[ $? -eq 5 ] && grep -q 'other: nothing more in this second' "$work/said"
ok $? "one that ends is found where it does"
other soon --set links.latency=6ms
"$sim" diff street --seed 4 --with "$work/soon" >"$work/said"
[ $? -eq 5 ] && grep -qE '^  (one  |other): [0-9]\.[0-9]{6}  node' "$work/said"
ok $? "also at the beginning"
# One that comes to another end each time.
cat >"$work/fickle" <<END
#!/bin/sh
# Its letters are late the first time that it is called.
[ -e "$work/called" ] || set -- "\$@" --set workload.first=25s
touch "$work/called"
exec "$(realpath "$sim")" "\$@"
END
chmod +x "$work/fickle"
"$sim" diff street --with "$work/fickle" >"$work/said"
[ $? -eq 5 ] && grep -q 'one of the two does not come to the same twice' "$work/said"
ok $? "one that is not the same from run to run is told apart"
done_testing
