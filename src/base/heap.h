/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A queue of timers: (time, value) pairs, the earliest first, and of equal
 * times the one with the smaller value first, so the order is total.  A timer
 * is not taken back: its owner ignores it when it comes due and no longer
 * matches (cancelling lazily). */
struct heap_item {
    uint64_t at_ms;
    uint64_t value;
};

struct heap {
    struct heap_item *items;
    size_t count;
    size_t capacity;
    size_t maximum;
};

/* Begin an empty heap of at most maximum items; end with heap_clear. */
void heap_init(struct heap *heap, size_t maximum);
void heap_clear(struct heap *heap);

/* Add an item.  STATUS_FULL at the maximum, STATUS_NO_MEMORY. */
MUST_USE enum status heap_push(struct heap *heap, struct heap_item item);

/* The earliest item, or NULL; valid until the next change. */
const struct heap_item *heap_first(const struct heap *heap);

/* Take the earliest item off; the heap is not empty. */
struct heap_item heap_pop(struct heap *heap);

#endif
