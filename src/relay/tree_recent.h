/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_TREE_RECENT_H
#define RELAY_TREE_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

enum {
    TREE_RECENT_MS = 30000, /* what a new edge is told of */
    TREE_RECENT = 16384,    /* ids, of the last so many milliseconds */
};

/* What spreads by the tree. */
enum tree_kind { TREE_ENVELOPES, TREE_RECEIPTS, TREE_KINDS };

/* Recent news of one kind, numbered, and which peers know of each. */
struct tree_recent {
    struct table items;
    struct envelope_id *ring; /* the same by sequence */
    size_t ring_capacity;     /* zero or a power of two */
    uint64_t first, next;     /* sequences */
    uint64_t announce_at_ms;  /* UINT64_MAX: nothing to announce */
};

struct tree_item {
    struct envelope_id id;
    uint64_t sequence;
    uint64_t at_ms;
    uint64_t has;      /* edges that brought or announced it */
    uint64_t told;     /* edges that it was pushed or announced to */
    uint64_t heard_ms; /* where a graft brought it: when it was announced */
    uint32_t grafted;  /* ... and the link; 0: the tree brought it */
    uint8_t value;     /* an envelope's */
};

void tree_recent_init(struct tree_recent *recent, uint64_t seed);
void tree_recent_clear(struct tree_recent *recent);

/* An item, new or, where it was evicted and has come again, anew.  What is no
 * longer recent gives way, and the oldest where all places are taken; NULL when
 * there is no memory. */
struct tree_item *tree_recent_add(struct tree_recent *recent, struct turn *turn,
    const struct envelope_id *id);

/* Borrowed until the next add; NULL.  By its id, and by its number, where it is
 * still known under it. */
struct tree_item *tree_recent_find(
    const struct tree_recent *recent, const struct envelope_id *id);
struct tree_item *tree_recent_at(
    const struct tree_recent *recent, uint64_t sequence);

bool tree_item_is_recent(const struct turn *turn, const struct tree_item *item);
void tree_recent_forget(
    struct tree_recent *recent, const struct envelope_id *id);

/* No mask may name that edge's place any longer. */
void tree_recent_forget_edge(struct tree_recent *recent, uint64_t bit);

size_t tree_recent_bytes(const struct tree_recent *recent);
/* Places: all that a mask may name. */
const char *tree_recent_violation(
    const struct tree_recent *recent, uint64_t places);

#endif
