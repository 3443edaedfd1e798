/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What edges are told of what they were not pushed: each edge remembers, of
 * each kind of news, up to which number it has been told, so that one walk from
 * there announces whatever is left, whether the edge was lazy, new, or thought
 * to have it from elsewhere.
 *
 * Receipts go the same ways as envelopes and shape none.  One that is lost, or
 * whose branch is cut, is announced like an envelope, only not so soon: an
 * envelope that lies on some shelf for seconds longer hurts nobody.  What no
 * announcement mends, the next reconciliation does. */
#include "proto/limits.h"
#include "relay/tree.h"
#include "relay/tree_inside.h"

_Static_assert(TREE_FULL_MS >= LIMIT_FORWARD_STALE_MS,
    "whoever rests is told when nothing yields that found its queue full");

void tree_tell_later(struct tree *tree, const struct turn *turn,
    enum tree_kind kind, uint64_t ms)
{
    uint64_t *at_ms = &tree->recent[kind].announce_at_ms;
    if (turn->now_ms + ms < *at_ms)
        *at_ms = turn->now_ms + ms;
}

void tree_edge_knows(struct tree *tree, enum tree_kind kind, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_item *item = tree_recent_find(&tree->recent[kind], id);
    const struct tree_edge *edge = tree_edge(tree, link);
    if (item && edge)
        tree_recent_learn(
            &tree->recent[kind], item, tree_bit((size_t)(edge - tree->edges)));
}

/* How many more ids a window has room for. */
static uint32_t window_room(struct tree_window *window, const struct turn *turn)
{
    if (turn->now_ms - window->from_ms >= TREE_WINDOW_MS)
        *window = (struct tree_window){turn->now_ms, 0};
    return TREE_WINDOW_IDS - window->ids;
}

bool tree_may_announce(
    struct tree *tree, const struct turn *turn, uint32_t link, size_t ids)
{
    const struct tree_edge *edge = tree_edge(tree, link);
    if (!edge)
        return false;
    struct tree_window *heard = &tree_talk(tree, edge)->heard;
    if (ids > window_room(heard, turn))
        return false;
    heard->ids += (uint32_t)ids;
    return true;
}

static enum frame_type type_of(enum tree_kind kind)
{
    return kind == TREE_RECEIPTS ? FRAME_CLEARED : FRAME_IHAVE;
}

/* Tell an edge of up to a frame's worth of ids; false when there was nothing
 * to tell, or no more may be told now. */
static bool tell(
    struct tree *tree, struct turn *turn, enum tree_kind kind, size_t place)
{
    uint32_t link = tree->edges[place].link;
    struct tree_talk *talk = &tree->talks[place];
    const struct tree_recent *recent = &tree->recent[kind];
    uint64_t *told_to = &talk->told_to[kind];
    uint32_t room = window_room(&talk->told, turn);
    const struct peer *peer = turn_peer(turn, link);
    uint8_t least = peer && kind == TREE_ENVELOPES ? peer->least : 0;
    size_t count = 0, most = LIMIT_FRAME_IDS;
    if (room < most)
        most = room;
    struct envelope_id *ids = NULL;
    if (*told_to < recent->first)
        *told_to = recent->first;
    size_t left = (size_t)(recent->next - *told_to);
    for (; *told_to < recent->next && count < most; (*told_to)++) {
        struct tree_item *item = tree_recent_at(recent, *told_to);
        if (!item || (tree_recent_knowing(recent, item) & tree_bit(place)) ||
            !tree_item_is_recent(turn, item) || item->value < least)
            continue;
        if (!ids && !(ids = turn_alloc(
                          turn, (left < most ? left : most) * sizeof(*ids))))
            return false;
        ids[count++] = *tree_recent_id(recent, item);
        tree_recent_learn(recent, item, tree_bit(place));
    }
    if (count == 0)
        return false;
    talk->told.ids += (uint32_t)count;
    turn_send(turn, link, type_of(kind))->ids = (struct frame_ids){count, ids};
    return *told_to < recent->next;
}

/* It was told of what had no room, and asks for that at once.  What then has
 * none would be told again: over a link of a kilobyte a second an eighth of all
 * bytes were such words.  So it is told no more before whatever yields in its
 * queue has left that. */
static void rest(
    struct tree_edge *edge, struct tree_talk *talk, uint64_t now_ms)
{
    if (!edge->is_full || talk->told.ids == TREE_WINDOW_IDS)
        return;
    edge->is_full = false;
    talk->told = (struct tree_window){
        now_ms - (TREE_WINDOW_MS - TREE_FULL_MS), TREE_WINDOW_IDS};
}

static void tell_all(struct tree *tree, struct turn *turn, enum tree_kind kind)
{
    tree->recent[kind].announce_at_ms = UINT64_MAX;
    for (size_t i = 0; i < tree->edge_count; i++) {
        if (!tree->edges[i].link || !tree->edges[i].speaks)
            continue;
        bool more = true;
        while (more)
            more = tell(tree, turn, kind, i);
        struct tree_talk *talk = &tree->talks[i];
        if (kind == TREE_ENVELOPES)
            rest(&tree->edges[i], talk, turn->now_ms);
        if (talk->told_to[kind] < tree->recent[kind].next)
            tree_tell_later(tree, turn, kind, /* when there is room again */
                talk->told.from_ms + TREE_WINDOW_MS - turn->now_ms);
    }
}

void tree_tell(struct tree *tree, struct turn *turn)
{
    for (int kind = 0; kind < TREE_KINDS; kind++)
        if (tree->recent[kind].announce_at_ms <= turn->now_ms)
            tell_all(tree, turn, (enum tree_kind)kind);
}

static void push_receipt(struct tree *tree, struct turn *turn,
    struct tree_item *item, const struct opening *opening)
{
    const struct tree_recent *recent = &tree->recent[TREE_RECEIPTS];
    const struct envelope_id *id = tree_recent_id(recent, item);
    uint64_t knowing = tree_recent_knowing(recent, item);
    for (size_t i = 0; i < tree->edge_count; i++) {
        const struct tree_edge *edge = &tree->edges[i];
        if (!edge->link || (knowing & tree_bit(i)))
            continue;
        if (edge->eager) {
            turn_receipt(turn, edge->link, id, opening);
            tree_recent_learn(recent, item, tree_bit(i));
        } else {
            tree_tell_later(tree, turn, TREE_RECEIPTS, TREE_BATCH_RECEIPTS_MS);
        }
    }
}

void tree_spread_receipt(struct tree *tree, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt)
{
    struct tree_missing missing;
    struct tree_item *item =
        tree_recent_add(&tree->recent[TREE_RECEIPTS], turn, &receipt->id);
    if (!item)
        return;
    tree_recent_forget(&tree->recent[TREE_ENVELOPES], &receipt->id);
    if (tree_take_missing(tree, &receipt->id, &missing) && missing.is_receipt)
        tree_recent_learn(&tree->recent[TREE_RECEIPTS], item, missing.has);
    tree_has_receipt(tree, from, &receipt->id);
    tree_keep_one_eager(tree);
    push_receipt(tree, turn, item, &receipt->opening);
}

void tree_has_receipt(
    struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    tree_edge_knows(tree, TREE_RECEIPTS, link, id);
}
