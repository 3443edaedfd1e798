/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent news.  For each item two masks say which peers have it and which were
 * told of it, by a push or an announcement; an edge's place is its bit.  Items
 * are numbered as they come, and a ring names them by number, so that one walk
 * over numbers finds whatever an edge was not told of.  An item that is gone
 * leaves its number behind, which then names nothing.  The ring has their times
 * too: what is asked for most is how old something is. */
#include "relay/tree_recent.h"

#include <assert.h>
#include <stdlib.h>

enum { RING_FIRST = 16 };

void tree_recent_init(
    struct tree_recent *recent, struct catalog *catalog, uint64_t seed)
{
    *recent =
        (struct tree_recent){.catalog = catalog, .announce_at_ms = UINT64_MAX};
    table_init(&recent->items, sizeof(uint32_t), sizeof(struct tree_item),
        TREE_RECENT, seed);
}

void tree_recent_clear(struct tree_recent *recent)
{
    free(recent->ring);
    table_clear(&recent->items);
    *recent = (struct tree_recent){0};
}

static struct tree_turn *ring_at(
    const struct tree_recent *recent, uint64_t sequence)
{
    return &recent->ring[sequence & (recent->ring_capacity - 1)];
}

struct tree_item *tree_recent_find(
    const struct tree_recent *recent, const struct envelope_id *id)
{
    if (recent->items.count == 0)
        return NULL;
    uint32_t number = catalog_find(recent->catalog, id);
    return table_find(&recent->items, &number);
}

struct tree_item *tree_recent_at(
    const struct tree_recent *recent, uint64_t sequence)
{
    uint32_t number = ring_at(recent, sequence)->number;
    return number == CATALOG_NONE ? NULL : table_find(&recent->items, &number);
}

uint64_t tree_recent_age_ms(const struct tree_recent *recent,
    const struct turn *turn, uint64_t sequence)
{
    const struct tree_turn *at = ring_at(recent, sequence);
    if (at->number == CATALOG_NONE)
        return UINT64_MAX;
    return (uint32_t)((uint32_t)turn->now_ms - at->at_ms);
}

const struct envelope_id *tree_recent_id(
    const struct tree_recent *recent, const struct tree_item *item)
{
    return &catalog_at(recent->catalog, item->number)->id;
}

uint64_t tree_recent_sequence(
    const struct tree_recent *recent, const struct tree_item *item)
{
    return recent->first + (uint32_t)(item->sequence - (uint32_t)recent->first);
}

bool tree_item_is_recent(const struct turn *turn, const struct tree_item *item)
{
    return item->at_ms + TREE_RECENT_MS > turn->now_ms;
}

/* Forget what is no longer recent, and one more where all places are taken. */
static void make_room(struct tree_recent *recent, const struct turn *turn)
{
    while (recent->first < recent->next) {
        uint64_t age_ms = tree_recent_age_ms(recent, turn, recent->first);
        if (age_ms < TREE_RECENT_MS &&
            recent->next - recent->first < TREE_RECENT)
            return;
        if (age_ms != UINT64_MAX)
            table_remove(
                &recent->items, &ring_at(recent, recent->first)->number);
        recent->first++;
    }
}

static bool ring_grow(struct tree_recent *recent, struct turn *turn)
{
    if (recent->next - recent->first < recent->ring_capacity)
        return true;
    size_t capacity =
        recent->ring_capacity ? 2 * recent->ring_capacity : RING_FIRST;
    struct tree_turn *ring = malloc(capacity * sizeof(*ring));
    if (!ring) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    for (uint64_t i = recent->first; i < recent->next; i++)
        ring[i & (capacity - 1)] = *ring_at(recent, i);
    free(recent->ring);
    recent->ring = ring;
    recent->ring_capacity = capacity;
    return true;
}

struct tree_item *tree_recent_add(
    struct tree_recent *recent, struct turn *turn, const struct envelope_id *id)
{
    void *out = NULL;
    uint32_t number = catalog_find(recent->catalog, id);
    assert(number != CATALOG_NONE);
    make_room(recent, turn);
    if (!ring_grow(recent, turn))
        return NULL;
    enum status status = table_add(&recent->items, &number, &out);
    struct tree_item *item = out;
    if (status == STATUS_EXISTS) {
        ring_at(recent, item->sequence)->number = CATALOG_NONE;
    } else if (status) {
        turn->status = STATUS_NO_MEMORY;
        return NULL;
    }
    *item = (struct tree_item){.number = number,
        .sequence = (uint32_t)recent->next,
        .at_ms = turn->now_ms,
        .has = item->has,
        .told = item->told};
    *ring_at(recent, recent->next++) =
        (struct tree_turn){number, (uint32_t)turn->now_ms};
    return item;
}

void tree_recent_forget(
    struct tree_recent *recent, const struct envelope_id *id)
{
    const struct tree_item *item = tree_recent_find(recent, id);
    if (!item)
        return;
    uint32_t number = item->number;
    ring_at(recent, item->sequence)->number = CATALOG_NONE;
    table_remove(&recent->items, &number);
}

void tree_recent_forget_edge(struct tree_recent *recent, uint64_t bit)
{
    size_t cursor = 0;
    for (struct tree_item *item;
         (item = table_next(&recent->items, &cursor));) {
        item->has &= ~bit;
        item->told &= ~bit;
    }
}

size_t tree_recent_bytes(const struct tree_recent *recent)
{
    return table_bytes(&recent->items) +
           recent->ring_capacity * sizeof(*recent->ring);
}

const char *tree_recent_violation(
    const struct tree_recent *recent, uint64_t places)
{
    uint64_t numbers = recent->next - recent->first;
    if (recent->items.count > numbers || numbers > TREE_RECENT)
        return "the recent ids are miscounted";
    size_t cursor = 0;
    for (const struct tree_item *item;
         (item = table_next(&recent->items, &cursor));)
        if (tree_recent_sequence(recent, item) - recent->first >= numbers ||
            ((item->has | item->told) & ~places))
            return "a recent id is out of place, or names no edge";
    return NULL;
}
