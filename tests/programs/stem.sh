#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A letter walks its hidden first hops through real relays.  Ten nodes stand in
# a ring, each of them dialling the next two, so that a stem, which goes to peers
# that a node dialled, only ever goes on round the ring: four hops never lead to
# where it began, nor to the last node, where it is read.  Each relay ends a stem
# with a chance of one in ten, so letters are written until one has gone far.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

relays='r1 r2 r3 r4 r5 r6 r7 r8'
person ada
for relay in $relays; do start "$relay" --relay-only; done
person bo

link() { # link FROM TO
    sotto --home "$home/$1" connect "$(endpoint "$2")" >>"$home/$1.log" 2>&1 ||
        bail "$1 could not connect to $2"
}
# shellcheck disable=SC2086 # a list of words
set -- ada $relays bo ada r1
while [ "$#" -gt 2 ]; do
    link "$1" "$2"
    link "$1" "$3"
    shift
done
all_linked() {
    for node in ada $relays bo; do links_up "$node" 4 || return 1; done
}
ok "ten nodes have four links each" until_true all_linked
introduce ada bo

deliver() { # deliver FROM TO TEXT [OPTION...]
    from=$1
    to=$2
    text=$3
    shift 3
    sotto --home "$home/$from" send "$to" "$text" --wait delivered \
        --timeout 60s "$@"
}
ok "a letter is delivered" deliver ada bo 'the first'
ok "and one the other way" deliver bo ada 'the answer'

stems() { # how many envelopes each relay was brought by a stem
    for relay in $relays; do
        json "$relay" 's["traffic"].get("received-stem", 0)'
    done
}
relays_reached() { # relays_reached BEFORE AFTER: files of stems
    paste "$1" "$2" | awk '$2 > $1 { n++ } END { print n + 0 }'
}
walks_far() {
    letters=0
    reached=0
    while [ "$reached" -lt 4 ]; do
        letters=$((letters + 1))
        [ "$letters" -le 40 ] || return 1
        stems >"$home/before"
        deliver ada bo "letter $letters" || return 1
        stems >"$home/after"
        reached=$(relays_reached "$home/before" "$home/after")
        echo "letter $letters went to $reached relays by a stem"
    done
}
ok "a letter walks a stem through four relays and more, and is delivered" \
    walks_far

stems >"$home/before"
ok "so is an urgent one" deliver ada bo 'the urgent one' --urgent
says_so() {
    deliver ada bo 'another' --urgent 2>&1 |
        grep -qF 'without hidden first hops; neighbours can see'
}
ok "which says that it goes without" says_so
no_stems() {
    stems >"$home/after"
    [ "$(relays_reached "$home/before" "$home/after")" -eq 0 ]
}
ok "and no relay is brought it by a stem" no_stems

sotto --home "$home/ada" send bo 'the last' >>"$home/ada.log" 2>&1 ||
    bail "ada could not send"
stop ada KILL
start ada
unlock ada || bail "ada could not unlock"
ok "a letter that was hidden when its node was killed arrives" \
    until_true has_text bo 'the last'
link ada r1
link ada r2
all_delivered() {
    ! sotto --home "$home/ada" outbox --json |
        grep -qE '"state": ?"(queued|handed)"'
}
ok "and all letters are proven delivered in the end" until_true all_delivered

few_links() {
    until_true two_left || return 1
    sotto --home "$home/ada" status | grep -F 'with fewer than 3 links'
}
two_left() {
    [ "$(json ada 'sum(l["state"] == "up" for l in s["links"])')" -eq 2 ]
}
ok "with two links, status says what that means" few_links
done_testing
