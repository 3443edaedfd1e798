/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_INDEX_H
#define PLATFORM_SHELF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"

/* Where in the shelf's table an envelope lies: its row, by its id and, while it
 * is stored, by its tag. */
struct shelf_entry {
    struct envelope_id id;
    struct tag tag; /* while is_tagged */
    int64_t row;
    uint32_t next_same_id; /* in its chain, as a place; 0: none */
    uint32_t next_same_tag, previous_same_tag;
    bool is_tagged;
};

struct shelf_index {
    struct shelf_entry *entries; /* by place; place 0 stands for none */
    size_t capacity;
    size_t count;
    size_t used;         /* places that ever held an entry */
    uint32_t free_place; /* the first of those that hold none now */
    uint32_t *by_id;     /* heads of chains; capacity of each */
    uint32_t *by_tag;
    uint64_t seed;
};

/* Strangers choose ids and tags; seed keeps them from choosing chains. */
void shelf_index_init(struct shelf_index *index, uint64_t seed);
void shelf_index_clear(struct shelf_index *index);

/* Borrowed until the next add; NULL. */
struct shelf_entry *shelf_index_find(
    const struct shelf_index *index, const struct envelope_id *id);

/* A hint that this id is soon to be found or added, with that tag. */
void shelf_index_warm(const struct shelf_index *index,
    const struct envelope_id *id, const struct tag *tag);

/* Add an id that is not there; *out as by find.  STATUS_NO_MEMORY. */
MUST_USE enum status shelf_index_add(struct shelf_index *index,
    const struct envelope_id *id, int64_t row, struct shelf_entry **out);
void shelf_index_remove(struct shelf_index *index, struct shelf_entry *entry);

/* Find an entry by that tag from now on; no longer by any (harmless again). */
void shelf_index_tag(struct shelf_index *index, struct shelf_entry *entry,
    const struct tag *tag);
void shelf_index_untag(struct shelf_index *index, struct shelf_entry *entry);

/* The place of the next entry under a tag behind that place (0: from the
 * start); 0 at the end. */
uint32_t shelf_index_next(
    const struct shelf_index *index, const struct tag *tag, uint32_t behind);

/* The places of the entries with the least ids greater than one, in order; at
 * most so many.  How many there are. */
size_t shelf_index_behind(const struct shelf_index *index,
    const struct envelope_id *id, size_t most, uint32_t places[]);

#endif
