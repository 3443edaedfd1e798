/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of items, which never move, with two hash tables into it.  References
 * count holders: one for each node whose shelf stores the envelope and one for
 * each copy under way.  Items are never removed: a letter's fate is asked for
 * long after its last copy is gone, and an item costs 200 bytes once, not a
 * node. */
#include "sim/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

struct by_id {
    struct envelope_id id;
    uint32_t number;
};

struct by_tag {
    struct tag tag;
    uint32_t number;
};

void slab_init(struct slab *slab)
{
    *slab = (struct slab){0};
    table_init(&slab->by_id, sizeof(struct envelope_id), sizeof(struct by_id),
        SLAB_NONE - 1, 0);
    table_init(&slab->by_tag, sizeof(struct tag), sizeof(struct by_tag),
        SLAB_NONE - 1, 0);
}

void slab_clear(struct slab *slab)
{
    for (uint32_t i = 0; i < slab->count; i++) {
        free((uint8_t *)slab_item(slab, i)->envelope.encoding.data);
        free(slab_item(slab, i)->hops);
    }
    for (uint32_t i = 0; i < slab->page_count; i++)
        free(slab->pages[i]);
    free(slab->pages);
    table_clear(&slab->by_id);
    table_clear(&slab->by_tag);
    *slab = (struct slab){0};
}

uint32_t slab_find(struct slab *slab, const struct envelope_id *id)
{
    if (slab->last < slab->count &&
        envelope_id_equal(&slab_item(slab, slab->last)->id, id))
        return slab->last;
    const struct by_id *entry = table_find(&slab->by_id, id);
    if (entry)
        slab->last = entry->number;
    return entry ? entry->number : SLAB_NONE;
}

uint32_t slab_find_tag(const struct slab *slab, const struct tag *tag)
{
    const struct by_tag *entry = table_find(&slab->by_tag, tag);
    return entry ? entry->number : SLAB_NONE;
}

/* Copy the bytes, so that the item's envelope borrows from its own copy. */
static enum status item_fill(struct slab_item *item, struct span encoding)
{
    uint8_t *copy = malloc(encoding.size);
    if (!copy)
        return STATUS_NO_MEMORY;
    memcpy(copy, encoding.data, encoding.size);
    struct envelope envelope;
    enum status status =
        envelope_decode((struct span){copy, encoding.size}, &envelope);
    if (status) {
        free(copy);
        return status;
    }
    item->envelope = envelope;
    /* cppcheck-suppress memleak ; the envelope's encoding is the copy */
    return STATUS_OK;
}

static enum status slab_grow(struct slab *slab)
{
    if (slab->count < slab->page_count * SLAB_PAGE_ITEMS)
        return STATUS_OK;
    if (slab->count > SLAB_NONE / 2)
        return STATUS_FULL;
    struct slab_item **pages = realloc(
        slab->pages, (slab->page_count + 1) * sizeof(struct slab_item *));
    if (!pages)
        return STATUS_NO_MEMORY;
    slab->pages = pages;
    pages[slab->page_count] = malloc(SLAB_PAGE_ITEMS * sizeof(**pages));
    if (!pages[slab->page_count])
        return STATUS_NO_MEMORY;
    slab->page_count++;
    return STATUS_OK;
}

static enum status slab_index(struct slab *slab, struct slab_item *item)
{
    void *entry;
    if (table_add(&slab->by_id, &item->id, &entry) != STATUS_OK)
        return STATUS_NO_MEMORY;
    ((struct by_id *)entry)->number = slab->count;
    enum status status = table_add(&slab->by_tag, &item->envelope.tag, &entry);
    if (status && status != STATUS_EXISTS) {
        table_remove(&slab->by_id, &item->id);
        return status;
    }
    struct by_tag *first = entry;
    item->next_same_tag = status == STATUS_EXISTS ? first->number : SLAB_NONE;
    first->number = slab->count;
    return STATUS_OK;
}

static enum status slab_add(struct slab *slab, const struct envelope_id *id,
    struct span encoding, uint32_t *number)
{
    enum status status = slab_grow(slab);
    if (status)
        return status;
    struct slab_item *item = slab_item(slab, slab->count);
    *item = (struct slab_item){.id = *id,
        .origin = SLAB_NONE,
        .spied_from = SLAB_NONE,
        .confirmed_by = SLAB_NONE,
        .receipt_spied_from = SLAB_NONE};
    status = item_fill(item, encoding);
    if (status)
        return status;
    status = slab_index(slab, item);
    if (status) {
        free((uint8_t *)item->envelope.encoding.data);
        return status;
    }
    struct frame push = {
        .type = FRAME_PUSH, .push = {.id = *id, .envelope = &item->envelope}};
    item->frame_bytes = (uint32_t)frame_bytes(&push);
    slab->body_bytes += encoding.size;
    item->references = 1;
    *number = slab->count++;
    return STATUS_OK;
}

enum status slab_intern(struct slab *slab, const struct envelope_id *id,
    struct span encoding, uint32_t *number)
{
    uint32_t found = slab_find(slab, id);
    if (found == SLAB_NONE)
        return slab_add(slab, id, encoding, number);
    struct slab_item *item = slab_item(slab, found);
    if (item->references == 0) {
        enum status status = item_fill(item, encoding);
        if (status)
            return status;
        slab->body_bytes += encoding.size;
    }
    item->references++;
    *number = found;
    return STATUS_OK;
}

void slab_stamp(struct slab *slab, uint32_t number,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    struct envelope *envelope = &slab_item(slab, number)->envelope;
    assert(number < slab->count && envelope->encoding.data);
    memcpy(envelope->stamp, stamp, ENVELOPE_STAMP_BYTES);
    memcpy((uint8_t *)envelope->encoding.data + ENVELOPE_AT_STAMP, stamp,
        ENVELOPE_STAMP_BYTES);
}

/* A stamp's first byte (crypto/stamp.h). */
static uint8_t claimed_bits(const struct slab_item *item)
{
    return item->envelope.stamp[0];
}

enum status slab_restamp(
    struct slab_item *item, uint32_t node, uint32_t node_count, uint8_t bits)
{
    assert(item->references > 0 && node < node_count);
    if (!item->bits) {
        item->bits = malloc(node_count);
        if (!item->bits)
            return STATUS_NO_MEMORY;
        memset(item->bits, claimed_bits(item), node_count);
    }
    item->bits[node] = bits;
    return STATUS_OK;
}

uint8_t slab_bits(const struct slab_item *item, uint32_t node)
{
    return item->bits ? item->bits[node] : claimed_bits(item);
}

void slab_hold(struct slab *slab, uint32_t number)
{
    assert(number < slab->count && slab_item(slab, number)->references > 0);
    slab_item(slab, number)->references++;
}

void slab_drop(struct slab *slab, uint32_t number)
{
    assert(number < slab->count && slab_item(slab, number)->references > 0);
    struct slab_item *item = slab_item(slab, number);
    if (--item->references > 0)
        return;
    slab->body_bytes -= item->envelope.encoding.size;
    free((uint8_t *)item->envelope.encoding.data);
    item->envelope.encoding = (struct span){NULL, 0};
    item->envelope.body = (struct span){NULL, 0};
    free(item->hops);
    free(item->bits);
    item->hops = NULL;
    item->bits = NULL;
}

size_t slab_bytes(const struct slab *slab)
{
    return slab->page_count * SLAB_PAGE_ITEMS * sizeof(struct slab_item) +
           table_bytes(&slab->by_id) + table_bytes(&slab->by_tag) +
           slab->body_bytes;
}
