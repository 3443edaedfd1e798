#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Bytes that are no frames, and frames that nobody asked for: each is counted by
# its reason and costs little, who sends garbage is thrown out and stays out, and
# letters cross meanwhile.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"
besiege

attack malformed
ok "frames that are none, bombs among them, do no harm" harmless
ok "each of them ends its link" is "$(fact out)" "$(fact frames)"
ok "each is counted" is "$(refused malformed)" "$(fact frames)"
ok "and none who sent one is let in again" \
    is "$(fact refused)" "$(fact frames)"
ok "which is counted, too" is "$(refused graylist)" "$(fact frames)"
report

attack parts
ok "a message of several parts does no harm" harmless
ok "and ends its link" is "$(fact out)" 1
ok "as garbage" is "$(refused malformed)" 1

attack unknown 50000
ok "frames of unknown types do no harm" harmless
ok "each is counted" is "$(refused unknown-type)" 50000
ok "and the link goes on: a later version may know them" is "$(fact linked)" 1
report

attack early 50000
ok "frames before any HELLO do no harm" harmless
ok "each is counted, and comes to nothing" is "$(refused before-hello)" 50000
report

# As much as comes before anybody looks, which is twice a second.
memory_most_kib=1048576
attack oversize
ok "a message of 64 MiB does no harm" harmless
ok "and its link is cut" is "$(fact out)" 1
ok "which is counted" is "$(refused oversize)" 1
ok "as garbage" is "$(refused malformed)" 1
attack endless
ok "a message of 2 GiB, in small parts, does no harm" harmless
ok "its link is cut" is "$(fact out)" 1
ok "which is counted" is "$(refused oversize)" 1
ok "as garbage" is "$(refused malformed)" 1
report
done_testing
