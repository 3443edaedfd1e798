/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One block a frame: the struct, then whatever its pointers point at, placed
 * at aligned offsets.  A push never comes here: its envelope is in the slab,
 * and its event carries the number.  Most frames have short lists or none:
 * their blocks come in a few sizes, and are used again. */
#include "sim/parcel.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct parcel_spare {
    struct parcel_spare *next;
};

enum {
    NONE = UINT32_MAX,
    ALIGNMENT = alignof(max_align_t),
    LINE_BYTES = 64 /* of the cache */
};

static const size_t rooms[PARCEL_ROOMS] = {0, 64, 256, 1024};

void parcels_init(struct parcels *parcels)
{
    *parcels = (struct parcels){.free_handle = NONE};
}

void parcels_clear(struct parcels *parcels)
{
    for (uint32_t i = 0; i < parcels->count; i++)
        free(parcels->list[i]);
    free(parcels->list);
    free(parcels->free_next);
    for (size_t room = 0; room < PARCEL_ROOMS; room++)
        while (parcels->spare[room]) {
            struct parcel_spare *spare = parcels->spare[room];
            parcels->spare[room] = spare->next;
            free(spare);
        }
    parcels_init(parcels);
}

static enum status parcels_grow(struct parcels *parcels)
{
    if (parcels->count < parcels->capacity)
        return STATUS_OK;
    uint32_t capacity = parcels->capacity ? parcels->capacity * 2 : 256;
    struct parcel **list =
        realloc(parcels->list, capacity * sizeof(struct parcel *));
    if (!list)
        return STATUS_NO_MEMORY;
    parcels->list = list;
    uint32_t *next = realloc(parcels->free_next, capacity * sizeof(*next));
    if (!next)
        return STATUS_NO_MEMORY;
    parcels->free_next = next;
    parcels->capacity = capacity;
    return STATUS_OK;
}

static enum status parcels_place(
    struct parcels *parcels, struct parcel *parcel, uint32_t *handle)
{
    if (parcels->free_handle == NONE) {
        if (parcels_grow(parcels) != STATUS_OK)
            return STATUS_NO_MEMORY;
        *handle = parcels->count++;
    } else {
        *handle = parcels->free_handle;
        parcels->free_handle = parcels->free_next[*handle];
    }
    parcels->list[*handle] = parcel;
    return STATUS_OK;
}

struct parcel *parcels_take(struct parcels *parcels, uint32_t handle)
{
    assert(handle < parcels->count && parcels->list[handle]);
    struct parcel *parcel = parcels->list[handle];
    parcels->list[handle] = NULL;
    parcels->free_next[handle] = parcels->free_handle;
    parcels->free_handle = handle;
    return parcel;
}

void parcels_warm(const struct parcels *parcels, uint32_t handle)
{
    const char *parcel = (const char *)parcels->list[handle];
    for (size_t at = 0; parcel && at < sizeof(struct parcel) + rooms[1];
         at += LINE_BYTES)
        __builtin_prefetch(parcel + at);
}

void parcels_give_back(struct parcels *parcels, struct parcel *parcel)
{
    if (!parcel)
        return;
    uint8_t room = parcel->room;
    if (room == PARCEL_ROOMS) {
        free(parcel);
        return;
    }
    struct parcel_spare *spare = (struct parcel_spare *)parcel;
    spare->next = parcels->spare[room];
    parcels->spare[room] = spare;
}

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool has_lists(const struct frame *frame)
{
    return frame->type == FRAME_HELLO || frame_nodes_of(frame) ||
           frame->type == FRAME_RECONCILE;
}

static size_t lists_bytes(const struct frame *frame)
{
    if (frame_has_ids(frame->type))
        return ALIGNMENT + aligned(frame->ids.count * sizeof(*frame->ids.ids));
    size_t size = has_lists(frame) ? ALIGNMENT : 0;
    if (frame->type == FRAME_HELLO)
        for (size_t i = 0; i < frame->hello.endpoint_count; i++)
            size += aligned(frame->hello.endpoints[i].size);
    const struct frame_nodes *nodes = frame_nodes_of(frame);
    if (nodes)
        size += aligned(nodes->count * sizeof(*nodes->nodes));
    if (frame->type == FRAME_RECONCILE) {
        size += aligned(
            frame->reconcile.range_count * sizeof(*frame->reconcile.ranges));
        for (size_t i = 0; i < frame->reconcile.range_count; i++)
            size += aligned(frame->reconcile.ranges[i].item_count *
                            sizeof(struct reconcile_item));
    }
    return size;
}

