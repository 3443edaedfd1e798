#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Check that every claim of SECURITY.md names tests, and that they are run.
#
# A claim is a paragraph that begins with "**C-01.**"; its tests are its words
# in backquotes that begin with "tests/".  So are those of a row of a table, and
# an attack that names none says in words what holds it.  The makefile says what is run, and
# is asked anew: TESTS on the command line of make names fewer.  Prints TAP.

cd "${top_builddir:-.}" || exit 99
run=$(env -u MAKEFLAGS -u MAKEOVERRIDES -u MAKELEVEL -u TESTS \
    "${MAKE:-make}" --no-print-directory -s list-tests) || exit 99
[ -n "$run" ] || { echo 1..1; echo "not ok 1 - no tests are run"; exit 1; }

faults=$(awk -v run="$run" '
BEGIN { for (n = split(run, name); n > 0; n--) runs[name[n]] }
/^\*\*C-[0-9]+\.\*\* / {
    close_claim()
    claim = substr($0, 3, index($0, ".") - 3)
    number = substr(claim, 3) + 0
    if (number <= claims) print claim " is out of order"
    claims = number
}
/^$/ || /^#/ { close_claim() }
/^\|/ { row = $0 }
!/^\|/ { row = "" }
claim || row {
    line = $0
    while (match(line, /`tests\/[^`]*`/)) {
        test = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
        tests++
        if (!(test in runs))
            print (row ? "a row" : claim) " names " test ", which is not run"
    }
}
END { close_claim(); if (!claims) print "there are no claims" }
function close_claim() {
    if (claim && !tests) print claim " names no test"
    claim = ""
    tests = 0
}
' "${top_srcdir:-.}/SECURITY.md")

echo 1..1
if [ -z "$faults" ]; then echo "ok 1 - every claim has tests that are run"
else echo "not ok 1 - every claim has tests that are run"; echo "$faults" | sed 's/^/# /'; fi
[ -z "$faults" ]
