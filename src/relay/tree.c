/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edges, pushes and announcements.  For each recent id two masks say which
 * peers have it and which were told of it, by a push or an announcement; an
 * edge's place is its bit.  Recent ids are numbered, and each edge remembers
 * up to which number it has been told: so one walk from there announces
 * whatever was not pushed, whether the edge was lazy, new, or thought to have
 * it from elsewhere.
 *
 * Of two floods at once that both prune, each cuts where the other would have
 * come through, and the tree is in pieces; so one envelope shapes it at a time.
 * Nodes between two senders may disagree which: then edges too many are left
 * there, and the next one prunes them.
 *
 * A tree has no way past a peer that takes and never gives: an edge that is
 * pushed to for long and never is the first to bring anything becomes lazy,
 * and whoever minds asks for it back.  There is no hop counter: it makes trees
 * flap, and it betrays who began. */
#include "relay/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/tree_inside.h"

enum { RING_FIRST = 16, SECOND_MS = 1000 };

/* Places are bits of a mask. */
_Static_assert(LIMIT_LINKS <= 64, "an edge has a bit of 64");

struct tree_item {
    struct envelope_id id;
    uint64_t sequence;
    uint64_t at_ms;
    uint64_t has;      /* edges that brought or announced it */
    uint64_t told;     /* edges that it was pushed or announced to */
    uint64_t heard_ms; /* where a graft brought it: when it was announced */
    uint32_t grafted;  /* ... and the link; 0: the tree brought it */
    uint8_t value;
};

void tree_init(struct tree *tree, uint64_t seed)
{
    *tree =
        (struct tree){.announce_at_ms = UINT64_MAX, .graft_at_ms = UINT64_MAX};
    table_init(&tree->items, sizeof(struct envelope_id),
        sizeof(struct tree_item), TREE_RECENT, seed);
    table_init(&tree->missing, sizeof(struct envelope_id),
        sizeof(struct tree_missing), TREE_MISSING, seed);
}

void tree_clear(struct tree *tree)
{
    free(tree->edges);
    free(tree->ring);
    table_clear(&tree->items);
    table_clear(&tree->missing);
    *tree = (struct tree){0};
}

size_t tree_place(const struct tree *tree, uint32_t link)
{
    size_t place = 0;
    while (place < tree->edge_count && tree->edges[place].link != link)
        place++;
    return place;
}

struct tree_edge *tree_edge(const struct tree *tree, uint32_t link)
{
    size_t place = link ? tree_place(tree, link) : tree->edge_count;
    return place < tree->edge_count ? &tree->edges[place] : NULL;
}

uint64_t tree_bit(size_t place)
{
    return UINT64_C(1) << place;
}

uint32_t tree_rtt_ms(const struct turn *turn, uint32_t link)
{
    const struct peer *peer = turn_peer(turn, link);
    return peer ? peer->rtt_ms : 0;
}

static void announce_in(struct tree *tree, const struct turn *turn, uint64_t ms)
{
    if (turn->now_ms + ms < tree->announce_at_ms)
        tree->announce_at_ms = turn->now_ms + ms;
}

void tree_link_open(
    struct tree *tree, struct turn *turn, uint32_t link, bool speaks)
{
    size_t place = tree_place(tree, 0); /* a free one */
    if (place == tree->edge_count) {
        assert(place < LIMIT_LINKS);
        if (turn_grow(turn, (void **)&tree->edges, place, &tree->edge_capacity,
                sizeof(*tree->edges)))
            return;
        tree->edge_count++;
    }
    tree->edges[place] = (struct tree_edge){.link = link,
        .eager = true,
        .speaks = speaks,
        .told_to = tree->first,
        .told = {turn->now_ms, 0},
        .heard = {turn->now_ms, 0}};
    if (speaks && tree->first < tree->next)
        announce_in(tree, turn, TREE_BATCH_MS);
}

void tree_link_down(struct tree *tree, uint32_t link)
{
    size_t place = tree_place(tree, link);
    if (place == tree->edge_count)
        return;
    tree->edges[place] = (struct tree_edge){0};
    uint64_t bit = tree_bit(place);
    size_t cursor = 0;
    for (struct tree_item *item; (item = table_next(&tree->items, &cursor));) {
        item->has &= ~bit;
        item->told &= ~bit;
    }
    tree_missing_forget_edge(tree, bit);
}

