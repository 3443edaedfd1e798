/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is taken for a neighbour, and who gives way.  A plea of one that has too
 * few is heard although there is no room, and then the youngest edge that a
 * stranger dialled has to go.  So nothing that strangers do ends an edge that
 * we dialled, or that our person wants, or that has outlived another's, and a
 * flood of newcomers displaces newcomers.
 *
 * Whoever has many ids and patience gets each place that is given up, and never
 * gives it back.  So few are: one a minute for pleas, and for a renewal none
 * of those that have lasted; and four in ten are filled from our own view
 * alone. Without these three, 290 ids among 1,000 nodes cut off one honest node
 * in eight within twenty minutes; with them, one in 350. */
#include "proto/frame.h"
#include "relay/member.h"
#include "relay/member_inside.h"

/* The youngest edge that a stranger dialled and that is no bridge; NULL. */
static struct member_link *displaceable(
    const struct member *member, const struct turn *turn)
{
    struct member_link *youngest = NULL;
    for (size_t i = 0; i < member->count; i++) {
        struct member_link *link = &member->list[i];
        if (link->place == MEMBER_EDGE && !link->outbound && !link->pinned &&
            !member_is_bridge(link, turn) &&
            (!youngest || link->since_ms >= youngest->since_ms))
            youngest = link;
    }
    return youngest;
}

static bool subnet_has_room(
    const struct member *member, const struct member_link *asker)
{
    size_t count = 0;
    if (address_scope(&asker->at.address) != ADDRESS_PUBLIC)
        return true;
    for (size_t i = 0; i < member->count; i++) {
        const struct member_link *link = &member->list[i];
        count += link->place == MEMBER_EDGE && !link->pinned &&
                 link->at.address.size > 0 &&
                 address_subnet(&link->at.address) ==
                     address_subnet(&asker->at.address);
    }
    return count < MEMBER_SUBNET;
}

/* Whether a stranger is taken, and whom it displaces. */
static bool agrees(struct member *member, const struct turn *turn,
    const struct member_link *asker, bool urgent)
{
    if (asker->pinned)
        return true;
    if (!subnet_has_room(member, asker))
        return false;
    if (member_degree(member) < (urgent ? MEMBER_HIGH : MEMBER_AIM + 1) &&
        member_inbound_strangers(member) < MEMBER_HIGH - MEMBER_DIALLED)
        return true;
    bool may_displace = urgent && turn->now_ms >= member->displace_ms;
    struct member_link *victim =
        may_displace ? displaceable(member, turn) : NULL;
    if (!victim)
        return false;
    member->displace_ms = turn->now_ms + MEMBER_DISPLACE_MS;
    member_enter(victim, turn, MEMBER_OUT);
    return true;
}

static void reply(struct member *member, struct turn *turn,
    struct member_link *link, bool accepted)
{
    struct frame_neighbor_reply answer = {.accepted = accepted};
    member_sample(member, turn, link, &answer.list);
    turn_send(turn, link->link, FRAME_NEIGHBOR_REPLY)->neighbor_reply = answer;
}

/* Whether it is one of the few of strangers that are there longest. */
static bool is_elder(
    const struct member *member, const struct member_link *link)
{
    size_t older = 0;
    if (link->outbound || link->pinned)
        return false;
    for (size_t i = 0; i < member->count; i++) {
        const struct member_link *other = &member->list[i];
        older += other->place == MEMBER_EDGE && !other->outbound &&
                 !other->pinned && other->since_ms < link->since_ms;
    }
    return older < MEMBER_ELDERS;
}

/* Drop one edge for another that was added: any but that one, what is pinned,
 * a bridge, the last that we dialled, and the elders. */
static bool make_way(
    struct member *member, struct turn *turn, const struct member_link *added)
{
    struct member_link *victim = NULL;
    uint64_t count = 0;
    size_t dialled = member_dialled_edges(member);
    for (size_t i = 0; i < member->count; i++) {
        struct member_link *link = &member->list[i];
        bool is_kept = link == added || link->pinned ||
                       member_is_bridge(link, turn) || is_elder(member, link) ||
                       (link->outbound && dialled <= MEMBER_DIALLED);
        if (link->place == MEMBER_EDGE && !is_kept &&
            random_below(turn->random, ++count) == 0)
            victim = link;
    }
    if (victim)
        member_enter(victim, turn, MEMBER_OUT);
    return victim != NULL;
}

void member_on_plea(struct member *member, struct turn *turn,
    struct member_link *link, bool urgent)
{
    if (link->place == MEMBER_EDGE) { /* it has lost our answer */
        reply(member, turn, link, true);
        return;
    }
    if (link->outbound || link->place != MEMBER_GUEST) {
        turn_refuse(turn, REFUSAL_MEMBER);
        return;
    }
    bool accepted = agrees(member, turn, link, urgent);
    member_enter(link, turn, accepted ? MEMBER_EDGE : MEMBER_OUT);
    reply(member, turn, link, accepted);
    if (accepted && link->pinned && member_degree(member) > MEMBER_HIGH)
        make_way(member, turn, link);
    if (accepted)
        member_widen(member, turn, link);
}

void member_on_reply(struct member *member, struct turn *turn,
    struct member_link *link, const struct frame_neighbor_reply *answer)
{
    if (link->place != MEMBER_ASKED) {
        if (link->place != MEMBER_EDGE) /* there it is one too many */
            turn_refuse(turn, REFUSAL_MEMBER);
        return;
    }
    member_enter(link, turn, answer->accepted ? MEMBER_EDGE : MEMBER_OUT);
    member_learn(member, turn, link, &answer->list);
    size_t most = link->renews ? MEMBER_AIM : MEMBER_HIGH;
    if (answer->accepted && link->renews && member->sweep_left > 0)
        member->sweep_left--;
    while (answer->accepted && member_degree(member) > most &&
           make_way(member, turn, link))
        continue;
    member_widen(member, turn, link);
}
