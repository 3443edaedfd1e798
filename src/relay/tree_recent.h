/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_TREE_RECENT_H
#define RELAY_TREE_RECENT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "relay/catalog.h"
#include "relay/turn.h"

enum {
    TREE_RECENT_MS = 30000, /* what a new edge is told of */
    TREE_RECENT = 16384,    /* ids, of the last so many milliseconds */
    TREE_PAGE_ITEMS = 32,
};

/* What spreads by the tree. */
enum tree_kind { TREE_ENVELOPES, TREE_RECEIPTS, TREE_KINDS };

struct tree_item {
    uint32_t number;    /* in the catalog; CATALOG_NONE: it is gone */
    uint32_t at_ms;     /* low bits */
    uint16_t before;    /* its chain: so many sequences back; 0: its end */
    uint16_t waited_ms; /* where a graft brought it, since it was announced */
    uint8_t grafted;    /* whose edge that was, as its place and 1; 0: the tree
                           brought it */
    uint8_t value;      /* an envelope's */
    uint16_t knowing;   /* tree_recent_knowing, where those are enough bits */
};

/* One at a node that has more edges than that has bits. */
struct tree_wide_item {
    struct tree_item item;
    uint64_t knowing;
};

enum {
    TREE_WAITED_MOST_MS = UINT16_MAX,
    TREE_GRAFTED_GONE = UINT8_MAX, /* by an edge that is no more */
};

/* Recent news of one kind, numbered, and which peers know of each. */
struct tree_recent {
    struct catalog
        *catalog;         /* which has their numbers: all of them are known */
    uint8_t **pages;      /* of items, by sequence; NULL where none is recent */
    uint16_t *heads;      /* of chains, by number: low bits of sequences */
    size_t capacity;      /* zero or a power of two: places, and heads */
    uint64_t first, next; /* sequences */
    uint64_t announce_at_ms; /* UINT64_MAX: nothing to announce */
    uint8_t item_bytes;      /* of each, in its page */
    bool is_wide;            /* more edges than fit a narrow item's bits */
};

void tree_recent_init(struct tree_recent *recent, struct catalog *catalog);
void tree_recent_clear(struct tree_recent *recent);

/* An edge may have that place from now on; false when there is no memory. */
MUST_USE bool tree_recent_reach(
    struct tree_recent *recent, struct turn *turn, size_t place);

/* An item, new or, where it was evicted and has come again, anew.  What is no
 * longer recent gives way, and the oldest where all places are taken; NULL when
 * there is no memory. */
struct tree_item *tree_recent_add(struct tree_recent *recent, struct turn *turn,
    const struct envelope_id *id);

/* Where an item of that sequence lies, if there is one; NULL where none can. */
static inline struct tree_item *tree_recent_place(
    const struct tree_recent *recent, uint64_t sequence)
{
    assert(recent->pages);
    size_t place = sequence & (recent->capacity - 1);
    uint8_t *page = recent->pages[place / TREE_PAGE_ITEMS];
    void *item =
        page ? page + place % TREE_PAGE_ITEMS * recent->item_bytes : NULL;
    return item;
}

/* Borrowed until the next add; NULL.  By its id, and by its sequence, where it
 * is still there. */
struct tree_item *tree_recent_find(
    const struct tree_recent *recent, const struct envelope_id *id);
static inline struct tree_item *tree_recent_at(
    const struct tree_recent *recent, uint64_t sequence)
{
    struct tree_item *item = tree_recent_place(recent, sequence);
    return !item || item->number == CATALOG_NONE ? NULL : item;
}

/* Send for what looking for that number, and adding it, will need. */
void tree_recent_warm(const struct tree_recent *recent, uint32_t number);

/* The edges that brought or announced it, or that it was pushed or announced
 * to, as bits; all, more or some no longer. */
static inline uint64_t tree_recent_knowing(
    const struct tree_recent *recent, const struct tree_item *item)
{
    const void *whole = item;
    return recent->is_wide ? ((const struct tree_wide_item *)whole)->knowing
                           : item->knowing;
}
static inline void tree_recent_set_knowing(
    const struct tree_recent *recent, struct tree_item *item, uint64_t edges)
{
    void *whole = item;
    assert(recent->is_wide || edges <= UINT16_MAX);
    if (recent->is_wide)
        ((struct tree_wide_item *)whole)->knowing = edges;
    else
        item->knowing = (uint16_t)edges;
}
static inline void tree_recent_learn(
    const struct tree_recent *recent, struct tree_item *item, uint64_t edges)
{
    tree_recent_set_knowing(
        recent, item, tree_recent_knowing(recent, item) | edges);
}
static inline void tree_recent_unlearn(
    const struct tree_recent *recent, struct tree_item *item, uint64_t edges)
{
    tree_recent_set_knowing(
        recent, item, tree_recent_knowing(recent, item) & ~edges);
}

/* Its id, and its whole sequence. */
static inline const struct envelope_id *tree_recent_id(
    const struct tree_recent *recent, const struct tree_item *item)
{
    return &catalog_at(recent->catalog, item->number)->id;
}
uint64_t tree_recent_sequence(
    const struct tree_recent *recent, const struct tree_item *item);

/* How long ago that sequence was given; UINT64_MAX where its item is gone. */
uint64_t tree_recent_age_ms(const struct tree_recent *recent,
    const struct turn *turn, uint64_t sequence);

static inline uint32_t tree_item_age_ms(
    const struct turn *turn, const struct tree_item *item)
{
    return (uint32_t)turn->now_ms - item->at_ms;
}
static inline bool tree_item_is_recent(
    const struct turn *turn, const struct tree_item *item)
{
    return tree_item_age_ms(turn, item) < TREE_RECENT_MS;
}
void tree_recent_forget(
    struct tree_recent *recent, const struct envelope_id *id);

/* Nothing may name that edge's place any longer. */
void tree_recent_forget_edge(struct tree_recent *recent, size_t place);

size_t tree_recent_bytes(const struct tree_recent *recent);
/* Whether there are no more than there may be, and are places for. */
static inline bool tree_recent_fits(const struct tree_recent *recent)
{
    uint64_t count = recent->next - recent->first;
    return count <= TREE_RECENT && count <= recent->capacity;
}

/* What does not hold of that one, if it is recent, or NULL; of all.  Places:
 * all that a mask may name. */
const char *tree_recent_item_violation(const struct tree_recent *recent,
    const struct envelope_id *id, uint64_t places);
const char *tree_recent_violation(
    const struct tree_recent *recent, uint64_t places);

#endif
