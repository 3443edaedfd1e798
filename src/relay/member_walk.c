/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random walks: shuffles, and the names of newcomers.
 *
 * The answer to a shuffle goes back along its walk, and not over a link made
 * for it: nobody has to dial on a stranger's word, and an answer that was not
 * asked for has no way to come.  A node does not name itself: its neighbours
 * do, who have seen where it is. */
#include "relay/member.h"
#include "relay/member_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
    WALK_HOPS = 6,
    WALK_VIEW_HOPS = 3, /* left, when a newcomer is taken into the view */
    WALK_ANSWER_MS = 30000,
    WALK_COST_MS = 2500, /* a walk a peer, with a burst of this many */
    WALK_BURST = 48,
    WALK_LIST_MS = MEMBER_CYCLE_MS * 4 / 5, /* between unsolicited lists */
};

_Static_assert(WALK_HOPS <= LIMIT_WALK_HOPS, "walks that others take");

/* What a peer's walks cost us is bounded, however many it sends. */
static bool may_walk(struct turn *turn, struct member_link *from)
{
    uint64_t now_ms = turn->now_ms;
    if (from->walks_ms < now_ms)
        from->walks_ms = now_ms;
    if (from->walks_ms - now_ms > (uint64_t)WALK_COST_MS * WALK_BURST) {
        turn_refuse(turn, REFUSAL_MEMBER);
        return false;
    }
    from->walks_ms += WALK_COST_MS;
    return true;
}

static bool remember(struct member *member, struct turn *turn, uint64_t walk,
    uint32_t from, uint32_t to)
{
    if (!member->walks)
        member->walks = calloc(MEMBER_WALKS, sizeof(*member->walks));
    if (!member->walks) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    member->walks[member->walk_next++ % MEMBER_WALKS] =
        (struct member_walk){.walk = walk,
            .from = from,
            .to = to,
            .until_ms = turn->now_ms + WALK_ANSWER_MS};
    return true;
}

static struct member_walk *recall(const struct member *member,
    const struct turn *turn, uint64_t walk, uint32_t to)
{
    for (size_t i = 0; member->walks && i < MEMBER_WALKS; i++) {
        struct member_walk *at = &member->walks[i];
        if (at->walk == walk && at->to == to && at->until_ms > turn->now_ms)
            return at;
    }
    return NULL;
}

/* Send a list on: of what it names, what may be named over that link. */
static void send_list(
    struct turn *turn, const struct member_link *to, const struct frame *frame)
{
    const struct frame_nodes *list = &frame->shuffle.list;
    struct node_address *copy =
        turn_alloc(turn, LIMIT_FRAME_NODES * sizeof(*copy));
    size_t count = 0;
    for (size_t i = 0; copy && i < list->count; i++)
        if (view_may_cross(&list->nodes[i].address, to->scope) &&
            !node_key_equal(&list->nodes[i].node, &to->at.node))
            copy[count++] = list->nodes[i];
    struct frame *out = turn_send(turn, to->link, frame->type);
    out->shuffle = frame->shuffle;
    out->shuffle.list = (struct frame_nodes){count, copy};
}

void member_shuffle(
    struct member *member, struct turn *turn, const struct member_link *to)
{
    uint64_t walk = random_u64(turn->random);
    if (!remember(member, turn, walk, 0, to->link))
        return;
    struct frame_shuffle shuffle = {.walk = walk, .hops = WALK_HOPS};
    member_sample(member, turn, to, &shuffle.list);
    turn_send(turn, to->link, FRAME_SHUFFLE)->shuffle = shuffle;
}

static void answer(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_shuffle *shuffle)
{
    struct frame_shuffle reply = {.walk = shuffle->walk};
    if (from->list_ms == 0 || turn->now_ms - from->list_ms >= WALK_LIST_MS) {
        from->list_ms = turn->now_ms;
        member_learn(member, turn, from, &shuffle->list);
    } else {
        turn_refuse(turn, REFUSAL_MEMBER);
    }
    member_sample(member, turn, from, &reply.list);
    turn_send(turn, from->link, FRAME_SHUFFLE_REPLY)->shuffle = reply;
}

void member_on_shuffle(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_shuffle *shuffle)
{
    if (!may_walk(turn, from))
        return;
    struct member_link *to = member_random_edge(member, turn, from->link);
    if (shuffle->hops == 0 || !to) {
        answer(member, turn, from, shuffle);
        return;
    }
    if (!remember(member, turn, shuffle->walk, from->link, to->link))
        return;
    struct frame onward = {.type = FRAME_SHUFFLE, .shuffle = *shuffle};
    onward.shuffle.hops--;
    send_list(turn, to, &onward);
}

void member_on_shuffle_reply(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_shuffle *shuffle)
{
    struct member_walk *walk = recall(member, turn, shuffle->walk, from->link);
    if (!walk) {
        turn_refuse(turn, REFUSAL_MEMBER);
        return;
    }
    uint32_t back = walk->from;
    *walk = (struct member_walk){0};
    const struct member_link *to = member_find(member, back);
    if (back == 0)
        member_learn(member, turn, from, &shuffle->list);
    else if (to && to->place == MEMBER_EDGE)
        send_list(turn, to,
            &(struct frame){.type = FRAME_SHUFFLE_REPLY, .shuffle = *shuffle});
}

static void send_newcomer(struct turn *turn, const struct member_link *to,
    const struct node_address *node, uint8_t hops)
{
    if (!view_may_cross(&node->address, to->scope))
        return;
    struct frame *frame = turn_send(turn, to->link, FRAME_FORWARD_JOIN);
    frame->forward_join.node = *node;
    frame->forward_join.hops = hops;
}

void member_announce(
    struct member *member, struct turn *turn, struct member_link *newcomer)
{
    if (newcomer->has_joined || newcomer->at.address.size == 0 ||
        !may_walk(turn, newcomer))
        return;
    newcomer->has_joined = true;
    for (size_t i = 0; i < member->count; i++)
        if (member->list[i].place == MEMBER_EDGE &&
            member->list[i].link != newcomer->link)
            send_newcomer(turn, &member->list[i], &newcomer->at, WALK_HOPS);
}

/* At its walk's end, too, a newcomer is taken into the view alone: who has room
 * dials out of it, and nobody because he was told to. */
void member_on_forward_join(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_forward_join *join)
{
    const struct frame_nodes list = {1, &join->node};
    if (!may_walk(turn, from) || member_is_near(member, &join->node.node) ||
        !view_may_cross(&join->node.address, from->scope))
        return;
    struct member_link *to = member_random_edge(member, turn, from->link);
    if (join->hops == 0 || join->hops == WALK_VIEW_HOPS || !to)
        member_learn(member, turn, from, &list);
    if (join->hops > 0 && to)
        send_newcomer(turn, to, &join->node, (uint8_t)(join->hops - 1));
}
