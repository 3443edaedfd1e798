/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hash table of ids, threaded by buckets: all items of one hour of expiry
 * and one size class form a list in order of arrival.  So the next to expire
 * is always in the first bucket, and the next to evict in the first bucket of
 * the largest class that stores anything: both without a search.  An item
 * leaves its bucket only when it is forgotten; a bucket's fresh pointer skips
 * the cleared and evicted ones at its head.
 *
 * Expired means past its hour by more than the tolerated skew.  The same line
 * is drawn for accepting, keeping and forgetting: were an id forgotten while
 * its envelope could still be accepted, a replay would bring it back. */
#include "relay/shelf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "proto/limits.h"

enum {
    SHELF_FORGET_STEP = 1024, /* ids a call */
    SHELF_RECEIPT_BYTES = 96, /* of a RECEIPT frame, about */
};

struct shelf_bucket {
    uint32_t expires_h;
    uint8_t class_;
    uint32_t count;
    uint32_t stored;
    struct envelope_id first, fresh, last; /* meaningful while count > 0 */
};

void shelf_init(struct shelf *shelf, uint64_t quota_bytes,
    uint32_t life_maximum_h, uint64_t seed)
{
    *shelf = (struct shelf){
        .quota_bytes = quota_bytes,
        .life_maximum_h = life_maximum_h,
    };
    table_init(&shelf->items, sizeof(struct envelope_id),
        sizeof(struct shelf_item), LIMIT_SHELF_IDS, seed);
}

void shelf_clear(struct shelf *shelf)
{
    table_clear(&shelf->items);
    free(shelf->buckets);
    *shelf = (struct shelf){0};
}

static struct shelf_item *find(
    const struct shelf *shelf, const struct envelope_id *id)
{
    return table_find(&shelf->items, id);
}

const struct shelf_item *shelf_find(
    const struct shelf *shelf, const struct envelope_id *id)
{
    return find(shelf, id);
}

static uint8_t class_of(uint32_t bytes)
{
    uint8_t class_ = 0;
    while (class_ + 1 < ENVELOPE_CLASS_COUNT &&
           envelope_class_bytes(class_) < bytes)
        class_++;
    return class_;
}

