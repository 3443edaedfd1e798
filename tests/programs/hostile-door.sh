#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Connections that stop half way, by hundreds, and links that are not what they
# say: descriptors are bounded, who is honest is let in meanwhile, and nobody
# gets another's link.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"
besiege

# While the crowd stands there: not more of it than the transport lets wait,
# each with its descriptor here and libzmq's; and a newcomer gets in.
newcomers=0
crowd_is_bounded() {
    [ "$(descriptors)" -le $((descriptors_before + 2 * 256 + 16)) ]
}
newcomer_links() {
    newcomers=$((newcomers + 1))
    start "newcomer$newcomers" --relay-only --connect "$relay"
    until_true crowd_is_bounded || return 1
    until_true links_up "newcomer$newcomers" 1 || return 1
    stop "newcomer$newcomers"
}
for crowd in silent greeting half; do
    while_held=newcomer_links
    attack "$crowd" 600
    case $crowd in
    silent) what='600 connections that say nothing' ;;
    greeting) what='600 that greet and go no further' ;;
    half) what='600 that begin the handshake and do not end it' ;;
    esac
    ok "$what keep nobody out" harmless
    ok "some are thrown out for it" at_least "$(refused inbound-limit)" 100
    report
done
attack wrong-key 300
ok "300 clients of another server's key do no harm" harmless
ok "none of them is linked" is "$(fact out)" 300
report
attack clear 100
ok "100 clients without CURVE do no harm" harmless
ok "none of them is linked" is "$(fact out)" 100
report

attack names
ok "peers that choose their names do no harm" harmless
ok "none of them is greeted" is "$(fact out)" 32
ok "and they are counted" at_least "$(refused inbound-limit)" 16
attack twins 50
ok "one key on fifty connections does no harm" harmless
ok "each takes the place of the one before" is "$(fact out)" 50
ok "so that one is linked" is "$(fact linked)" 1

ada_key=$(json ada 's["node"]["key"]')
ada_links() {
    json relay "sum(l['key'] == '$ada_key' and l['state'] == 'up' and
        l['since'] <= $began for l in s['links'])"
}
# Whole seconds, of ages and a clock that are rounded each for itself.
began=$(($(date +%s) + 1))
attack impostor "$ada_key"
ok "who claims another's key, or the relay's own, does no harm" harmless
ok "and is thrown out" is "$(fact out)" 2
ok "as one who lies" is "$(refused malformed)" 2
ok "whose key it was keeps the link" is "$(ada_links)" 1
attack alias "$ada_key"
ok "who has another's key in the handshake's metadata does no harm" harmless
ok "and is the one whose key it proved" is "$(fact linked)" 1
ok "not the other" is "$(fact deceived)" 0
ok "whose link is as it was" is "$(ada_links)" 1
attack changeling
ok "who says another key the second time does no harm" harmless
ok "and is thrown out" is "$(fact out)" 1
attack greeter 50000
ok "HELLO without end does no harm" harmless
ok "and is answered a few times" at_most "$(fact answers)" 5
report
attack mute
ok "who never says HELLO does no harm" harmless
ok "is not answered" is "$(fact pongs)" 0
ok "and thrown out" is "$(fact out)" 1

attack clock 86400
ok "a clock that is a day off does no harm" harmless
ok "and is not spoken to" is "$(fact out)" 1
ok "for that reason" is "$(refused clock)" 1
ok "which status says" shows "1 link ended with nodes whose clocks" \
    sotto --home "$home/relay" status
attack clock 300
ok "five minutes are no reason" is "$(fact linked)" 1
done_testing
