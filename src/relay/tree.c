/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edges and pushes.
 *
 * A tree has no way past a peer that takes and never gives: an edge that is
 * pushed to for long and never is the first to bring anything becomes lazy.  It
 * is told at once of what it is not pushed, so that whoever minds has lost no
 * more than a round trip when it asks for the edge back.  A peer that prunes
 * does not take for the sake of taking. */
#include "relay/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/tree_inside.h"

enum { SECOND_MS = 1000 };

/* Places are bits of a mask. */
_Static_assert(LIMIT_LINKS <= 64, "an edge has a bit of 64");

void tree_init(struct tree *tree, struct catalog *catalog, uint64_t seed)
{
    *tree = (struct tree){.graft_at_ms = UINT64_MAX};
    for (int kind = 0; kind < TREE_KINDS; kind++)
        tree_recent_init(&tree->recent[kind], catalog);
    table_init(&tree->missing, sizeof(struct envelope_id),
        sizeof(struct tree_missing), TREE_MISSING, seed);
}

void tree_clear(struct tree *tree)
{
    free(tree->edges);
    free(tree->talks);
    for (int kind = 0; kind < TREE_KINDS; kind++)
        tree_recent_clear(&tree->recent[kind]);
    table_clear(&tree->missing);
    *tree = (struct tree){0};
}

/* NULL where there is none. */
static struct tree_edge *find(const struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree->edges;
    for (size_t left = tree->edge_count; left > 0; left--, edge++)
        if (edge->link == link)
            return edge;
    return NULL;
}

size_t tree_place(const struct tree *tree, uint32_t link)
{
    const struct tree_edge *edge = find(tree, link);
    return edge ? (size_t)(edge - tree->edges) : tree->edge_count;
}

struct tree_edge *tree_edge(const struct tree *tree, uint32_t link)
{
    return link ? find(tree, link) : NULL;
}

struct tree_talk *tree_talk(
    const struct tree *tree, const struct tree_edge *edge)
{
    return &tree->talks[edge - tree->edges];
}

uint32_t tree_rtt_ms(const struct turn *turn, uint32_t link)
{
    const struct peer *peer = turn_peer(turn, link);
    return peer ? peer->rtt_ms : 0;
}

void tree_link_open(
    struct tree *tree, struct turn *turn, uint32_t link, bool speaks)
{
    size_t place = tree_place(tree, 0); /* a free one */
    if (place == tree->edge_count) {
        assert(place < LIMIT_LINKS);
        if (turn_grow(turn, (void **)&tree->edges, place, &tree->edge_capacity,
                sizeof(*tree->edges)) ||
            turn_grow(turn, (void **)&tree->talks, place, &tree->talk_capacity,
                sizeof(*tree->talks)))
            return;
        tree->edge_count++;
    }
    for (int kind = 0; kind < TREE_KINDS; kind++)
        if (!tree_recent_reach(&tree->recent[kind], turn, place))
            return;
    tree->edges[place] =
        (struct tree_edge){.link = link, .eager = true, .speaks = speaks};
    tree->talks[place] = (struct tree_talk){
        .told = {turn->now_ms, 0}, .heard = {turn->now_ms, 0}};
    for (int kind = 0; speaks && kind < TREE_KINDS; kind++)
        if (tree->recent[kind].first < tree->recent[kind].next)
            tree_tell_later(tree, turn, (enum tree_kind)kind, TREE_BATCH_MS);
}

void tree_link_down(struct tree *tree, uint32_t link)
{
    size_t place = tree_place(tree, link);
    if (place == tree->edge_count)
        return;
    tree->edges[place] = (struct tree_edge){0};
    for (int kind = 0; kind < TREE_KINDS; kind++)
        tree_recent_forget_edge(&tree->recent[kind], place);
    tree_missing_forget_edge(tree, tree_bit(place));
}

void tree_keep_one_eager(struct tree *tree)
{
    struct tree_edge *any = NULL;
    for (size_t i = 0; i < tree->edge_count; i++) {
        if (tree->edges[i].link && tree->edges[i].eager)
            return;
        if (tree->edges[i].link && !any)
            any = &tree->edges[i];
    }
    if (any)
        any->eager = true;
}

/* Count a push, and whether it was one too many for a free ride. */
static bool is_free_ride(struct tree_edge *edge)
{
    if (edge->delivers || !edge->speaks)
        return false;
    return edge->pushes++ >= TREE_FREE_RIDE;
}

/* That this is here, in a frame of its own. */
static void tell_at_once(struct turn *turn, uint32_t link, enum frame_type type,
    const struct envelope_id *id)
{
    struct envelope_id *copy = turn_alloc(turn, sizeof(*copy));
    if (!copy)
        return;
    *copy = *id;
    turn_send(turn, link, type)->ids = (struct frame_ids){1, copy};
}

