#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay under ten thousand garbage frames a second, from a peer that comes back
# under a new key whenever it is thrown out, carries letters all the while.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"
besiege

before=$(cat "$home/letters")
attack flood 10000 "${FLOOD_SECONDS:-10}"
report
crossed=$(($(cat "$home/letters") - before))
echo "# $crossed letters crossed meanwhile, over $(fact links) hostile links"
ok "the flood does no harm: letters cross, and it costs little" harmless
ok "letters cross all the while" at_least "$crossed" 2
ok "who floods is thrown out each time" \
    at_least "$(refused malformed)" $(($(fact links) - 1))
done_testing
