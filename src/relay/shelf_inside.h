/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SHELF_INSIDE_H
#define RELAY_SHELF_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/turn.h"

struct shelf;
struct shelf_edge;
struct shelf_item;

/* Between shelf.c (what becomes of an item) and shelf_buckets.c (which items
 * are equals, and who of them comes first). */
struct shelf_bucket {
    uint64_t key; /* hour of expiry, size class, bits of the stamp, edge */
    uint32_t count;
    uint32_t stored;
    struct envelope_id first, fresh, last; /* meaningful while count > 0 */
};

/* No item has it: hours end before. */
#define SHELF_NO_KEY UINT64_MAX

/* The account at a place; of all at SHELF_ANY_EDGE. */
struct shelf_edge *shelf_edge_at(struct shelf *shelf, unsigned place);

uint64_t shelf_key(const struct shelf_item *item);
uint32_t shelf_key_expires_h(uint64_t key);
uint8_t shelf_key_value(uint64_t key, uint32_t hour);

/* The bucket that an item is in. */
struct shelf_bucket *shelf_bucket_of(
    const struct shelf *shelf, const struct shelf_item *item);

/* Put an item that is in no bucket behind its equals; false when there is no
 * memory. */
bool shelf_bucket_append(
    struct shelf *shelf, struct turn *turn, struct shelf_item *item);

/* Take an item that is not counted as stored out of its bucket. */
void shelf_bucket_remove(struct shelf *shelf, const struct shelf_item *item);

/* Count an item in its bucket as stored, or no longer. */
void shelf_bucket_count(
    struct shelf *shelf, const struct shelf_item *item, bool stored);

/* Whether one is worth less than another: by value, then size, then the time
 * that it has left. */
bool shelf_is_worse(uint64_t key, uint64_t than, uint32_t hour);

/* The bucket whose stored items are worth least, of an edge's or of all; NULL
 * where nothing is stored. */
struct shelf_bucket *shelf_worst(
    struct shelf *shelf, uint32_t hour, unsigned edge);

/* The reason why a bucket's list is not what it says, or NULL. */
const char *shelf_bucket_violation(
    const struct shelf *shelf, const struct shelf_bucket *bucket);

#endif