/* The edges for which it is worth too little: they are neither pushed to nor
 * told.  What their terms allow later they are told then, or reconciliation
 * brings it. */
static uint64_t too_dear(const struct tree *tree, const struct turn *turn,
    const struct tree_item *item)
{
    uint64_t edges = 0;
    for (size_t i = 0; i < turn->peers->count; i++) {
        const struct peer *peer = &turn->peers->list[i];
        if (peer->least <= item->value)
            continue;
        size_t place = tree_place(tree, peer->link);
        if (place < tree->edge_count)
            edges |= tree_bit(place);
    }
    return edges;
}

/* Push to one edge, or tell it why not. */
static void push_one(
    struct turn *turn, struct tree_edge *edge, const struct envelope_id *id)
{
    edge->offered = !edge->eager;
    if (edge->eager && is_free_ride(edge)) {
        edge->eager = false;
        tell_at_once(turn, edge->link, FRAME_IHAVE, id);
    } else {
        turn_forward(turn, edge->link, id);
    }
}

/* What renews the tree goes over all edges that it may, else over the eager
 * ones. */
static void push_all(
    struct tree *tree, struct turn *turn, struct tree_item *item, size_t bytes)
{
    const struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    const struct envelope_id *id = tree_recent_id(recent, item);
    bool renews = tree_is_renewed_by(tree, turn, id);
    uint64_t known =
        tree_recent_knowing(recent, item) | too_dear(tree, turn, item);
    for (size_t i = 0; i < tree->edge_count; i++) {
        const struct tree_edge *edge = &tree->edges[i];
        if (!edge->link || !(edge->eager || (renews && !edge->shunned)))
            known |= tree_bit(i);
        else if (bytes >= TREE_LARGE_BYTES && edge->speaks &&
                 !(known & tree_bit(i)))
            tell_at_once(turn, edge->link, FRAME_IDONTWANT, id);
    }
    for (size_t i = 0; i < tree->edge_count; i++) {
        struct tree_edge *edge = &tree->edges[i];
        if (known & tree_bit(i))
            continue;
        push_one(turn, edge, id);
        tree_recent_learn(recent, item, tree_bit(i));
    }
}

/* Soon when much comes: then a batch is full soon, too. */
static uint64_t batch_ms(const struct tree *tree, const struct turn *turn)
{
    const struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    if (recent->next - recent->first <= TREE_FAST_RATE)
        return TREE_BATCH_MS;
    return tree_recent_age_ms(recent, turn, recent->next - TREE_FAST_RATE) <
                   SECOND_MS
               ? TREE_BATCH_FAST_MS
               : TREE_BATCH_MS;
}

/* The edge that brought something first: what it gives is wanted at once. */
static void came_from(
    struct tree *tree, struct turn *turn, struct tree_item *item, uint32_t from)
{
    const struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    const struct envelope_id *id = tree_recent_id(recent, item);
    struct tree_edge *edge = tree_edge(tree, from);
    if (!edge)
        return;
    tree_recent_learn(recent, item, tree_bit((size_t)(edge - tree->edges)));
    if (!item->grafted && !edge->shunned && tree_is_mended_by(tree, turn, id)) {
        if (!edge->eager && tree_may_renew(id))
            tell_at_once(turn, from, FRAME_GRAFT, id);
        edge->eager = true;
    }
    edge->delivers = true;
    edge->supplies |= !item->grafted;
}

static void tell_others(
    struct tree *tree, const struct turn *turn, const struct tree_item *item)
{
    uint64_t knowing = tree_recent_knowing(&tree->recent[TREE_ENVELOPES], item);
    bool is_news = false;
    for (size_t i = 0; i < tree->edge_count; i++)
        is_news |= tree->edges[i].link && tree->edges[i].speaks &&
                   !(knowing & tree_bit(i));
    if (is_news)
        tree_tell_later(tree, turn, TREE_ENVELOPES, batch_ms(tree, turn));
}

/* What an item says of the edge that a graft brought it by. */
static uint8_t grafted_by(const struct tree *tree, uint32_t link)
{
    size_t place = tree_place(tree, link);
    return place < tree->edge_count ? (uint8_t)(place + 1) : TREE_GRAFTED_GONE;
}

