/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear probing at a load of at most three quarters.  A removed entry's
 * followers are shifted back over it (Knuth, vol. 3, algorithm 6.4R), so the
 * probe distance never degrades.  A table that is empty again gives back what a
 * rush made it grow to; one that shrank earlier would grow and shrink about
 * some number for ever. */
#include "base/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_FIRST_SLOTS = 8, TABLE_KEPT_SLOTS = 32 };

void table_init(struct table *table, size_t key_bytes, size_t entry_bytes,
    size_t maximum, uint64_t seed)
{
    assert(key_bytes >= 4 && key_bytes <= entry_bytes);
    *table = (struct table){
        .key_bytes = key_bytes,
        .entry_bytes = entry_bytes,
        .maximum = maximum,
        .seed = seed,
    };
}

void table_clear(struct table *table)
{
    free(table->slots);
    free(table->used);
    table->slots = NULL;
    table->used = NULL;
    table->count = 0;
    table->capacity = 0;
}

static uint64_t mix(uint64_t x)
{
    /* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t word_at(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, bytes, size);
    return word;
}

static uint64_t hash_any(const struct table *table, const uint8_t *bytes)
{
    uint64_t hash = table->seed;
    for (size_t left = table->key_bytes; left > 0;) {
        size_t size = left < 8 ? left : 8;
        hash = mix(hash ^ word_at(bytes, size));
        bytes += size;
        left -= size;
    }
    return hash;
}

/* Most keys are numbers of 4 bytes or ids of 16: a word or two, no loop and no
 * call, here and in is_equal. */
static inline uint64_t table_hash(const struct table *table, const void *key)
{
    const uint8_t *bytes = key;
    if (table->key_bytes == 16)
        return mix(
            mix(table->seed ^ word_at(bytes, 8)) ^ word_at(bytes + 8, 8));
    if (table->key_bytes == 4)
        return mix(table->seed ^ word_at(bytes, 4));
    return hash_any(table, bytes);
}

/* What a used slot is marked with: never zero, and seven bits of the hash that
 * the slot's place does not depend on. */
static uint8_t table_mark(uint64_t hash)
{
    return (uint8_t)(hash >> 57 | 0x80);
}

static uint8_t *table_slot(const struct table *table, size_t i)
{
    return table->slots + i * table->entry_bytes;
}

static inline bool is_equal(
    const struct table *table, const void *a, const void *b)
{
    uint64_t x[2], y[2];
    uint32_t u, v;
    if (table->key_bytes == sizeof(u)) {
        memcpy(&u, a, sizeof(u));
        memcpy(&v, b, sizeof(v));
        return u == v;
    }
    if (table->key_bytes != sizeof(x))
        return memcmp(a, b, table->key_bytes) == 0;
    memcpy(x, a, sizeof(x));
    memcpy(y, b, sizeof(y));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* The slot that holds the key, or the free slot where it would go. */
static inline size_t table_probe(
    const struct table *table, const void *key, uint64_t hash)
{
    size_t i = (size_t)hash & (table->capacity - 1);
    while (table->used[i] && (table->used[i] != table_mark(hash) ||
                                 !is_equal(table, table_slot(table, i), key)))
        i = (i + 1) & (table->capacity - 1);
    return i;
}

void table_warm(const struct table *table, const void *key)
{
    if (table->capacity == 0)
        return;
    size_t i = (size_t)table_hash(table, key) & (table->capacity - 1);
    __builtin_prefetch(&table->used[i], 1);
    __builtin_prefetch(table_slot(table, i), 1);
}

void *table_find(const struct table *table, const void *key)
{
    if (table->count == 0)
        return NULL;
    size_t i = table_probe(table, key, table_hash(table, key));
    return table->used[i] ? table_slot(table, i) : NULL;
}

static enum status table_grow(struct table *table)
{
    if (table->capacity && table->count + 1 <= table->capacity / 4 * 3)
        return STATUS_OK;
    struct table old = *table;
    table->capacity = old.capacity ? old.capacity * 2 : TABLE_FIRST_SLOTS;
    table->slots = calloc(table->capacity, table->entry_bytes);
    table->used = calloc(table->capacity, 1);
    if (!table->slots || !table->used) {
        free(table->slots);
        free(table->used);
        *table = old;
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < old.capacity; i++) {
        if (!old.used[i])
            continue;
        const uint8_t *key = table_slot(&old, i);
        size_t to = table_probe(table, key, table_hash(table, key));
        table->used[to] = old.used[i];
        memcpy(table_slot(table, to), table_slot(&old, i), table->entry_bytes);
    }
    free(old.slots);
    free(old.used);
    return STATUS_OK;
}

enum status table_add(struct table *table, const void *key, void **out)
{
    uint64_t hash = table_hash(table, key);
    if (table->count > 0) {
        size_t at = table_probe(table, key, hash);
        if (table->used[at]) {
            *out = table_slot(table, at);
            return STATUS_EXISTS;
        }
    }
    if (table->count == table->maximum)
        return STATUS_FULL;
    enum status status = table_grow(table);
    if (status)
        return status;
    size_t i = table_probe(table, key, hash);
    table->used[i] = table_mark(hash);
    table->count++;
    uint8_t *slot = table_slot(table, i);
    memset(slot, 0, table->entry_bytes);
    memcpy(slot, key, table->key_bytes);
    *out = slot;
    return STATUS_OK;
}

void table_remove(struct table *table, const void *key)
{
    if (table->count == 0)
        return;
    size_t mask = table->capacity - 1;
    size_t hole = table_probe(table, key, table_hash(table, key));
    if (!table->used[hole])
        return;
    for (size_t i = (hole + 1) & mask; table->used[i]; i = (i + 1) & mask) {
        size_t home = (size_t)table_hash(table, table_slot(table, i)) & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue; /* it would move in front of its home */
        table->used[hole] = table->used[i];
        memcpy(
            table_slot(table, hole), table_slot(table, i), table->entry_bytes);
        hole = i;
    }
    table->used[hole] = 0;
    memset(table_slot(table, hole), 0, table->entry_bytes);
    if (--table->count == 0 && table->capacity > TABLE_KEPT_SLOTS)
        table_clear(table);
}

void *table_next(const struct table *table, size_t *cursor)
{
    while (*cursor < table->capacity) {
        size_t i = (*cursor)++;
        if (table->used[i])
            return table_slot(table, i);
    }
    return NULL;
}

size_t table_bytes(const struct table *table)
{
    return table->capacity * (table->entry_bytes + 1);
}
