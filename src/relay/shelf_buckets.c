/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets of equals, in one array ordered by key, each a doubly linked list of
 * what is stored, in order of arrival.  What is worth least changes with the
 * hour; it is looked for when room is needed, among the buckets, and remembered
 * while its bucket lasts, so that a full shelf does not look for each item. */
#include <assert.h>
#include <string.h>

#include "crypto/stamp.h"
#include "relay/shelf.h"
#include "relay/shelf_inside.h"

struct shelf_stored *shelf_stored_at(const struct shelf *shelf, uint32_t number)
{
    return table_find(&shelf->stored, &number);
}

static uint8_t class_of(uint32_t bytes)
{
    uint8_t class_ = 0;
    while (class_ + 1 < ENVELOPE_CLASS_COUNT &&
           envelope_class_bytes(class_) < bytes)
        class_++;
    return class_;
}

uint64_t shelf_bucket_key(
    uint32_t expires_h, uint32_t bytes, uint8_t bits, uint8_t edge)
{
    return (uint64_t)expires_h << 24 | (uint64_t)class_of(bytes) << 16 |
           (uint64_t)bits << 8 | edge;
}

static uint64_t key_of(
    const struct shelf *shelf, const struct shelf_stored *item)
{
    const struct catalog_entry *entry =
        catalog_at(shelf->catalog, item->number);
    return shelf_bucket_key(
        entry->expires_h, entry->bytes, item->bits, item->edge);
}

static uint32_t key_expires_h(uint64_t key)
{
    return (uint32_t)(key >> 24);
}

static uint8_t key_class(uint64_t key)
{
    return (uint8_t)(key >> 16);
}

static uint8_t key_bits(uint64_t key)
{
    return (uint8_t)(key >> 8);
}

uint8_t shelf_key_edge(uint64_t key)
{
    return (uint8_t)key;
}