uint32_t tree_spread(struct tree *tree, struct turn *turn, uint32_t from,
    const struct tree_news *news)
{
    const struct envelope_id *id = &news->id;
    struct tree_missing missing;
    uint32_t rtt_ms = 0;
    struct tree_item *item =
        tree_recent_add(&tree->recent[TREE_ENVELOPES], turn, id);
    if (!item)
        return 0;
    item->value = news->value;
    if (tree_take_missing(tree, id, &missing)) {
        tree_recent_learn(&tree->recent[TREE_ENVELOPES], item, missing.has);
        if (from && missing.asked_link == from) {
            rtt_ms = (uint32_t)(turn->now_ms - missing.asked_ms);
            item->grafted = grafted_by(tree, from);
            uint64_t waited_ms = turn->now_ms - missing.heard_ms;
            item->waited_ms = waited_ms < TREE_WAITED_MOST_MS
                                  ? (uint16_t)waited_ms
                                  : TREE_WAITED_MOST_MS;
        } else if (from) {
            tree_was_late(tree, turn->now_ms - missing.heard_ms);
        }
    }
    tree_shape(tree, turn, id);
    came_from(tree, turn, item, from);
    tree_keep_one_eager(tree);
    push_all(tree, turn, item, news->bytes);
    tell_others(tree, turn, item);
    return rtt_ms;
}

void tree_declined(
    struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    struct tree_item *item =
        tree_recent_find(&tree->recent[TREE_ENVELOPES], id);
    const struct tree_edge *edge = tree_edge(tree, link);
    if (!item || !edge)
        return;
    tree_recent_unlearn(&tree->recent[TREE_ENVELOPES], item,
        tree_bit((size_t)(edge - tree->edges)));
}

/* An edge is told again from there on of what it is not known to have. */
static void tell_from(struct tree *tree, const struct turn *turn,
    const struct tree_edge *edge, uint64_t sequence)
{
    uint64_t *told_to = &tree_talk(tree, edge)->told_to[TREE_ENVELOPES];
    if (!edge->speaks || *told_to <= sequence)
        return;
    *told_to = sequence;
    tree_tell_later(tree, turn, TREE_ENVELOPES, TREE_BATCH_MS);
}

bool tree_worth(struct tree *tree, struct turn *turn,
    const struct envelope_id *id, uint8_t value)
{
    struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    struct tree_item *item = tree_recent_find(recent, id);
    if (!item || !tree_item_is_recent(turn, item))
        return false;
    if (item->value >= value)
        return true;
    item->value = value;
    push_all(tree, turn, item, 0);
    uint64_t sequence = tree_recent_sequence(recent, item);
    uint64_t knowing = tree_recent_knowing(recent, item);
    for (size_t i = 0; i < tree->edge_count; i++)
        if (tree->edges[i].link && !(knowing & tree_bit(i)))
            tell_from(tree, turn, &tree->edges[i], sequence);
    return true;
}

void tree_terms(struct tree *tree, struct turn *turn, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (edge)
        tell_from(tree, turn, edge, tree->recent[TREE_ENVELOPES].first);
}

bool tree_dropped(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    struct tree_item *item = tree_recent_find(recent, id);
    struct tree_edge *edge = tree_edge(tree, link);
    if (!item || !edge || !edge->speaks || !tree_item_is_recent(turn, item))
        return false;
    /* It may have been given, and was taken to have it. */
    tree_recent_unlearn(recent, item, tree_bit((size_t)(edge - tree->edges)));
    edge->offered = false;
    edge->is_full = true;
    tell_from(tree, turn, edge, tree_recent_sequence(recent, item));
    tree_tell_later(tree, turn, TREE_ENVELOPES, TREE_BATCH_MS);
    return true;
}

/* The tree brings what was asked for meanwhile; whether the edge by which it
 * came has taken this one's place. */
static bool came_late(struct tree *tree, const struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_item *item =
        tree_recent_find(&tree->recent[TREE_ENVELOPES], id);
    if (!item || !item->grafted || item->grafted == grafted_by(tree, link))
        return false;
    size_t place = item->grafted - 1u;
    tree_was_late(tree, tree_item_age_ms(turn, item) + item->waited_ms);
    item->grafted = 0;
    return place < tree->edge_count && tree->edges[place].eager &&
           tree_is_mended_by(tree, turn, id);
}

void tree_duplicate(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    tree_has(tree, link, id);
    bool is_replaced = came_late(tree, turn, link, id);
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge || !edge->speaks ||
        (!is_replaced && !tree_is_shaped_by(tree, id)))
        return;
    edge->eager = false;
    turn_send(turn, link, FRAME_PRUNE);
}

void tree_pruned(struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge || !edge->speaks)
        return;
    edge->eager = false;
    edge->offered = false;
    edge->pushes = 0;
}

void tree_shun(struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge || !edge->speaks)
        return;
    edge->eager = false;
    edge->shunned = true;
}

void tree_grafted(struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge)
        return;
    edge->eager = true;
    edge->shunned = false;
    edge->pushes = TREE_FREE_RIDE - TREE_FREE_AGAIN;
}

