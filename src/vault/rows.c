/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted array, found in by halves.  Most rows are given out in order, so
 * adding is appending; removing shifts what follows, which for the thousands
 * of entries that a person has costs microseconds.  A hash table would be
 * quicker at millions and would not give pages in order. */
#include "vault/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

enum { ROWS_FIRST = 8 };

void rows_init(
    struct rows *rows, size_t entry_bytes, size_t maximum, bool guarded)
{
    *rows = (struct rows){
        .entry_bytes = entry_bytes,
        .maximum = maximum,
        .next = 1,
        .guarded = guarded,
    };
}

static void data_free(const struct rows *rows)
{
    if (!rows->data)
        return;
    secret_wipe(rows->data, rows->capacity * rows->entry_bytes);
    if (rows->guarded)
        secret_free(rows->data);
    else
        free(rows->data);
}

void rows_clear(struct rows *rows)
{
    data_free(rows);
    rows->data = NULL;
    rows->count = 0;
    rows->capacity = 0;
}

void *rows_at(const struct rows *rows, size_t i)
{
    assert(i < rows->count);
    return rows->data + i * rows->entry_bytes;
}

static uint64_t row_at(const struct rows *rows, size_t i)
{
    uint64_t row;
    memcpy(&row, rows->data + i * rows->entry_bytes, sizeof(row));
    return row;
}

size_t rows_after(const struct rows *rows, uint64_t row)
{
    size_t low = 0;
    size_t high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row_at(rows, middle) <= row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void *rows_find(const struct rows *rows, uint64_t row)
{
    size_t after = rows_after(rows, row);
    if (after == 0 || row_at(rows, after - 1) != row)
        return NULL;
    return rows_at(rows, after - 1);
}

static enum status rows_grow(struct rows *rows)
{
    struct rows old = *rows;
    size_t capacity = old.capacity ? old.capacity * 2 : ROWS_FIRST;
    size_t bytes = capacity * rows->entry_bytes;
    uint8_t *data = rows->guarded ? secret_new(bytes) : malloc(bytes);
    if (!data)
        return STATUS_NO_MEMORY;
    if (old.count)
        memcpy(data, old.data, old.count * old.entry_bytes);
    data_free(&old);
    rows->data = data;
    rows->capacity = capacity;
    return STATUS_OK;
}

enum status rows_add(struct rows *rows, uint64_t row, void *out)
{
    assert(row != 0);
    if (rows_find(rows, row))
        return STATUS_EXISTS;
    if (rows->count == rows->maximum)
        return STATUS_FULL;
    if (rows->count == rows->capacity) {
        enum status status = rows_grow(rows);
        if (status)
            return status;
    }
    size_t i = rows_after(rows, row);
    uint8_t *at = rows->data + i * rows->entry_bytes;
    memmove(at + rows->entry_bytes, at, (rows->count - i) * rows->entry_bytes);
    memset(at, 0, rows->entry_bytes);
    memcpy(at, &row, sizeof(row));
    rows->count++;
    if (row >= rows->next)
        rows->next = row + 1;
    memcpy(out, &at, sizeof(at));
    return STATUS_OK;
}

enum status rows_append(struct rows *rows, void *out)
{
    return rows_add(rows, rows->next, out);
}

void rows_remove(struct rows *rows, uint64_t row)
{
    uint8_t *at = rows_find(rows, row);
    if (!at)
        return;
    uint8_t *end = rows->data + rows->count * rows->entry_bytes;
    uint8_t *next = at + rows->entry_bytes;
    memmove(at, next, (size_t)(end - next));
    rows->count--;
    secret_wipe(end - rows->entry_bytes, rows->entry_bytes);
}
