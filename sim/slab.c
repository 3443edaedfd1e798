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

void slab_init(struct slab *slab, uint32_t places, uint32_t parts)
{
    *slab = (struct slab){.places = places, .parts = parts};
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
        free(slab_item(slab, i)->given);
        free(slab_item(slab, i)->bits);
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

uint32_t slab_first_held(struct slab *slab)
{
    while (slab->first_held < slab->count &&
           slab_item(slab, slab->first_held)->references == 0)
        slab->first_held++;
    return slab->first_held;
}

uint32_t slab_find_tag(const struct slab *slab, const struct tag *tag)
{
    const struct by_tag *entry = table_find(&slab->by_tag, tag);
    return entry ? entry->number : SLAB_NONE;
}

static bool is_before(const struct slab *slab, uint32_t one, uint32_t other)
{
    return memcmp(&slab_item(slab, one)->id, &slab_item(slab, other)->id,
               sizeof(struct envelope_id)) < 0;
}

static void sift_down(
    const struct slab *slab, uint32_t *numbers, size_t root, size_t count)
{
    uint32_t number = numbers[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count &&
            is_before(slab, numbers[child], numbers[child + 1]))
            child++;
        if (!is_before(slab, number, numbers[child]))
            break;
        numbers[root] = numbers[child];
    }
    numbers[root] = number;
}

/* Heap sort: the order needs the slab, which qsort would not hand on. */
void slab_sort(const struct slab *slab, uint32_t *numbers, size_t count)
{
    for (size_t i = count / 2; i > 0; i--)
        sift_down(slab, numbers, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        uint32_t last = numbers[end - 1];
        numbers[end - 1] = numbers[0];
        numbers[0] = last;
        sift_down(slab, numbers, 0, end - 1);
    }
}

static void item_stamp(
    struct slab_item *item, const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    struct envelope *envelope = &item->envelope;
    memcpy(envelope->stamp, stamp, ENVELOPE_STAMP_BYTES);
    memcpy((uint8_t *)envelope->encoding.data + ENVELOPE_AT_STAMP, stamp,
        ENVELOPE_STAMP_BYTES);
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

/* With the stamp that it had: when nobody here held it others may have, and
 * for them it has not changed. */
static enum status item_refill(struct slab_item *item, struct span encoding)
{
    uint8_t stamp[ENVELOPE_STAMP_BYTES];
    memcpy(stamp, item->envelope.stamp, sizeof(stamp));
    enum status status = item_fill(item, encoding);
    if (!status)
        item_stamp(item, stamp);
    return status;
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

static struct slab_item *new_item(
    struct slab *slab, const struct envelope_id *id)
{
    struct slab_item *item = slab_item(slab, slab->count);
    *item = (struct slab_item){.id = *id,
        .next_same_tag = SLAB_NONE,
        .origin = SLAB_NONE,
        .forger = SLAB_NONE,
        .confirmed_by = SLAB_NONE,
        .numbered = SLAB_NONE};
    return item;
}

enum status slab_note(
    struct slab *slab, const struct envelope_id *id, uint32_t *number)
{
    void *entry;
    uint32_t found = slab_find(slab, id);
    if (found != SLAB_NONE) {
        *number = found;
        return STATUS_OK;
    }
    enum status status = slab_grow(slab);
    if (status)
        return status;
    if (table_add(&slab->by_id, id, &entry) != STATUS_OK)
        return STATUS_NO_MEMORY;
    new_item(slab, id);
    ((struct by_id *)entry)->number = slab->count;
    *number = slab->count++;
    return STATUS_OK;
}

static enum status slab_add(struct slab *slab, const struct envelope_id *id,
    struct span encoding, uint32_t *number)
{
    enum status status = slab_grow(slab);
    if (status)
        return status;
    struct slab_item *item = new_item(slab, id);
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
        enum status status = item_refill(item, encoding);
        if (status)
            return status;
        slab->body_bytes += encoding.size;
        if (found < slab->first_held)
            slab->first_held = found;
    }
    item->references++;
    *number = found;
    return STATUS_OK;
}

void slab_stamp(struct slab *slab, uint32_t number,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    struct slab_item *item = slab_item(slab, number);
    assert(number < slab->count && item->envelope.encoding.data);
    item_stamp(item, stamp);
}

/* A stamp's first byte (crypto/stamp.h). */
static uint8_t claimed_bits(const struct slab_item *item)
{
    return item->envelope.stamp[0];
}

enum status slab_restamp(
    struct slab *slab, uint32_t number, uint32_t place, uint8_t bits)
{
    struct slab_item *item = slab_item(slab, number);
    assert(item->references > 0 && place < slab->places);
    if (slab_bits(item, place) == bits)
        return STATUS_OK;
    if (!item->bits) {
        item->bits = malloc(slab->places);
        if (!item->bits)
            return STATUS_NO_MEMORY;
        memset(item->bits, claimed_bits(item), slab->places);
    }
    item->bits[place] = bits;
    return STATUS_OK;
}

uint8_t slab_bits(const struct slab_item *item, uint32_t place)
{
    return item->bits ? item->bits[place] : claimed_bits(item);
}

uint16_t slab_hops(const struct slab *slab, uint32_t number, uint32_t place)
{
    const uint16_t *hops = slab_item(slab, number)->hops;
    return hops ? hops[place] : 0;
}

enum status slab_set_hops(
    struct slab *slab, uint32_t number, uint32_t place, uint16_t hops)
{
    struct slab_item *item = slab_item(slab, number);
    assert(place < slab->places);
    if (!item->hops)
        item->hops = calloc(slab->places, sizeof(*item->hops));
    if (!item->hops)
        return STATUS_NO_MEMORY;
    if (item->hops[place] == 0)
        item->hops[place] = hops;
    return STATUS_OK;
}

void slab_forget_hops(struct slab *slab, uint32_t number, uint32_t place)
{
    struct slab_item *item = slab_item(slab, number);
    if (item->hops)
        item->hops[place] = 0;
}

void slab_show(struct slab_item *item, uint64_t shown_us)
{
    if (shown_us && (item->shown_us == 0 || shown_us < item->shown_us))
        item->shown_us = shown_us;
}

enum status slab_given(
    struct slab *slab, uint32_t number, uint32_t part, uint32_t **out)
{
    struct slab_item *item = slab_item(slab, number);
    assert(part < slab->parts);
    if (!item->given)
        item->given = calloc(slab->parts, sizeof(*item->given));
    if (!item->given)
        return STATUS_NO_MEMORY;
    *out = &item->given[part];
    return STATUS_OK;
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
    free(item->given);
    item->hops = NULL;
    item->given = NULL;
}

size_t slab_bytes(const struct slab *slab)
{
    return slab->page_count * SLAB_PAGE_ITEMS * sizeof(struct slab_item) +
           table_bytes(&slab->by_id) + table_bytes(&slab->by_tag) +
           slab->body_bytes;
}
