/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_MEMO_H
#define BASE_MEMO_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"

/* The last so many things that are worth remembering: a table whose oldest
 * entry gives way when it is full.  Nothing else leaves it. */
struct memo {
    struct table table;
    uint8_t *order; /* keys; a ring once it is full */
    size_t capacity;
    size_t oldest;
};

/* As table_init. */
void memo_init(struct memo *memo, size_t key_bytes, size_t entry_bytes,
    size_t maximum, uint64_t seed);
void memo_clear(struct memo *memo);

/* The entry with that key, or NULL.  Valid until the next add. */
void *memo_find(const struct memo *memo, const void *key);

/* Point *out at the entry with that key: the one that is there, which grows no
 * younger by it, or a new one, zeroed.  STATUS_NO_MEMORY, and then nothing new
 * is remembered. */
MUST_USE enum status memo_add(struct memo *memo, const void *key, void **out);

size_t memo_bytes(const struct memo *memo);

/* What does not hold, or NULL; it looks at each entry. */
const char *memo_violation(const struct memo *memo);

#endif
