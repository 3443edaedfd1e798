#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Peers whose every frame is in order, and who are hostile all the same: in the
# trees, in reconciliation, and as neighbours.
# shellcheck disable=SC2119,SC2317 # functions are called through ok
# shellcheck source=tests/programs/hostile-lib.sh disable=SC1091
. "${srcdir:-.}/tests/programs/hostile-lib.sh"
for node in hub early; do
    mkdir -p "$home/$node"
    chmod 700 "$home/$node"
    printf '[relay]\nmesh = on\n' >"$home/$node/sotto.conf"
done
start hub --relay-only
besiege 'mesh = on' "connect = $(endpoint hub)"
start early --relay-only --connect "$relay"
until_true links_up early 1 || bail "no neighbour came before the others"

attack clutch 200
ok "a peer that never brings anything does no harm" harmless
ok "it is pushed to for a while" is "$(fact pushes)" 32
ok "and then only told" is "$(fact told)" 1

attack promises
ok "announcements of what never comes do no harm" harmless
ok "some are believed at first" is "$(fact asked)" 1
ok "and cost the peer that it is pushed to" is "$(fact lazy)" 1
ok "but no link: it may be slow" is "$(fact linked)" 1

attack rounds 20000
ok "false fingerprints for ever do no harm" harmless
ok "a few are answered" at_most "$(fact answers)" 200
ok "others are past a run's rounds or the peer's quota" \
    at_least $(($(refused reconcile) + $(refused rate))) 19000
report

attack joins 20000
ok "pleas and shuffles without end do no harm" harmless
ok "they are counted" at_least "$(refused member)" 5000
report

# Neighbours that its person named, and those that were there before, stay.
known=
for node in ada bo early; do
    known="$known '$(json $node 's["node"]["key"]')',"
done
links_stay() {
    stayed=$(json relay "sum(l['why'] == 'pinned' or l['key'] in ($known)
        for l in s['links'] if l['state'] == 'up' and l['since'] <= $began)")
    is "$stayed" 4
}
# Whole seconds, of ages and a clock that are rounded each for itself.
began=$(($(date +%s) + 1))
while_held=links_stay
attack sybils 96
ok "ninety-six keys that all want to be neighbours do no harm" harmless
ok "they get no more than a few places" at_most "$(fact edges)" 10
ok "and none that was taken" links_stay
report
done_testing