/* Where the next list lies, behind a frame. */
struct placing {
    uint8_t *at;
    bool is_there; /* it does already: only its place is to be said */
};

/* Copy size bytes there, and move on. */
static void *place(struct placing *placing, const void *from, size_t size)
{
    void *to = placing->at;
    if (size && !placing->is_there)
        memcpy(to, from, size);
    placing->at += aligned(size);
    return to;
}

static void place_reconcile(
    struct placing *placing, struct frame_reconcile *copy)
{
    struct reconcile_range *ranges =
        place(placing, copy->ranges, copy->range_count * sizeof(*ranges));
    copy->ranges = ranges;
    for (size_t i = 0; i < copy->range_count; i++)
        ranges[i].items = place(placing, ranges[i].items,
            ranges[i].item_count * sizeof(*ranges[i].items));
}

static void place_lists(struct parcel *parcel, bool are_there)
{
    struct frame *copy = &parcel->frame;
    struct placing placing = {parcel->bytes, are_there};
    placing.at += aligned((uintptr_t)placing.at) - (uintptr_t)placing.at;
    if (frame_has_ids(copy->type)) { /* most are such */
        copy->ids.ids = place(
            &placing, copy->ids.ids, copy->ids.count * sizeof(*copy->ids.ids));
        return;
    }
    if (copy->type == FRAME_HELLO)
        for (size_t i = 0; i < copy->hello.endpoint_count; i++) {
            struct span *span = &copy->hello.endpoints[i];
            span->data = place(&placing, span->data, span->size);
        }
    struct frame_nodes *nodes = (struct frame_nodes *)frame_nodes_of(copy);
    if (nodes)
        nodes->nodes =
            place(&placing, nodes->nodes, nodes->count * sizeof(*nodes->nodes));
    if (copy->type == FRAME_RECONCILE)
        place_reconcile(&placing, &copy->reconcile);
}

/* With room for so many bytes behind it. */
static struct parcel *parcel_for(struct parcels *parcels, size_t bytes)
{
    uint8_t room = 0;
    while (room < PARCEL_ROOMS && rooms[room] < bytes)
        room++;
    struct parcel *parcel = NULL;
    if (room < PARCEL_ROOMS && parcels->spare[room]) {
        parcel = (struct parcel *)parcels->spare[room];
        parcels->spare[room] = parcels->spare[room]->next;
    } else {
        parcel = malloc(
            sizeof(*parcel) + (room < PARCEL_ROOMS ? rooms[room] : bytes));
    }
    if (parcel)
        parcel->room = room;
    return parcel;
}

enum status parcels_add(struct parcels *parcels, const struct frame *frame,
    uint32_t bytes, uint32_t *handle)
{
    assert(!frame_has_envelope(frame->type));
    struct parcel *parcel = parcel_for(parcels, lists_bytes(frame));
    if (!parcel)
        return STATUS_NO_MEMORY;
    parcel->frame = *frame;
    parcel->frame_bytes = bytes;
    parcel->size = 0;
    place_lists(parcel, false);
    enum status status = parcels_place(parcels, parcel, handle);
    if (status)
        free(parcel);
    return status;
}

enum status parcels_add_bytes(
    struct parcels *parcels, struct span bytes, uint32_t *handle)
{
    struct parcel *parcel = malloc(sizeof(*parcel) + bytes.size);
    if (!parcel)
        return STATUS_NO_MEMORY;
    parcel->frame_bytes = parcel->size = (uint32_t)bytes.size;
    parcel->room = PARCEL_ROOMS;
    memcpy(parcel->bytes, bytes.data, bytes.size);
    enum status status = parcels_place(parcels, parcel, handle);
    if (status)
        free(parcel);
    return status;
}

struct span parcel_span(const struct parcel *parcel)
{
    size_t behind = parcel->size ? parcel->size : lists_bytes(&parcel->frame);
    return (struct span){(const uint8_t *)parcel, sizeof(*parcel) + behind};
}

enum status parcels_add_span(
    struct parcels *parcels, struct span span, uint32_t *handle)
{
    assert(span.size >= sizeof(struct parcel));
    struct parcel *parcel =
        parcel_for(parcels, span.size - sizeof(struct parcel));
    if (!parcel)
        return STATUS_NO_MEMORY;
    uint8_t room = parcel->room;
    memcpy(parcel, span.data, span.size);
    parcel->room = room;
    if (parcel->size == 0)
        place_lists(parcel, true);
    enum status status = parcels_place(parcels, parcel, handle);
    if (status)
        free(parcel);
    return status;
}