static struct envelope_id *ring_at(const struct tree *tree, uint64_t sequence)
{
    return &tree->ring[sequence & (tree->ring_capacity - 1)];
}

/* The item of that number, where it is still known under it. */
static struct tree_item *item_at(const struct tree *tree, uint64_t sequence)
{
    struct tree_item *item = table_find(&tree->items, ring_at(tree, sequence));
    return item && item->sequence == sequence ? item : NULL;
}

static bool is_recent(const struct turn *turn, const struct tree_item *item)
{
    return item->at_ms + TREE_RECENT_MS > turn->now_ms;
}

/* Forget what is no longer recent, and one more where all places are taken. */
static void make_room(struct tree *tree, const struct turn *turn)
{
    while (tree->first < tree->next) {
        struct tree_item *item = item_at(tree, tree->first);
        if (item && is_recent(turn, item) &&
            tree->next - tree->first < TREE_RECENT)
            return;
        tree->first++;
        if (item) {
            struct envelope_id id = item->id;
            table_remove(&tree->items, &id);
        }
    }
}

static bool ring_grow(struct tree *tree, struct turn *turn)
{
    if (tree->next - tree->first < tree->ring_capacity)
        return true;
    size_t capacity =
        tree->ring_capacity ? 2 * tree->ring_capacity : RING_FIRST;
    struct envelope_id *ring = malloc(capacity * sizeof(*ring));
    if (!ring) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    for (uint64_t i = tree->first; i < tree->next; i++)
        ring[i & (capacity - 1)] = *ring_at(tree, i);
    free(tree->ring);
    tree->ring = ring;
    tree->ring_capacity = capacity;
    return true;
}

/* A recent item, new or, where it was evicted and has come again, anew; NULL
 * when there is no memory. */
static struct tree_item *remember(
    struct tree *tree, struct turn *turn, const struct envelope_id *id)
{
    void *out = NULL;
    make_room(tree, turn);
    if (!ring_grow(tree, turn))
        return NULL;
    if (table_add(&tree->items, id, &out) == STATUS_NO_MEMORY) {
        turn->status = STATUS_NO_MEMORY;
        return NULL;
    }
    struct tree_item *item = out;
    item->sequence = tree->next++;
    item->at_ms = turn->now_ms;
    *ring_at(tree, item->sequence) = *id;
    return item;
}

/* One in how many, a power of two, so that one comes in TREE_SHAPE_MS. */
static uint64_t shape_one_in(const struct tree *tree, const struct turn *turn)
{
    uint64_t one_in = 1;
    while (one_in < TREE_SHAPE_MOST && one_in < tree->next - tree->first) {
        const struct tree_item *item = item_at(tree, tree->next - 1 - one_in);
        if (!item || item->at_ms + TREE_SHAPE_MS <= turn->now_ms)
            break;
        one_in *= 2;
    }
    return one_in;
}

bool tree_is_shaped_by(
    struct tree *tree, const struct turn *turn, const struct envelope_id *id)
{
    uint64_t number = id->bytes[0] | (uint64_t)id->bytes[1] << 8;
    if (turn->now_ms < tree->shaper_until_ms ||
        number % shape_one_in(tree, turn) != 0)
        return envelope_id_equal(id, &tree->shaper);
    tree->shaper = *id;
    tree->shaper_until_ms = turn->now_ms + TREE_SHAPED_MS;
    return true;
}

/* A node whose edges are all lazy would only ever announce what is its own. */
static void keep_one_eager(struct tree *tree)
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
static void count_push(struct tree_edge *edge)
{
    if (edge->delivers || !edge->speaks)
        return;
    if (++edge->pushes >= TREE_FREE_RIDE)
        edge->eager = false;
}

static void deny(struct turn *turn, uint32_t link, const struct envelope_id *id)
{
    struct envelope_id *copy = turn_alloc(turn, sizeof(*copy));
    if (!copy)
        return;
    *copy = *id;
    turn_send(turn, link, FRAME_IDONTWANT)->ids = (struct frame_ids){1, copy};
}

/* Whom it is worth too little is not told of it; what its terms allow later,
 * reconciliation brings. */
static void withhold(
    const struct tree *tree, const struct turn *turn, struct tree_item *item)
{
    for (size_t i = 0; i < turn->peers->count; i++) {
        const struct peer *peer = &turn->peers->list[i];
        size_t place = tree_place(tree, peer->link);
        if (peer->least > item->value && place < tree->edge_count)
            item->told |= tree_bit(place);
    }
}

