/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A hash table of fixed-size entries that begin with their fixed-size key.
 *
 * Open addressing with linear probing and backward-shift deletion, so there
 * are no tombstones and a miss costs about one cache line.  Hashes are mixed
 * with a secret seed: strangers choose keys, and must not be able to choose
 * buckets.  Entries move when the table changes: a pointer to one is good
 * until the next add or remove. */
struct table {
    size_t count;
    size_t maximum; /* entries */
    uint8_t *slots; /* capacity entries */
    uint8_t *used;  /* one byte a slot: 0, or a mark of its key's hash */
    size_t key_bytes;
    size_t entry_bytes;
    size_t capacity; /* zero or a power of two */
    uint64_t seed;
};

/* Begin an empty table of at most maximum entries; allocates nothing yet.
 * key_bytes is at least 4 and at most entry_bytes.  End with table_clear. */
void table_init(struct table *table, size_t key_bytes, size_t entry_bytes,
    size_t maximum, uint64_t seed);

/* Free all entries; the table is empty again and may be used on. */
void table_clear(struct table *table);

/* A hint that this key is soon to be found or added. */
void table_warm(const struct table *table, const void *key);

/* The entry with that key, or NULL. */
void *table_find(const struct table *table, const void *key);

/* Add a zeroed entry with that key and point *out at it.
 * STATUS_EXISTS (*out is then the entry that is there), STATUS_FULL at the
 * maximum, STATUS_NO_MEMORY. */
MUST_USE enum status table_add(
    struct table *table, const void *key, void **out);

/* Remove the entry with that key, if there is one, zeroing its bytes.  With the
 * last entry goes the memory of a large table. */
void table_remove(struct table *table, const void *key);

/* Walk all entries in an order that only content, history and seed decide:
 * start with *cursor = 0, until NULL.  The table may not change meanwhile. */
void *table_next(const struct table *table, size_t *cursor);

/* Bytes of memory the table holds. */
size_t table_bytes(const struct table *table);

#endif
