/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent news.  For each item two masks say which peers have it and which were
 * told of it, by a push or an announcement; an edge's place is its bit.  Items
 * lie in a ring in the order in which they came, so that one walk over their
 * sequences finds whatever an edge was not told of.  One that is gone leaves
 * its place behind, which then names nothing.
 *
 * They are found by number through chains, as matches are in deflate: a head
 * for each value of a number's low bits names the last item that has them, and
 * each item the one before.  A chain ends where it leaves the ring, so nothing
 * need be taken out of it; and numbers are given out one after the other, so
 * chains are short.  It is one line of memory for the head and one for the
 * item: a hash table of them took three, and twice the memory. */
#include "relay/tree_recent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RING_FIRST = 4, RING_KEPT = 64 };

void tree_recent_init(struct tree_recent *recent, struct catalog *catalog)
{
    *recent =
        (struct tree_recent){.catalog = catalog, .announce_at_ms = UINT64_MAX};
}

static void ring_free(struct tree_recent *recent)
{
    free(recent->ring);
    free(recent->heads);
    recent->ring = NULL;
    recent->heads = NULL;
    recent->capacity = 0;
}

void tree_recent_clear(struct tree_recent *recent)
{
    ring_free(recent);
    *recent = (struct tree_recent){0};
}

static struct tree_item *ring_at(
    const struct tree_recent *recent, uint64_t sequence)
{
    return &recent->ring[sequence & (recent->capacity - 1)];
}

static uint32_t *head_of(const struct tree_recent *recent, uint32_t number)
{
    return &recent->heads[number & (recent->capacity - 1)];
}

static size_t count(const struct tree_recent *recent)
{
    return (size_t)(recent->next - recent->first);
}

/* Sequences are compared by their low bits: those in the ring are the last few
 * thousand. */
static struct tree_item *find_number(
    const struct tree_recent *recent, uint32_t number)
{
    if (count(recent) == 0)
        return NULL;
    uint32_t first = (uint32_t)recent->first, left = (uint32_t)count(recent);
    uint32_t at = *head_of(recent, number);
    while ((uint32_t)(at - first) < left) {
        struct tree_item *item = ring_at(recent, at);
        if (item->number == number)
            return item;
        left = at - first; /* chains lead back */
        at = item->before;
    }
    return NULL;
}

void tree_recent_warm(const struct tree_recent *recent, uint32_t number)
{
    if (recent->capacity == 0)
        return;
    __builtin_prefetch(head_of(recent, number));
    __builtin_prefetch(ring_at(recent, recent->first));
    __builtin_prefetch(ring_at(recent, recent->next), 1);
}

struct tree_item *tree_recent_find(
    const struct tree_recent *recent, const struct envelope_id *id)
{
    if (count(recent) == 0)
        return NULL;
    uint32_t number = catalog_find(recent->catalog, id);
    return number == CATALOG_NONE ? NULL : find_number(recent, number);
}

struct tree_item *tree_recent_at(
    const struct tree_recent *recent, uint64_t sequence)
{
    struct tree_item *item = ring_at(recent, sequence);
    return item->number == CATALOG_NONE ? NULL : item;
}

uint64_t tree_recent_age_ms(const struct tree_recent *recent,
    const struct turn *turn, uint64_t sequence)
{
    const struct tree_item *item = tree_recent_at(recent, sequence);
    return item ? tree_item_age_ms(turn, item) : UINT64_MAX;
}

const struct envelope_id *tree_recent_id(
    const struct tree_recent *recent, const struct tree_item *item)
{
    return &catalog_at(recent->catalog, item->number)->id;
}

uint64_t tree_recent_sequence(
    const struct tree_recent *recent, const struct tree_item *item)
{
    uint64_t place = (uint64_t)(item - recent->ring);
    return recent->first + ((place - recent->first) & (recent->capacity - 1));
}

uint32_t tree_item_age_ms(const struct turn *turn, const struct tree_item *item)
{
    return (uint32_t)turn->now_ms - item->at_ms;
}

bool tree_item_is_recent(const struct turn *turn, const struct tree_item *item)
{
    return tree_item_age_ms(turn, item) < TREE_RECENT_MS;
}