static void push_eager(
    struct tree *tree, struct turn *turn, struct tree_item *item, size_t bytes)
{
    uint64_t known = item->has | item->told;
    for (size_t i = 0; bytes >= TREE_LARGE_BYTES && i < tree->edge_count; i++)
        if (tree->edges[i].link && tree->edges[i].eager &&
            tree->edges[i].speaks && !(known & tree_bit(i)))
            deny(turn, tree->edges[i].link, &item->id);
    for (size_t i = 0; i < tree->edge_count; i++) {
        struct tree_edge *edge = &tree->edges[i];
        if (!edge->link || !edge->eager || (known & tree_bit(i)))
            continue;
        turn_push(turn, edge->link, &item->id);
        item->told |= tree_bit(i);
        count_push(edge);
    }
}

/* Soon when much comes: then a batch is full soon, too. */
static uint64_t batch_ms(const struct tree *tree, const struct turn *turn)
{
    if (tree->next - tree->first <= TREE_FAST_RATE)
        return TREE_BATCH_MS;
    const struct tree_item *item = item_at(tree, tree->next - TREE_FAST_RATE);
    return item && item->at_ms + SECOND_MS > turn->now_ms ? TREE_BATCH_FAST_MS
                                                          : TREE_BATCH_MS;
}

/* The edge that brought something first: what it gives is wanted at once. */
static void came_from(struct tree *tree, const struct turn *turn,
    struct tree_item *item, uint32_t from)
{
    struct tree_edge *edge = tree_edge(tree, from);
    if (!edge)
        return;
    item->has |= tree_bit((size_t)(edge - tree->edges));
    if (!item->grafted && tree_is_shaped_by(tree, turn, &item->id))
        edge->eager = true;
    edge->delivers = true;
    edge->supplies |= !item->grafted;
}

uint32_t tree_spread(struct tree *tree, struct turn *turn, uint32_t from,
    const struct tree_news *news)
{
    const struct envelope_id *id = &news->id;
    struct tree_missing missing;
    uint32_t rtt_ms = 0;
    struct tree_item *item = remember(tree, turn, id);
    if (!item)
        return 0;
    item->value = news->value;
    if (tree_take_missing(tree, id, &missing)) {
        item->has |= missing.has;
        if (from && missing.asked_link == from) {
            rtt_ms = (uint32_t)(turn->now_ms - missing.asked_ms);
            item->grafted = from;
            item->heard_ms = missing.heard_ms;
        } else if (from) {
            tree_was_late(tree, turn->now_ms - missing.heard_ms);
        }
    }
    if (from && tree_is_shaped_by(tree, turn, id))
        tree->hole = item->grafted != 0;
    came_from(tree, turn, item, from);
    keep_one_eager(tree);
    withhold(tree, turn, item);
    push_eager(tree, turn, item, news->bytes);
    for (size_t i = 0; i < tree->edge_count; i++)
        if (tree->edges[i].link && tree->edges[i].speaks &&
            !((item->has | item->told) & tree_bit(i)))
            announce_in(tree, turn, batch_ms(tree, turn));
    return rtt_ms;
}

bool tree_dropped(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_item *item = table_find(&tree->items, id);
    struct tree_edge *edge = tree_edge(tree, link);
    if (!item || !edge || !edge->speaks)
        return false;
    item->told &= ~tree_bit((size_t)(edge - tree->edges));
    if (edge->told_to > item->sequence)
        edge->told_to = item->sequence;
    announce_in(tree, turn, TREE_BATCH_MS);
    return true;
}

void tree_duplicate(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_item *item = table_find(&tree->items, id);
    tree_has(tree, link, id);
    if (item && item->grafted && item->grafted != link) {
        tree_was_late(tree, turn->now_ms - item->heard_ms);
        item->grafted = 0;
    }
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge || !edge->speaks || !tree_is_shaped_by(tree, turn, id))
        return;
    edge->eager = false;
    turn_send(turn, link, FRAME_PRUNE);
}

void tree_pruned(struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (edge && edge->speaks)
        edge->eager = false;
}

void tree_grafted(struct tree *tree, uint32_t link)
{
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge)
        return;
    edge->eager = true;
    edge->pushes = TREE_FREE_RIDE - TREE_FREE_AGAIN;
}

void tree_has(struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    struct tree_item *item = table_find(&tree->items, id);
    const struct tree_edge *edge = tree_edge(tree, link);
    if (item && edge)
        item->has |= tree_bit((size_t)(edge - tree->edges));
}

