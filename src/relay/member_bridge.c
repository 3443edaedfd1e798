/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bridges: edges to anchors that were missed.
 *
 * After a split of hours a part of the mesh is remembered by anchors alone, by
 * some nodes, and no node is in need.  The first edge between the parts is the
 * youngest at both its ends, where any renewal or plea may end it, and it tells
 * hardly anybody: one among 1,000 nodes joined two parts for three minutes and
 * was gone.  So it is kept for some minutes, names go over it at once, and a
 * few of those that come back are dialled, so that one edge becomes four.
 *
 * Nobody can claim to be such an anchor: it was an edge for long, and has been
 * away for longer.  Still it may be hostile, so bridges are few, and rarely
 * widened.  At the other end a bridge is an edge like others, there being no
 * word for it that a stranger could not say. */
#include "relay/member.h"
#include "relay/member_inside.h"

bool member_is_bridge(const struct member_link *link, const struct turn *turn)
{
    return link->bridge_ms > turn->now_ms;
}

uint64_t member_bridge_until_ms(const struct member *member,
    const struct turn *turn, const struct node_key *key)
{
    size_t bridges = 0;
    for (size_t i = 0; i < member->count; i++)
        bridges += member_is_bridge(&member->list[i], turn);
    return bridges < MEMBER_BRIDGES && view_misses(&member->view, turn, key)
               ? turn->now_ms + MEMBER_BRIDGE_MS
               : 0;
}

void member_widen(
    struct member *member, struct turn *turn, const struct member_link *link)
{
    if (!member_is_bridge(link, turn))
        return;
    if (link->place == MEMBER_EDGE)
        member_shuffle(member, turn, link);
    if (turn->now_ms < member->widen_ms)
        return;
    member->widen_from = view_introducer(&member->view, &link->at.node);
    member->widen_left = MEMBER_WIDEN;
    member->widen_ms = turn->now_ms + MEMBER_WIDEN_MS;
}

bool member_pick_to_widen(
    struct member *member, struct turn *turn, struct node_address *out)
{
    return member->widen_left > 0 && turn->now_ms < member->widen_ms &&
           view_pick_named(&member->view, turn, member->widen_from, out);
}
