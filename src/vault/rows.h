/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_ROWS_H
#define VAULT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* What every room keeps its things in while the vault is unlocked: entries of
 * one size in the order of their row, which is their first member, a uint64_t
 * that is never 0.  Nothing is left behind: what is outgrown, removed or
 * cleared is wiped.  Guarded rows lie in secret_new memory.
 *
 * A pointer to an entry is good until the next add or remove. */
struct rows {
    uint8_t *data;
    size_t count;
    size_t capacity;
    size_t maximum;
    size_t entry_bytes;
    uint64_t next; /* greater than every row that was ever here */
    bool guarded;
};

/* Begin without entries; allocates nothing yet.  End with rows_clear. */
void rows_init(
    struct rows *rows, size_t entry_bytes, size_t maximum, bool guarded);
void rows_clear(struct rows *rows);

/* The entry of that row, or NULL. */
void *rows_find(const struct rows *rows, uint64_t row);

/* Add a zeroed entry under a row, or under the next new one.
 * STATUS_EXISTS (add only; *out is untouched), STATUS_FULL at the maximum,
 * STATUS_NO_MEMORY. */
MUST_USE enum status rows_add(struct rows *rows, uint64_t row, void *out);
MUST_USE enum status rows_append(struct rows *rows, void *out);

/* Remove and wipe; harmless when it is not there. */
void rows_remove(struct rows *rows, uint64_t row);

/* The i-th entry; i < count.  The index of the first entry above a row, which
 * is count when there is none. */
void *rows_at(const struct rows *rows, size_t i);
size_t rows_after(const struct rows *rows, uint64_t row);

#endif
