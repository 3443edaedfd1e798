/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys in the order in which they came, beside the table.  Since entries leave
 * by age alone, the list has as many keys as the table has entries, and turns
 * into a ring when both are full. */
#include "base/memo.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };

void memo_init(struct memo *memo, size_t key_bytes, size_t entry_bytes,
    size_t maximum, uint64_t seed)
{
    *memo = (struct memo){0};
    table_init(&memo->table, key_bytes, entry_bytes, maximum, seed);
}

void memo_clear(struct memo *memo)
{
    table_clear(&memo->table);
    free(memo->order);
    memo->order = NULL;
    memo->capacity = memo->oldest = 0;
}

void *memo_find(const struct memo *memo, const void *key)
{
    return table_find(&memo->table, key);
}

static uint8_t *key_at(const struct memo *memo, size_t place)
{
    return memo->order + place * memo->table.key_bytes;
}

static enum status grow(struct memo *memo)
{
    size_t capacity = memo->capacity ? 2 * memo->capacity : FIRST_CAPACITY;
    if (capacity > memo->table.maximum)
        capacity = memo->table.maximum;
    uint8_t *order = realloc(memo->order, capacity * memo->table.key_bytes);
    if (!order)
        return STATUS_NO_MEMORY;
    memo->order = order;
    memo->capacity = capacity;
    return STATUS_OK;
}

/* Where the key of one more entry goes. */
static enum status make_place(struct memo *memo, size_t *place)
{
    if (memo->table.count == memo->table.maximum) {
        *place = memo->oldest;
        memo->oldest = (memo->oldest + 1) % memo->table.maximum;
        table_remove(&memo->table, key_at(memo, *place));
        return STATUS_OK;
    }
    *place = memo->table.count;
    return *place < memo->capacity ? STATUS_OK : grow(memo);
}

enum status memo_add(struct memo *memo, const void *key, void **out)
{
    size_t place;
    void *there = table_find(&memo->table, key);
    if (there) {
        *out = there;
        return STATUS_OK;
    }
    enum status status = make_place(memo, &place);
    if (!status)
        status = table_add(&memo->table, key, out);
    if (!status)
        memcpy(key_at(memo, place), key, memo->table.key_bytes);
    return status;
}

size_t memo_bytes(const struct memo *memo)
{
    return table_bytes(&memo->table) + memo->capacity * memo->table.key_bytes;
}

const char *memo_violation(const struct memo *memo)
{
    if (memo->table.count > memo->table.maximum ||
        memo->table.count > memo->capacity)
        return "more is remembered than may be";
    for (size_t i = 0; i < memo->table.count; i++)
        if (!table_find(&memo->table, key_at(memo, i)))
            return "what is remembered would never be forgotten";
    return NULL;
}
