#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# False stamps and receipts, replays and floods of mail: each is refused for its
# reason, at little cost, and letters cross meanwhile.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"
besiege

attack stamps 20
ok "false stamps, half of them dear to check, do no harm" harmless
ok "each peer that brings them is thrown out" is "$(fact out)" 20
ok "at its second" is "$(refused false-stamp)" 40
report

attack receipts
ok "receipts that open nothing do no harm" harmless
ok "they clear nothing" is "$(fact kept)" 1
ok "the first is forgiven" is "$(fact linked)" 1
ok "the second is not" is "$(fact out)" 1
ok "both are counted" is "$(refused false-receipt)" 2

attack early-receipts 50000
ok "a flood of receipts for what nobody has does no harm" harmless
ok "some are held for a while" at_least "$(refused early-receipt)" 200
ok "all others are over the peer's quota" \
    at_least $(($(refused early-receipt) + $(refused rate))) 50000
ok "which is twenty a second" at_most "$(refused early-receipt)" 2000
report

shelf_before=$(json relay 's["shelf"]["envelopes"]')
attack bring "$home/envelope"
ok "an envelope comes and is cleared" is "$(fact linked)" 1
# As many as its receipts may wait for one peer that is slow to read.
attack replay "$home/envelope" 600
ok "to replay it behind its receipt does no harm" harmless
ok "it is known each time" at_least "$(refused duplicate)" 600
ok "and answered by the receipt" at_least "$(fact receipts)" 600
attack expired 100
ok "what has expired, or would too late, does no harm" harmless
ok "the one is refused" is "$(refused expired)" 50
ok "and the other" is "$(refused too-far-ahead)" 50
ok "nothing of it all is on the shelf" \
    at_most "$(json relay 's["shelf"]["envelopes"]')" $((shelf_before + 2))

attack duplicates 50000
ok "one envelope, pushed without end, does no harm" harmless
ok "each but the first is refused" at_least "$(refused duplicate)" 49999
report

attack overflow 64
ok "more new mail than a peer may bring does no harm" harmless
ok "it has a price, and what is worth less is refused" \
    at_least "$(refused value)" 100
ok "and whoever goes on is thrown out" is "$(fact out)" 1
report

# Eight leeches: what libzmq, the kernel and our own queues may hold for each.
memory_most_kib=65536
attack leech 8 100
ok "peers that ask for much and never read do no harm" harmless
ok "their queues are bounded" at_least "$(refused queue-full)" 100
report

# The shelf remembers what is over across a restart.
stop relay
start relay --relay-only
relay=$(endpoint relay)
victim
sotto --home "$home/ada" connect "$relay" >/dev/null
sotto --home "$home/bo" connect "$relay" >/dev/null
memory_most_kib=32768
attack replay "$home/envelope" 600
ok "to replay after the relay's restart does no harm" harmless
ok "it is still known" at_least "$(refused duplicate)" 600
ok "with its receipt" at_least "$(fact receipts)" 600
done_testing