bool tree_take_offer(
    struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    struct tree_edge *edge = tree_edge(tree, link);
    bool offered = edge && edge->offered && tree_is_shaped_by(tree, id);
    if (offered)
        edge->offered = false;
    return offered;
}

void tree_has(struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    tree_edge_knows(tree, TREE_ENVELOPES, link, id);
}

bool tree_knows(const struct tree *tree, const struct envelope_id *id)
{
    return tree_recent_find(&tree->recent[TREE_ENVELOPES], id) != NULL;
}

void tree_forget(struct tree *tree, const struct envelope_id *id)
{
    for (int kind = 0; kind < TREE_KINDS; kind++)
        tree_recent_forget(&tree->recent[kind], id);
    tree_found(tree, id);
}

void tree_tick(struct tree *tree, struct turn *turn)
{
    tree_tell(tree, turn);
    if (tree->graft_at_ms <= turn->now_ms)
        tree_ask(tree, turn);
}

void tree_warm(const struct tree *tree, uint32_t number)
{
    for (int kind = 0; kind < TREE_KINDS; kind++)
        tree_recent_warm(&tree->recent[kind], number);
}

size_t tree_eager(const struct tree *tree, uint32_t out[static LIMIT_LINKS])
{
    size_t count = 0;
    for (size_t i = 0; i < tree->edge_count; i++)
        if (tree->edges[i].link && tree->edges[i].eager)
            out[count++] = tree->edges[i].link;
    return count;
}

size_t tree_bytes(const struct tree *tree)
{
    size_t bytes = table_bytes(&tree->missing) +
                   tree->edge_capacity * sizeof(*tree->edges) +
                   tree->talk_capacity * sizeof(*tree->talks);
    for (int kind = 0; kind < TREE_KINDS; kind++)
        bytes += tree_recent_bytes(&tree->recent[kind]);
    return bytes;
}

static const char *edge_violation(
    const struct tree_edge *edge, const struct tree_talk *talk)
{
    if (!edge->speaks && !edge->eager)
        return "a peer that cannot ask is not pushed to";
    if (talk->told.ids > TREE_WINDOW_IDS || talk->heard.ids > TREE_WINDOW_IDS)
        return "more was announced than may be";
    return NULL;
}

/* All that a mask may name. */
static uint64_t places_of(const struct tree *tree)
{
    uint64_t places = 0;
    for (size_t i = 0; i < tree->edge_count; i++)
        places |= tree->edges[i].link ? tree_bit(i) : 0;
    return places;
}

static const char *missing_violation(const struct tree *tree,
    const struct tree_missing *missing, uint64_t places)
{
    return (missing->has & ~places) || (missing->asked & ~missing->has) ||
                   missing->at_ms < tree->graft_at_ms
               ? "what is missing would never be asked for"
               : NULL;
}

const char *tree_edge_violation(const struct tree *tree, uint32_t link)
{
    size_t place = tree_place(tree, link);
    return place < tree->edge_count
               ? edge_violation(&tree->edges[place], &tree->talks[place])
               : NULL;
}

const char *tree_edges_violation(const struct tree *tree)
{
    const char *why = NULL;
    for (size_t i = 0; !why && i < tree->edge_count; i++)
        if (tree->edges[i].link)
            why = edge_violation(&tree->edges[i], &tree->talks[i]);
    return why;
}

const char *tree_step_violation(const struct tree *tree)
{
    if (!tree_recent_fits(&tree->recent[TREE_ENVELOPES]) ||
        !tree_recent_fits(&tree->recent[TREE_RECEIPTS]))
        return "the recent ids are miscounted";
    if (tree->missing.count > 0 && tree->graft_at_ms == UINT64_MAX)
        return "what is missing would never be asked for";
    return NULL;
}

const char *tree_item_violation(
    const struct tree *tree, const struct envelope_id *id)
{
    uint64_t places = places_of(tree);
    const struct tree_missing *missing = table_find(&tree->missing, id);
    const char *why = missing ? missing_violation(tree, missing, places) : NULL;
    for (int kind = 0; !why && kind < TREE_KINDS; kind++)
        why = tree_recent_item_violation(&tree->recent[kind], id, places);
    return why;
}

const char *tree_violation(const struct tree *tree)
{
    uint64_t places = places_of(tree);
    const char *why = tree_edges_violation(tree);
    if (!why)
        why = tree_step_violation(tree);
    for (int kind = 0; !why && kind < TREE_KINDS; kind++)
        why = tree_recent_violation(&tree->recent[kind], places);
    size_t cursor = 0;
    for (const struct tree_missing *missing;
         !why && (missing = table_next(&tree->missing, &cursor));)
        why = missing_violation(tree, missing, places);
    return why;
}
