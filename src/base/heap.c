/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 4-ary heap: half the depth of a binary one, and the four children of a
 * node share a cache line. */
#include "base/heap.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

enum { HEAP_WIDTH = 4, HEAP_FIRST_ITEMS = 16 };

void heap_init(struct heap *heap, size_t maximum)
{
    *heap = (struct heap){.maximum = maximum};
}

void heap_clear(struct heap *heap)
{
    free(heap->items);
    heap_init(heap, heap->maximum);
}

static bool before(const struct heap_item *a, const struct heap_item *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->value < b->value;
}

static enum status heap_grow(struct heap *heap)
{
    if (heap->count == heap->maximum)
        return STATUS_FULL;
    if (heap->count < heap->capacity)
        return STATUS_OK;
    size_t capacity = heap->capacity ? heap->capacity * 2 : HEAP_FIRST_ITEMS;
    struct heap_item *items =
        realloc(heap->items, capacity * sizeof(*heap->items));
    if (!items)
        return STATUS_NO_MEMORY;
    heap->items = items;
    heap->capacity = capacity;
    return STATUS_OK;
}

enum status heap_push(struct heap *heap, struct heap_item item)
{
    enum status status = heap_grow(heap);
    if (status)
        return status;
    size_t i = heap->count++;
    while (i > 0) {
        size_t parent = (i - 1) / HEAP_WIDTH;
        if (!before(&item, &heap->items[parent]))
            break;
        heap->items[i] = heap->items[parent];
        i = parent;
    }
    heap->items[i] = item;
    return STATUS_OK;
}

const struct heap_item *heap_first(const struct heap *heap)
{
    return heap->count ? &heap->items[0] : NULL;
}

/* Of the children of i, the earliest; or count where it has none. */
static size_t heap_least_child(const struct heap *heap, size_t i)
{
    size_t first = i * HEAP_WIDTH + 1;
    size_t least = first < heap->count ? first : heap->count;
    for (size_t c = first + 1; c < first + HEAP_WIDTH && c < heap->count; c++)
        if (before(&heap->items[c], &heap->items[least]))
            least = c;
    return least;
}

struct heap_item heap_pop(struct heap *heap)
{
    assert(heap->count > 0);
    struct heap_item first = heap->items[0];
    struct heap_item item = heap->items[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = heap_least_child(heap, i);
        if (child >= heap->count || !before(&heap->items[child], &item))
            break;
        heap->items[i] = heap->items[child];
        i = child;
    }
    if (heap->count)
        heap->items[i] = item;
    return first;
}