/* Where the bucket is or belongs. */
static size_t bucket_place(const struct shelf *shelf, uint64_t key)
{
    size_t low = 0, count = shelf->bucket_count;
    while (count > 0) {
        size_t half = count / 2;
        if (shelf->buckets[low + half].key < key) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static struct shelf_bucket *bucket_make(
    struct shelf *shelf, struct turn *turn, uint64_t key)
{
    size_t at = bucket_place(shelf, key);
    if (at < shelf->bucket_count && shelf->buckets[at].key == key)
        return &shelf->buckets[at];
    if (turn_grow(turn, (void **)&shelf->buckets, shelf->bucket_count,
            &shelf->bucket_capacity, sizeof(*shelf->buckets)))
        return NULL;
    struct shelf_bucket *bucket = &shelf->buckets[at];
    memmove(bucket + 1, bucket, (shelf->bucket_count - at) * sizeof(*bucket));
    shelf->bucket_count++;
    *bucket = (struct shelf_bucket){.key = key, .last = CATALOG_NONE};
    return bucket;
}

uint8_t shelf_key_value(uint64_t key, uint32_t hour)
{
    return stamp_value(key_bits(key), key_class(key), key_expires_h(key), hour);
}

uint64_t shelf_bucket_bytes(const struct shelf_bucket *bucket)
{
    return (uint64_t)bucket->count *
           envelope_class_bytes(key_class(bucket->key));
}

bool shelf_is_worse(uint64_t a, uint64_t b, uint32_t hour)
{
    if (a >> 8 == b >> 8) /* alike but for who brought them */
        return false;
    uint8_t value_a = shelf_key_value(a, hour),
            value_b = shelf_key_value(b, hour);
    if (value_a != value_b)
        return value_a < value_b;
    if (key_class(a) != key_class(b))
        return key_class(a) > key_class(b);
    return key_expires_h(a) < key_expires_h(b);
}

struct shelf_edge *shelf_edge_at(struct shelf *shelf, unsigned place)
{
    if (place == SHELF_ANY_EDGE)
        return &shelf->all;
    if (place == SHELF_EDGE_CARRIED)
        return &shelf->carried;
    return place == SHELF_EDGE_OWN ? &shelf->own : &shelf->edges[place - 1];
}

static bool is_of(uint64_t key, unsigned edge)
{
    return edge == SHELF_ANY_EDGE || shelf_key_edge(key) == edge;
}

/* Whether an item of that key may be what is worth least. */
static void note_worst(struct shelf *shelf, uint64_t key)
{
    const unsigned edges[] = {shelf_key_edge(key), SHELF_ANY_EDGE};
    for (size_t i = 0; i < 2; i++) {
        uint64_t *worst = &shelf_edge_at(shelf, edges[i])->worst;
        if (*worst != SHELF_NO_KEY &&
            shelf_is_worse(key, *worst, shelf->worst_hour))
            *worst = key;
    }
}

bool shelf_bucket_append(
    struct shelf *shelf, struct turn *turn, struct shelf_stored *item)
{
    struct shelf_bucket *bucket = bucket_make(shelf, turn, key_of(shelf, item));
    if (!bucket)
        return false;
    if (bucket->count == 0)
        bucket->first = item->number;
    else
        shelf_stored_at(shelf, bucket->last)->next = item->number;
    item->previous = bucket->last;
    bucket->last = item->number;
    bucket->count++;
    note_worst(shelf, bucket->key);
    return true;
}

void shelf_bucket_remove(struct shelf *shelf, const struct shelf_stored *item)
{
    size_t at = bucket_place(shelf, key_of(shelf, item));
    struct shelf_bucket *bucket = &shelf->buckets[at];
    assert(at < shelf->bucket_count && bucket->key == key_of(shelf, item));
    bool is_first = bucket->first == item->number;
    bool is_last = bucket->last == item->number;
    if (is_first)
        bucket->first = item->next;
    else
        shelf_stored_at(shelf, item->previous)->next = item->next;
    if (is_last)
        bucket->last = item->previous;
    else
        shelf_stored_at(shelf, item->next)->previous = item->previous;
    if (--bucket->count > 0)
        return;
    shelf->bucket_count--;
    memmove(bucket, bucket + 1, (shelf->bucket_count - at) * sizeof(*bucket));
}

static void forget_worst(struct shelf *shelf)
{
    shelf->all.worst = shelf->own.worst = shelf->carried.worst = SHELF_NO_KEY;
    for (size_t i = 0; i < shelf->edge_count; i++)
        shelf->edges[i].worst = SHELF_NO_KEY;
}

/* The bucket that was found before, where that still holds. */
static struct shelf_bucket *known_worst(
    struct shelf *shelf, uint32_t hour, uint64_t worst)
{
    if (shelf->worst_hour != hour) {
        forget_worst(shelf);
        shelf->worst_hour = hour;
        return NULL;
    }
    size_t at = bucket_place(shelf, worst);
    if (at == shelf->bucket_count || shelf->buckets[at].key != worst)
        return NULL;
    return &shelf->buckets[at];
}

struct shelf_bucket *shelf_worst(
    struct shelf *shelf, uint32_t hour, unsigned edge)
{
    uint64_t *known = &shelf_edge_at(shelf, edge)->worst;
    struct shelf_bucket *worst = known_worst(shelf, hour, *known);
    if (worst)
        return worst;
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        struct shelf_bucket *bucket = &shelf->buckets[i];
        if (is_of(bucket->key, edge) &&
            (!worst || shelf_is_worse(bucket->key, worst->key, hour)))
            worst = bucket;
    }
    *known = worst ? worst->key : SHELF_NO_KEY;
    return worst;
}

const char *shelf_bucket_violation(
    const struct shelf *shelf, const struct shelf_bucket *bucket)
{
    uint32_t number = bucket->first;
    for (uint32_t i = 0; i < bucket->count; i++) {
        const struct shelf_stored *item = shelf_stored_at(shelf, number);
        if (!item || key_of(shelf, item) != bucket->key)
            return "a bucket names an item that is not its own";
        if (i + 1 == bucket->count && number != bucket->last)
            return "a bucket's list does not end where it says";
        number = item->next;
    }
    return bucket->count > 0 ? NULL : "a bucket is empty";
}

const char *shelf_bucket_item_violation(
    const struct shelf *shelf, const struct shelf_stored *item)
{
    uint64_t key = key_of(shelf, item);
    size_t at = bucket_place(shelf, key);
    const struct shelf_bucket *bucket = &shelf->buckets[at];
    if (at == shelf->bucket_count || bucket->key != key || bucket->count == 0)
        return "an item is in no bucket";
    const struct shelf_stored *before = item, *after = item;
    bool is_first = bucket->first == item->number;
    bool is_last = bucket->last == item->number;
    if (!is_first)
        before = shelf_stored_at(shelf, item->previous);
    if (!is_last)
        after = shelf_stored_at(shelf, item->next);
    if (!before || (!is_first && before->next != item->number) || !after ||
        (!is_last && after->previous != item->number))
        return "an item's bucket does not lead to it";
    return NULL;
}