bool tree_knows(const struct tree *tree, const struct envelope_id *id)
{
    return table_find(&tree->items, id) != NULL;
}

void tree_forget(struct tree *tree, const struct envelope_id *id)
{
    table_remove(&tree->items, id);
    tree_found(tree, id);
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
    struct tree_edge *edge = tree_edge(tree, link);
    if (!edge || ids > window_room(&edge->heard, turn))
        return false;
    edge->heard.ids += (uint32_t)ids;
    return true;
}

/* Tell an edge of up to a frame's worth of ids; false when there was nothing
 * to tell, or no more may be told now. */
static bool announce(struct tree *tree, struct turn *turn, size_t place)
{
    struct tree_edge *edge = &tree->edges[place];
    uint32_t room = window_room(&edge->told, turn);
    const struct peer *peer = turn_peer(turn, edge->link);
    uint8_t least = peer ? peer->least : 0;
    size_t count = 0, most = LIMIT_FRAME_IDS;
    if (room < most)
        most = room;
    struct envelope_id *ids = NULL;
    if (edge->told_to < tree->first)
        edge->told_to = tree->first;
    for (; edge->told_to < tree->next && count < most; edge->told_to++) {
        struct tree_item *item = item_at(tree, edge->told_to);
        if (!item || ((item->has | item->told) & tree_bit(place)) ||
            !is_recent(turn, item) || item->value < least)
            continue;
        if (!ids && !(ids = turn_alloc(turn, most * sizeof(*ids))))
            return false;
        ids[count++] = item->id;
        item->told |= tree_bit(place);
    }
    if (count == 0)
        return false;
    edge->told.ids += (uint32_t)count;
    turn_send(turn, edge->link, FRAME_IHAVE)->ids =
        (struct frame_ids){count, ids};
    return edge->told_to < tree->next;
}

static void announce_all(struct tree *tree, struct turn *turn)
{
    tree->announce_at_ms = UINT64_MAX;
    for (size_t i = 0; i < tree->edge_count; i++) {
        struct tree_edge *edge = &tree->edges[i];
        if (!edge->link || !edge->speaks)
            continue;
        bool more = true;
        while (more)
            more = announce(tree, turn, i);
        if (edge->told_to < tree->next) /* until there is room again */
            announce_in(
                tree, turn, edge->told.from_ms + TREE_WINDOW_MS - turn->now_ms);
    }
}

void tree_tick(struct tree *tree, struct turn *turn)
{
    if (tree->announce_at_ms <= turn->now_ms)
        announce_all(tree, turn);
    if (tree->graft_at_ms <= turn->now_ms)
        tree_ask(tree, turn);
}

uint64_t tree_deadline_ms(const struct tree *tree)
{
    return tree->announce_at_ms < tree->graft_at_ms ? tree->announce_at_ms
                                                    : tree->graft_at_ms;
}

size_t tree_bytes(const struct tree *tree)
{
    return table_bytes(&tree->items) + table_bytes(&tree->missing) +
           tree->edge_capacity * sizeof(*tree->edges) +
           tree->ring_capacity * sizeof(*tree->ring);
}

const char *tree_violation(const struct tree *tree)
{
    uint64_t places = 0;
    for (size_t i = 0; i < tree->edge_count; i++) {
        const struct tree_edge *edge = &tree->edges[i];
        if (!edge->link)
            continue;
        places |= tree_bit(i);
        if (!edge->speaks && !edge->eager)
            return "a peer that cannot ask is not pushed to";
        if (edge->told.ids > TREE_WINDOW_IDS ||
            edge->heard.ids > TREE_WINDOW_IDS)
            return "more was announced than may be";
    }
    if (tree->items.count > tree->next - tree->first ||
        tree->next - tree->first > TREE_RECENT)
        return "the recent ids are miscounted";
    size_t cursor = 0;
    for (const struct tree_item *item;
         (item = table_next(&tree->items, &cursor));)
        if (item->sequence - tree->first >= tree->next - tree->first ||
            ((item->has | item->told) & ~places))
            return "a recent id is out of place, or names no edge";
    cursor = 0;
    for (const struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));)
        if ((missing->has & ~places) || (missing->asked & ~missing->has) ||
            missing->at_ms < tree->graft_at_ms)
            return "what is missing would never be asked for";
    return NULL;
}
