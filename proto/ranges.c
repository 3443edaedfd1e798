/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ranges of a set reconciliation, as compact as they need to be: most of
 * a run is items and fingerprints, so items are packed without a type byte
 * each, and bounds are cut to what tells them apart.
 *
 * An engine walks ranges and items as two sorted lists.  So order is checked
 * here, once, for all of them: bounds ascend strictly, items ascend strictly
 * and lie from the bound before up to, and without, their own. */
#include "proto/ranges.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"

enum {
    ID_BYTES = sizeof(struct envelope_id),
    FINGERPRINT_BYTES = 16,
    ITEM_BYTES = 4 + ID_BYTES + 1,
    ITEM_AT_ID = 4,
    ITEM_AT_STATE = 4 + ID_BYTES,
};

/* A range while it is read or written, and what it must follow. */
struct range_place {
    const struct reconcile_bound *from; /* NULL: the first range */
    size_t items_used;                  /* of the whole frame */
};

static int bound_compare(
    const struct reconcile_bound *a, const struct reconcile_bound *b)
{
    if (a->expires_h != b->expires_h)
        return a->expires_h < b->expires_h ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

static struct reconcile_bound item_bound(const struct reconcile_item *item)
{
    return (struct reconcile_bound){item->expires_h, item->id};
}

/* Whether a range's items ascend and all lie in it. */
static bool items_are_in_order(
    const struct reconcile_range *range, const struct reconcile_bound *from)
{
    for (size_t i = 0; i < range->item_count; i++) {
        struct reconcile_bound at = item_bound(&range->items[i]);
        if (i > 0) {
            struct reconcile_bound before = item_bound(&range->items[i - 1]);
            if (bound_compare(&before, &at) >= 0)
                return false;
        } else if (from && bound_compare(&at, from) < 0)
            return false;
        if (range->items[i].state > ITEM_CLEARED ||
            bound_compare(&at, &range->bound) >= 0)
            return false;
    }
    return true;
}

static bool range_is_in_order(
    const struct reconcile_range *range, const struct reconcile_bound *from)
{
    if (from && bound_compare(from, &range->bound) >= 0)
        return false;
    return items_are_in_order(range, from);
}

static bool mode_has_items(uint8_t mode)
{
    return mode == RECONCILE_ITEMS || mode == RECONCILE_REPLY;
}

static void bound_read(struct wire_reader *reader,
    const struct reconcile_bound *from, struct reconcile_bound *bound)
{
    uint32_t base = from ? from->expires_h : 0;
    bound->expires_h =
        base + (uint32_t)wire_read_uint(reader, UINT32_MAX - base);
    struct span id = wire_read_bytes(reader, ID_BYTES);
    if (id.size && id.data[id.size - 1] == 0)
        reader->failed = true;
    if (id.size)
        memcpy(bound->id.bytes, id.data, id.size);
}

static void item_unpack(const uint8_t *at, struct reconcile_item *item)
{
    item->expires_h = (uint32_t)number_get(at, 4);
    memcpy(item->id.bytes, at + ITEM_AT_ID, ID_BYTES);
    item->state = at[ITEM_AT_STATE];
}

static void items_read(struct wire_reader *reader,
    struct ranges_scratch *scratch, struct range_place *place,
    struct reconcile_range *range)
{
    size_t room = RANGES_ITEMS_MAXIMUM - place->items_used;
    struct span packed = wire_read_bytes(reader, room * ITEM_BYTES);
    if (packed.size % ITEM_BYTES)
        reader->failed = true;
    struct reconcile_item *items = scratch->items + place->items_used;
    range->items = items;
    range->item_count = packed.size / ITEM_BYTES;
    for (size_t i = 0; i < range->item_count; i++)
        item_unpack(packed.data + i * ITEM_BYTES, &items[i]);
    place->items_used += range->item_count;
}

static void range_read(struct wire_reader *reader,
    struct ranges_scratch *scratch, struct range_place *place,
    struct reconcile_range *range)
{
    *range = (struct reconcile_range){0};
    size_t elements = wire_read_array(reader, 4);
    bound_read(reader, place->from, &range->bound);
    range->mode = (uint8_t)wire_read_uint(reader, RECONCILE_REPLY);
    if (elements != (range->mode == RECONCILE_SKIP ? 3 : 4))
        reader->failed = true;
    if (range->mode == RECONCILE_FINGERPRINT)
        wire_read_fixed(reader, range->fingerprint, FINGERPRINT_BYTES);
    if (mode_has_items(range->mode))
        items_read(reader, scratch, place, range);
    if (!range_is_in_order(range, place->from))
        reader->failed = true;
    place->from = &range->bound;
}

void ranges_read(struct wire_reader *reader, struct ranges_scratch *scratch,
    struct frame_reconcile *out)
{
    out->run = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    out->round = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    out->range_count = wire_read_array(reader, RANGES_MAXIMUM);
    out->ranges = scratch->ranges;
    struct range_place place = {0};
    for (size_t i = 0; i < out->range_count && !reader->failed; i++)
        range_read(reader, scratch, &place, &scratch->ranges[i]);
}

static enum status reconcile_check(const struct frame_reconcile *reconcile)
{
    size_t items = 0;
    const struct reconcile_bound *from = NULL;
    if (reconcile->range_count > RANGES_MAXIMUM)
        return STATUS_TOO_LARGE;
    for (size_t i = 0; i < reconcile->range_count; i++) {
        const struct reconcile_range *range = &reconcile->ranges[i];
        assert(range->mode <= RECONCILE_REPLY);
        assert(mode_has_items(range->mode) || range->item_count == 0);
        items += range->item_count;
        if (items > RANGES_ITEMS_MAXIMUM)
            return STATUS_TOO_LARGE;
        if (!range_is_in_order(range, from))
            return STATUS_INVALID;
        from = &range->bound;
    }
    return STATUS_OK;
}

/* A bound's hours, beyond those of the one before. */
static uint32_t hours_since(
    const struct reconcile_bound *from, const struct reconcile_bound *bound)
{
    return bound->expires_h - (from ? from->expires_h : 0);
}

static struct span id_cut(const struct reconcile_bound *bound)
{
    size_t size = ID_BYTES;
    while (size && bound->id.bytes[size - 1] == 0)
        size--;
    return (struct span){bound->id.bytes, size};
}

static void item_pack(
    const struct reconcile_item *item, uint8_t out[static ITEM_BYTES])
{
    number_put(out, 4, item->expires_h);
    memcpy(out + ITEM_AT_ID, item->id.bytes, ID_BYTES);
    out[ITEM_AT_STATE] = item->state;
}

static void items_write(
    struct wire_writer *writer, const struct reconcile_range *range)
{
    uint8_t packed[ITEM_BYTES];
    wire_begin_bytes(writer, range->item_count * ITEM_BYTES);
    for (size_t i = 0; i < range->item_count; i++) {
        item_pack(&range->items[i], packed);
        wire_write_piece(writer, (struct span){packed, ITEM_BYTES});
    }
}

static void range_write(struct wire_writer *writer,
    const struct reconcile_bound *from, const struct reconcile_range *range)
{
    wire_write_array(writer, range->mode == RECONCILE_SKIP ? 3 : 4);
    wire_write_uint(writer, hours_since(from, &range->bound));
    wire_write_bytes(writer, id_cut(&range->bound));
    wire_write_uint(writer, range->mode);
    if (range->mode == RECONCILE_FINGERPRINT)
        wire_write_bytes(
            writer, (struct span){range->fingerprint, FINGERPRINT_BYTES});
    if (mode_has_items(range->mode))
        items_write(writer, range);
}

enum status ranges_write(
    struct wire_writer *writer, const struct frame_reconcile *reconcile)
{
    enum status status = reconcile_check(reconcile);
    if (status)
        return status;
    wire_write_uint(writer, reconcile->run);
    wire_write_uint(writer, reconcile->round);
    wire_write_array(writer, reconcile->range_count);
    const struct reconcile_bound *from = NULL;
    for (size_t i = 0; i < reconcile->range_count; i++) {
        range_write(writer, from, &reconcile->ranges[i]);
        from = &reconcile->ranges[i].bound;
    }
    return STATUS_OK;
}

/* As range_write. */
static size_t range_bytes(
    const struct reconcile_bound *from, const struct reconcile_range *range)
{
    size_t size = wire_array_size(range->mode == RECONCILE_SKIP ? 3 : 4) +
                  wire_uint_size(hours_since(from, &range->bound)) +
                  wire_bytes_size(id_cut(&range->bound).size) +
                  wire_uint_size(range->mode);
    if (range->mode == RECONCILE_FINGERPRINT)
        size += wire_bytes_size(FINGERPRINT_BYTES);
    if (mode_has_items(range->mode))
        size += wire_bytes_size(range->item_count * ITEM_BYTES);
    return size;
}

size_t ranges_bytes(const struct frame_reconcile *reconcile)
{
    if (reconcile_check(reconcile))
        return 0;
    size_t size = wire_uint_size(reconcile->run) +
                  wire_uint_size(reconcile->round) +
                  wire_array_size(reconcile->range_count);
    const struct reconcile_bound *from = NULL;
    for (size_t i = 0; i < reconcile->range_count; i++) {
        size += range_bytes(from, &reconcile->ranges[i]);
        from = &reconcile->ranges[i].bound;
    }
    return size;
}
