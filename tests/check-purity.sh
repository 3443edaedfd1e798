#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Check that the pure layers ask the system for nothing but memory.
#
# Lists the symbols that the archives import and none of them defines, and
# allows memory, strings, assertions and seeded libsodium.  bcmp is what clang
# makes of a memcmp that asks only for equality.  Prints TAP.

cd "${top_builddir:-.}" || exit 99

nm -A -P libbase.a libproto.a libcrypto.a librelay.a libvault.a | awk '
BEGIN {
    allowed = "^(abort|bcmp|calloc|free|malloc|realloc|mem(chr|cmp|cpy|move|set)|str(chr|cmp|len|ncmp|nlen)" \
              "|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|(crypto|sodium|msgpack|json)_[a-z0-9_]+" \
              "|__(mem|str)[a-z]+_chk|__(asan|ubsan|gcov|sanitizer|llvm)_[a-zA-Z0-9_]+)$"
    draws   = "(_keypair|_keygen|_box_seal|_init_push|_pwhash_str)$"   # take from the global generator
    seeded  = "_seed_keypair$"
}
$3 == "U"           { user[$2] = $1 }
$3 ~ /^[A-TV-Z]$/   { defined[$2]; symbols++ }
END {
    for (s in user)
        if (!(s in defined) && (s !~ allowed || (s ~ draws && s !~ seeded)))
            printf "not ok %d - %s imports %s\n", ++faults, user[s], s
    if (!faults) printf "%s 1 - pure layers import only memory and seeded crypto\n", symbols ? "ok" : "not ok"
    printf "1..%d\n", faults ? faults : 1
    exit (faults > 0 || !symbols)
}
'