/* Where the bucket is or belongs. */
static size_t bucket_place(
    const struct shelf *shelf, uint32_t expires_h, uint8_t class_)
{
    size_t low = 0, count = shelf->bucket_count;
    while (count > 0) {
        size_t half = count / 2;
        const struct shelf_bucket *b = &shelf->buckets[low + half];
        bool before = b->expires_h != expires_h ? b->expires_h < expires_h
                                                : b->class_ < class_;
        if (before) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static struct shelf_bucket *bucket_of(
    const struct shelf *shelf, const struct shelf_item *item)
{
    uint8_t class_ = class_of(item->bytes);
    size_t at = bucket_place(shelf, item->expires_h, class_);
    struct shelf_bucket *bucket = &shelf->buckets[at];
    assert(at < shelf->bucket_count && bucket->class_ == class_ &&
           bucket->expires_h == item->expires_h);
    return bucket;
}

static struct shelf_bucket *bucket_make(
    struct shelf *shelf, struct turn *turn, uint32_t expires_h, uint8_t class_)
{
    size_t at = bucket_place(shelf, expires_h, class_);
    if (at < shelf->bucket_count && shelf->buckets[at].expires_h == expires_h &&
        shelf->buckets[at].class_ == class_)
        return &shelf->buckets[at];
    if (turn_grow(turn, (void **)&shelf->buckets, shelf->bucket_count,
            &shelf->bucket_capacity, sizeof(*shelf->buckets)))
        return NULL;
    struct shelf_bucket *bucket = &shelf->buckets[at];
    memmove(bucket + 1, bucket, (shelf->bucket_count - at) * sizeof(*bucket));
    shelf->bucket_count++;
    *bucket = (struct shelf_bucket){.expires_h = expires_h, .class_ = class_};
    return bucket;
}

static void bucket_append(const struct shelf *shelf,
    struct shelf_bucket *bucket, const struct envelope_id *id)
{
    if (bucket->count == 0)
        bucket->first = *id;
    else
        find(shelf, &bucket->last)->next = *id;
    if (bucket->stored == 0)
        bucket->fresh = *id;
    bucket->last = *id;
    bucket->count++;
}

/* Count an item in or out of what is stored. */
static void count_in(struct shelf *shelf, const struct shelf_item *item)
{
    bucket_of(shelf, item)->stored++;
    shelf->stored_bytes += item->bytes;
    set_sum_add(&shelf->sum, &item->id);
}

static void count_out(struct shelf *shelf, const struct shelf_item *item)
{
    bucket_of(shelf, item)->stored--;
    shelf->stored_bytes -= item->bytes;
    set_sum_remove(&shelf->sum, &item->id);
}

/* A new item, in its bucket, of no state yet; NULL when the table is full. */
static struct shelf_item *add(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, uint32_t expires_h, uint32_t bytes)
{
    void *out = NULL;
    enum status status = table_add(&shelf->items, id, &out);
    if (status) {
        if (status == STATUS_NO_MEMORY)
            turn->status = status;
        return NULL;
    }
    struct shelf_item *item = out;
    item->expires_h = expires_h;
    item->bytes = (uint16_t)bytes;
    struct shelf_bucket *bucket =
        bucket_make(shelf, turn, expires_h, class_of(bytes));
    if (!bucket)
        return NULL;
    bucket_append(shelf, bucket, id);
    return item;
}

static uint64_t occupied_bytes(const struct shelf *shelf)
{
    return shelf->stored_bytes + shelf->hidden_bytes;
}

/* Its quota was lowered, and something can be evicted. */
static bool is_over_quota(const struct shelf *shelf)
{
    return shelf->stored_bytes > 0 &&
           occupied_bytes(shelf) > shelf->quota_bytes;
}

/* The bucket whose oldest item is worth least: the largest class, then the
 * nearest expiry. */
static struct shelf_bucket *worst_bucket(const struct shelf *shelf)
{
    struct shelf_bucket *worst = NULL;
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        struct shelf_bucket *bucket = &shelf->buckets[i];
        if (bucket->stored > 0 && (!worst || bucket->class_ > worst->class_))
            worst = bucket;
    }
    return worst;
}

static void evict_from(
    struct shelf *shelf, struct turn *turn, struct shelf_bucket *bucket)
{
    struct shelf_item *item = find(shelf, &bucket->fresh);
    while (item->state != SHELF_STORED)
        item = find(shelf, &item->next);
    bucket->fresh = item->id;
    count_out(shelf, item);
    item->state = SHELF_EVICTED;
    turn_effect_on(turn, RELAY_EVICT, &item->id);
}

static bool make_room(struct shelf *shelf, struct turn *turn,
    const struct envelope *envelope, uint32_t bytes)
{
    while (occupied_bytes(shelf) + bytes > shelf->quota_bytes) {
        struct shelf_bucket *worst = worst_bucket(shelf);
        uint8_t class_ = class_of(bytes);
        bool worse = worst && (worst->class_ > class_ ||
                                  (worst->class_ == class_ &&
                                      worst->expires_h < envelope->expires_h));
        if (!worse)
            return false;
        evict_from(shelf, turn, worst);
    }
    return true;
}

void shelf_restore(
    struct shelf *shelf, struct turn *turn, const struct relay_event *event)
{
    if (event->restored.bytes > LIMIT_ENVELOPE_BYTES ||
        find(shelf, &event->restored.id))
        return;
    struct shelf_item *item = add(shelf, turn, &event->restored.id,
        event->restored.expires_h, event->restored.bytes);
    if (!item)
        return;
    item->state = (uint8_t)event->restored.state;
    memcpy(item->proof,
        item->state == SHELF_CLEARED ? event->restored.opening.bytes
                                     : event->restored.receipt_hash.bytes,
        sizeof(item->proof));
    if (item->state == SHELF_CLEARED)
        shelf->cleared_count++;
    if (item->state == SHELF_STORED)
        count_in(shelf, item);
}

bool shelf_accepts(const struct shelf *shelf, const struct turn *turn,
    uint32_t expires_h, enum refusal *why)
{
    uint64_t now_h = turn_hour(turn);
    if ((uint64_t)expires_h + LIMIT_CLOCK_SKEW_H < now_h) {
        *why = REFUSAL_EXPIRED;
        return false;
    }
    if (expires_h > now_h + shelf->life_maximum_h + LIMIT_CLOCK_SKEW_H) {
        *why = REFUSAL_TOO_FAR_AHEAD;
        return false;
    }
    return true;
}

/* An evicted item comes back to the front of what may be evicted, its place
 * in the bucket's list being where it always was. */
static void freshen(struct shelf *shelf, const struct shelf_item *item)
{
    struct shelf_bucket *bucket = bucket_of(shelf, item);
    bucket->fresh = bucket->first;
}

bool shelf_store(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope)
{
    uint32_t bytes = (uint32_t)envelope_class_bytes(envelope->class_);
    struct shelf_item *item = find(shelf, id);
    assert(!item || item->state == SHELF_EVICTED);
    if (!item && shelf->items.count == shelf->items.maximum)
        return false;
    if (!make_room(shelf, turn, envelope, bytes))
        return false;
    if (item)
        freshen(shelf, item);
    else
        item = add(shelf, turn, id, envelope->expires_h, bytes);
    if (!item)
        return false;
    item->state = SHELF_STORED;
    memcpy(item->proof, envelope->receipt_hash.bytes, sizeof(item->proof));
    count_in(shelf, item);
    turn_effect_on(turn, RELAY_STORE, id)->store.envelope = envelope;
    return true;
}

bool shelf_hide(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope)
{
    uint32_t bytes = (uint32_t)envelope_class_bytes(envelope->class_);
    assert(!find(shelf, id));
    if (!make_room(shelf, turn, envelope, bytes))
        return false;
    shelf->hidden_bytes += bytes;
    turn_effect_on(turn, RELAY_STORE, id)->store.envelope = envelope;
    return true;
}

bool shelf_show(
    struct shelf *shelf, struct turn *turn, const struct shelf_item *hidden)
{
    assert(!find(shelf, &hidden->id));
    shelf->hidden_bytes -= hidden->bytes;
    struct shelf_item *item =
        add(shelf, turn, &hidden->id, hidden->expires_h, hidden->bytes);
    if (!item) {
        turn_effect_on(turn, RELAY_FORGET, &hidden->id);
        return false;
    }
    item->state = SHELF_STORED;
    memcpy(item->proof, hidden->proof, sizeof(item->proof));
    count_in(shelf, item);
    return true;
}

bool shelf_opens(const struct shelf *shelf, const struct envelope_id *id,
    const struct opening *opening)
{
    const struct shelf_item *item = find(shelf, id);
    struct receipt_hash hash;
    if (!item || item->state == SHELF_CLEARED)
        return false;
    memcpy(hash.bytes, item->proof, sizeof(hash.bytes));
    return opening_matches(opening, &hash);
}

enum shelf_receipt shelf_receive(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct opening *opening)
{
    struct shelf_item *item = find(shelf, id);
    if (!item)
        return SHELF_RECEIPT_UNKNOWN;
    if (item->state == SHELF_CLEARED)
        return SHELF_RECEIPT_KNOWN;
    if (!shelf_opens(shelf, id, opening))
        return SHELF_RECEIPT_FALSE;
    if (item->state == SHELF_STORED)
        count_out(shelf, item);
    item->state = SHELF_CLEARED;
    memcpy(item->proof, opening->bytes, sizeof(item->proof));
    shelf->cleared_count++;
    turn_effect_on(turn, RELAY_CLEAR, id)->opening = *opening;
    turn_effect_on(turn, RELAY_CLEARED, id)->opening = *opening;
    return SHELF_RECEIPT_CLEARS;
}

void shelf_opening(const struct shelf_item *item, struct opening *out)
{
    assert(item->state == SHELF_CLEARED);
    memcpy(out->bytes, item->proof, sizeof(out->bytes));
}

uint32_t shelf_give(const struct shelf *shelf, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    const struct shelf_item *item = find(shelf, id);
    if (!item)
        return 0;
    struct opening opening;
    switch ((enum shelf_state)item->state) {
    case SHELF_STORED:
        turn_push(turn, link, id);
        return item->bytes;
    case SHELF_CLEARED:
        shelf_opening(item, &opening);
        turn_receipt(turn, link, id, &opening);
        return SHELF_RECEIPT_BYTES;
    case SHELF_EVICTED:
        return 0;
    }
    return 0;
}

static uint64_t expiry_h(const struct shelf *shelf)
{
    if (shelf->bucket_count == 0)
        return UINT64_MAX;
    if (is_over_quota(shelf))
        return 0;
    return (uint64_t)shelf->buckets[0].expires_h + LIMIT_CLOCK_SKEW_H + 1;
}

/* Forget the first item of the first bucket, and the bucket when empty. */
static void forget_first(struct shelf *shelf, struct turn *turn)
{
    struct shelf_bucket *bucket = &shelf->buckets[0];
    struct shelf_item *item = find(shelf, &bucket->first);
    struct envelope_id id = item->id, next = item->next;
    if (item->state == SHELF_STORED)
        count_out(shelf, item);
    if (item->state == SHELF_CLEARED)
        shelf->cleared_count--;
    turn_effect_on(turn, RELAY_FORGET, &id);
    table_remove(&shelf->items, &id);
    if (envelope_id_equal(&bucket->fresh, &id))
        bucket->fresh = next;
    bucket->first = next;
    if (--bucket->count > 0)
        return;
    shelf->bucket_count--;
    memmove(bucket, bucket + 1, shelf->bucket_count * sizeof(*bucket));
}

void shelf_expire(struct shelf *shelf, struct turn *turn)
{
    while (is_over_quota(shelf))
        evict_from(shelf, turn, worst_bucket(shelf));
    for (size_t i = 0; i < SHELF_FORGET_STEP; i++) {
        if (expiry_h(shelf) > turn_hour(turn))
            return;
        forget_first(shelf, turn);
    }
}

uint64_t shelf_deadline_ms(
    const struct shelf *shelf, uint64_t now_ms, uint64_t clock_s)
{
    uint64_t hour = expiry_h(shelf);
    if (hour == UINT64_MAX)
        return UINT64_MAX;
    uint64_t expiry_s = hour * HOUR_S;
    if (expiry_s <= clock_s)
        return now_ms;
    return now_ms + (expiry_s - clock_s) * 1000;
}

static struct set_item snapshot_item(const struct shelf_item *item)
{
    return (struct set_item){
        .at = {.expires_h = item->expires_h, .id = item->id},
        .bytes = item->bytes,
        .cleared = item->state == SHELF_CLEARED,
    };
}

enum status shelf_snapshot(const struct shelf *shelf, struct set_snapshot *out)
{
    size_t stored = shelf->sum.count;
    size_t other = shelf->items.count - stored;
    struct set_snapshot snapshot = {
        .stored = malloc((stored + 1) * sizeof(*snapshot.stored)),
        .other = malloc((other + 1) * sizeof(*snapshot.other)),
    };
    if (!snapshot.stored || !snapshot.other) {
        set_free(&snapshot);
        return STATUS_NO_MEMORY;
    }
    size_t cursor = 0;
    for (const struct shelf_item *item;
         (item = table_next(&shelf->items, &cursor));) {
        if (item->state == SHELF_STORED)
            snapshot.stored[snapshot.stored_count++] = snapshot_item(item);
        else
            snapshot.other[snapshot.other_count++] = snapshot_item(item);
    }
    enum status status = set_prepare(&snapshot);
    if (status)
        set_free(&snapshot);
    else
        *out = snapshot;
    return status;
}

size_t shelf_bytes(const struct shelf *shelf)
{
    return table_bytes(&shelf->items) +
           shelf->bucket_capacity * sizeof(*shelf->buckets);
}

/* Walk one bucket's list; the reason why it is not what it says. */
static const char *bucket_violation(
    const struct shelf *shelf, const struct shelf_bucket *bucket)
{
    uint32_t stored = 0;
    const struct envelope_id *id = &bucket->first;
    bool fresh_passed = false;
    for (uint32_t i = 0; i < bucket->count; i++) {
        const struct shelf_item *item = find(shelf, id);
        if (!item || item->expires_h != bucket->expires_h)
            return "a bucket names an item that is not its own";
        fresh_passed |= envelope_id_equal(&item->id, &bucket->fresh);
        if (item->state == SHELF_STORED && !fresh_passed)
            return "a stored item can never be evicted";
        stored += item->state == SHELF_STORED;
        if (i + 1 == bucket->count &&
            !envelope_id_equal(&item->id, &bucket->last))
            return "a bucket's list does not end where it says";
        id = &item->next;
    }
    return stored == bucket->stored ? NULL : "a bucket miscounts";
}

const char *shelf_violation(const struct shelf *shelf)
{
    uint64_t bytes = 0, cleared = 0, in_buckets = 0;
    struct set_sum sum = {0};
    size_t cursor = 0;
    for (const struct shelf_item *item;
         (item = table_next(&shelf->items, &cursor));) {
        cleared += item->state == SHELF_CLEARED;
        if (item->state != SHELF_STORED)
            continue;
        bytes += item->bytes;
        set_sum_add(&sum, &item->id);
    }
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        in_buckets += shelf->buckets[i].count;
        const char *why = bucket_violation(shelf, &shelf->buckets[i]);
        if (why)
            return why;
    }
    if (occupied_bytes(shelf) > shelf->quota_bytes)
        return "the shelf holds more than its quota";
    if (bytes != shelf->stored_bytes || cleared != shelf->cleared_count)
        return "the shelf miscounts";
    if (in_buckets != shelf->items.count)
        return "an item would never be forgotten";
    return set_sum_equal(&sum, &shelf->sum) ? NULL : "the shelf's sum is wrong";
}