/* Forget what is no longer recent, and one more where all places are taken. */
static void make_room(struct tree_recent *recent, const struct turn *turn)
{
    while (recent->first < recent->next) {
        uint64_t age_ms = tree_recent_age_ms(recent, turn, recent->first);
        if (age_ms < TREE_RECENT_MS && count(recent) < TREE_RECENT)
            return;
        recent->first++;
    }
    if (recent->capacity > RING_KEPT)
        ring_free(recent);
}

/* Put an item at the head of its chain. */
static void link_in(const struct tree_recent *recent, uint64_t sequence)
{
    struct tree_item *item = ring_at(recent, sequence);
    if (item->number == CATALOG_NONE)
        return;
    uint32_t *head = head_of(recent, item->number);
    item->before = *head;
    *head = (uint32_t)sequence;
}

static bool ring_grow(struct tree_recent *recent, struct turn *turn)
{
    if (count(recent) < recent->capacity)
        return true;
    struct tree_recent old = *recent;
    size_t capacity = old.capacity ? 2 * old.capacity : RING_FIRST;
    struct tree_item *ring = malloc(capacity * sizeof(*ring));
    uint32_t *heads = malloc(capacity * sizeof(*heads));
    if (!ring || !heads) {
        free(ring);
        free(heads);
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    /* What has just left the ring: the end of every chain. */
    for (size_t i = 0; i < capacity; i++)
        heads[i] = (uint32_t)old.first - 1;
    recent->ring = ring;
    recent->heads = heads;
    recent->capacity = capacity;
    for (uint64_t i = old.first; i < old.next; i++) {
        *ring_at(recent, i) = *ring_at(&old, i);
        link_in(recent, i);
    }
    ring_free(&old);
    return true;
}

struct tree_item *tree_recent_add(
    struct tree_recent *recent, struct turn *turn, const struct envelope_id *id)
{
    uint32_t number = catalog_find(recent->catalog, id);
    assert(number != CATALOG_NONE);
    make_room(recent, turn);
    if (!ring_grow(recent, turn))
        return NULL;
    struct tree_item *old = find_number(recent, number);
    struct tree_item item = {.number = number, .at_ms = (uint32_t)turn->now_ms};
    if (old) {
        item.has = old->has;
        item.told = old->told;
        old->number = CATALOG_NONE;
    }
    *ring_at(recent, recent->next) = item;
    link_in(recent, recent->next);
    return ring_at(recent, recent->next++);
}

void tree_recent_forget(
    struct tree_recent *recent, const struct envelope_id *id)
{
    struct tree_item *item = tree_recent_find(recent, id);
    if (item)
        item->number = CATALOG_NONE;
}

void tree_recent_forget_edge(struct tree_recent *recent, size_t place)
{
    uint64_t bit = UINT64_C(1) << place;
    for (uint64_t i = recent->first; i < recent->next; i++) {
        struct tree_item *item = ring_at(recent, i);
        item->has &= ~bit;
        item->told &= ~bit;
        if (item->grafted == place + 1)
            item->grafted = TREE_GRAFTED_GONE;
    }
}

size_t tree_recent_bytes(const struct tree_recent *recent)
{
    return recent->capacity * (sizeof(*recent->ring) + sizeof(*recent->heads));
}

static const char *item_violation(const struct tree_recent *recent,
    const struct tree_item *item, uint64_t places)
{
    return find_number(recent, item->number) != item ||
                   ((item->has | item->told) & ~places)
               ? "a recent id is out of place, or names no edge"
               : NULL;
}

const char *tree_recent_step_violation(const struct tree_recent *recent)
{
    return count(recent) > TREE_RECENT || count(recent) > recent->capacity
               ? "the recent ids are miscounted"
               : NULL;
}

const char *tree_recent_item_violation(const struct tree_recent *recent,
    const struct envelope_id *id, uint64_t places)
{
    const struct tree_item *item = tree_recent_find(recent, id);
    return item ? item_violation(recent, item, places) : NULL;
}

const char *tree_recent_violation(
    const struct tree_recent *recent, uint64_t places)
{
    const char *why = tree_recent_step_violation(recent);
    for (uint64_t i = recent->first; !why && i < recent->next; i++) {
        const struct tree_item *item = tree_recent_at(recent, i);
        why = item ? item_violation(recent, item, places) : NULL;
    }
    return why;
}
