#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# No branch and no index of our own code depends on a secret: secret_flow under
# valgrind, with its secrets marked as undefined.  Prints TAP.

folder=${top_srcdir:-.}/tests/crypto
program=${top_builddir:-.}/tests/crypto/secret_flow

skip() { echo "1..0 # SKIP $1"; exit 0; }
[ -x "$program" ] || skip "valgrind/memcheck.h was not found, or sanitizers are on"
command -v valgrind >/dev/null || skip "there is no valgrind"

flow() { # flow NAME: 0 when valgrind reports nothing
    valgrind -q --error-exitcode=9 --num-callers=12 \
        --suppressions="$folder/secret_flow.supp" "$program" "$1" 2>&1
}

failed=0
claim() { # claim NUMBER WHAT EXPECTED-CODE FLOW
    said=$(flow "$4")
    if [ $? -eq "$3" ]; then echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        echo "$said" | sed 's/^/# /'
        failed=1
    fi
}

echo 1..9
claim 1 "a branch on a secret would be reported" 9 leak
claim 2 "sealing, opening, missing and confirming letters has none" 0 session
claim 3 "nor has a first contact, opened, missed or damaged" 0 intro
claim 4 "nor have records, opened or damaged" 0 record
claim 5 "nor the key slots, opened or missed" 0 slots
claim 6 "nor has a renewal of a card" 0 renewal
claim 7 "nor a letter to a group, opened, skipped, missed or damaged" 0 group
claim 8 "nor a signature on a letter" 0 evidence
claim 9 "nor have a backup's blocks, opened or refused" 0 archive
exit $failed
