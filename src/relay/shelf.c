/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hash table of ids, threaded by buckets of equals (shelf_buckets.c): all
 * items of one hour of expiry, size class, stamp and edge.  So the next to
 * expire and the next to evict are found among the buckets, not among the
 * items.
 *
 * Expired means past its hour by more than the tolerated skew.  The same line
 * is drawn for accepting, keeping and forgetting: were an id forgotten while
 * its envelope could still be accepted, a replay would bring it back. */
#include "relay/shelf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/stamp.h"
#include "proto/limits.h"
#include "relay/shelf_inside.h"

enum {
    SHELF_FORGET_STEP = 1024, /* ids a call */
    SHELF_RECEIPT_BYTES = 96, /* of a RECEIPT frame, about */
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
    free(shelf->edges);
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

/* Count an item in or out of what is stored. */
static void count_in(struct shelf *shelf, const struct shelf_item *item)
{
    shelf_bucket_count(shelf, item, true);
    shelf->stored_bytes += item->bytes;
    shelf_edge_at(shelf, item->edge)->bytes += item->bytes;
    set_sum_add(&shelf->sum, &item->id);
}

static void count_out(struct shelf *shelf, const struct shelf_item *item)
{
    shelf_bucket_count(shelf, item, false);
    shelf->stored_bytes -= item->bytes;
    shelf_edge_at(shelf, item->edge)->bytes -= item->bytes;
    set_sum_remove(&shelf->sum, &item->id);
}

/* Count an item that is not stored in, or (-1) out. */
static void count_other(
    struct shelf *shelf, const struct shelf_item *item, int64_t by)
{
    if (item->state == SHELF_EVICTED)
        shelf->evicted_count += (uint64_t)by;
    if (item->state != SHELF_CLEARED)
        return;
    shelf->cleared_count += (uint64_t)by;
    shelf->cleared_bytes += (uint64_t)(by * item->bytes);
}

/* A new item, in its bucket, of no state yet; NULL when the table is full. */
static struct shelf_item *add(
    struct shelf *shelf, struct turn *turn, const struct shelf_item *like)
{
    void *out = NULL;
    enum status status = table_add(&shelf->items, &like->id, &out);
    if (status) {
        if (status == STATUS_NO_MEMORY)
            turn->status = status;
        return NULL;
    }
    struct shelf_item *item = out;
    *item = *like;
    return shelf_bucket_append(shelf, turn, item) ? item : NULL;
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

/* One account more, or the last one, which is for all that are left over. */
static uint8_t open_account(
    struct shelf *shelf, struct turn *turn, const struct node_key *from)
{
    if (shelf->edge_count == SHELF_EDGE_OTHERS)
        return SHELF_EDGE_OTHERS;
    if (turn_grow(turn, (void **)&shelf->edges, shelf->edge_count,
            &shelf->edge_capacity, sizeof(*shelf->edges)))
        return SHELF_EDGE_OWN;
    shelf->edges[shelf->edge_count++] =
        (struct shelf_edge){.key = *from, .worst = SHELF_NO_KEY};
    return (uint8_t)shelf->edge_count;
}

/* The place of a peer's account; where it has none, one that is empty. */
static uint8_t edge_of(
    struct shelf *shelf, struct turn *turn, const struct node_key *from)
{
    struct shelf_edge *empty = NULL;
    if (!from)
        return SHELF_EDGE_OWN;
    for (size_t i = 0; i < shelf->edge_count; i++) {
        struct shelf_edge *edge = &shelf->edges[i];
        if (node_key_equal(&edge->key, from))
            return (uint8_t)(i + 1);
        if (edge->bytes == 0)
            empty = edge;
    }
    if (!empty)
        return open_account(shelf, turn, from);
    *empty = (struct shelf_edge){.key = *from, .worst = SHELF_NO_KEY};
    return (uint8_t)(empty - shelf->edges + 1);
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
    count_other(shelf, item, 1);
    turn_effect_on(turn, RELAY_EVICT, &item->id);
}

static bool make_room(
    struct shelf *shelf, struct turn *turn, const struct shelf_item *newcomer)
{
    uint32_t hour = turn_hour(turn);
    const struct shelf_edge *edge = shelf_edge_at(shelf, newcomer->edge);
    uint64_t share = shelf->quota_bytes / SHELF_SHARE;
    for (;;) {
        bool over_share = newcomer->edge != SHELF_EDGE_OWN &&
                          edge->bytes + newcomer->bytes > share;
        if (!over_share &&
            occupied_bytes(shelf) + newcomer->bytes <= shelf->quota_bytes)
            return true;
        struct shelf_bucket *worst = shelf_worst(
            shelf, hour, over_share ? newcomer->edge : SHELF_ANY_EDGE);
        if (!worst || !shelf_is_worse(worst->key, shelf_key(newcomer), hour))
            return false;
        evict_from(shelf, turn, worst);
    }
}

void shelf_restore(
    struct shelf *shelf, struct turn *turn, const struct relay_event *event)
{
    if (event->restored.bytes > LIMIT_ENVELOPE_BYTES ||
        find(shelf, &event->restored.id))
        return;
    struct shelf_item *item = add(shelf, turn,
        &(struct shelf_item){.id = event->restored.id,
            .expires_h = event->restored.expires_h,
            .bytes = (uint16_t)event->restored.bytes,
            .bits = event->restored.stamp_bits,
            .state = (uint8_t)event->restored.state});
    if (!item)
        return;
    memcpy(item->proof,
        item->state == SHELF_CLEARED ? event->restored.opening.bytes
                                     : event->restored.receipt_hash.bytes,
        sizeof(item->proof));
    count_other(shelf, item, 1);
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

/* An offer as an item, stored. */
static struct shelf_item item_of(
    struct shelf *shelf, struct turn *turn, const struct shelf_offer *offer)
{
    const struct envelope *envelope = offer->envelope;
    struct shelf_item item = {
        .id = *offer->id,
        .expires_h = envelope->expires_h,
        .bytes = (uint16_t)envelope_class_bytes(envelope->class_),
        .state = SHELF_STORED,
        .bits = stamp_bits(envelope->stamp),
        .edge = edge_of(shelf, turn, offer->from),
    };
    memcpy(item.proof, envelope->receipt_hash.bytes, sizeof(item.proof));
    return item;
}

static void put(struct turn *turn, const struct shelf_offer *offer)
{
    enum relay_effect_kind kind = offer->is_kept ? RELAY_RESTAMP : RELAY_STORE;
    turn_effect_on(turn, kind, offer->id)->store.envelope = offer->envelope;
}

bool shelf_store(
    struct shelf *shelf, struct turn *turn, const struct shelf_offer *offer)
{
    const struct shelf_item *known = find(shelf, offer->id);
    assert(!known || known->state == SHELF_EVICTED);
    const struct shelf_item newcomer = item_of(shelf, turn, offer);
    if (!known && shelf->items.count == shelf->items.maximum)
        return false;
    if (!make_room(shelf, turn, &newcomer))
        return false;
    if (known) {
        count_other(shelf, known, -1);
        shelf_bucket_remove(shelf, known);
        table_remove(&shelf->items, offer->id);
    }
    const struct shelf_item *item = add(shelf, turn, &newcomer);
    if (!item)
        return false;
    count_in(shelf, item);
    put(turn, offer);
    return true;
}

bool shelf_hide(struct shelf *shelf, struct turn *turn,
    const struct shelf_offer *offer, struct shelf_item *hidden)
{
    const struct shelf_item newcomer = item_of(shelf, turn, offer);
    assert(!find(shelf, offer->id));
    if (!make_room(shelf, turn, &newcomer))
        return false;
    shelf->hidden_bytes += newcomer.bytes;
    shelf_edge_at(shelf, newcomer.edge)->bytes += newcomer.bytes;
    put(turn, offer);
    *hidden = newcomer;
    return true;
}

void shelf_unhide(struct shelf *shelf, const struct shelf_item *hidden)
{
    shelf->hidden_bytes -= hidden->bytes;
    shelf_edge_at(shelf, hidden->edge)->bytes -= hidden->bytes;
}

bool shelf_show(
    struct shelf *shelf, struct turn *turn, const struct shelf_item *hidden)
{
    assert(!find(shelf, &hidden->id));
    shelf_unhide(shelf, hidden);
    const struct shelf_item *item = add(shelf, turn, hidden);
    if (!item) {
        turn_effect_on(turn, RELAY_FORGET, &hidden->id);
        return false;
    }
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

void shelf_restamp(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope)
{
    struct shelf_item *item = find(shelf, id);
    assert(item && item->state == SHELF_STORED);
    count_out(shelf, item);
    shelf_bucket_remove(shelf, item);
    item->bits = stamp_bits(envelope->stamp);
    if (!shelf_bucket_append(shelf, turn, item))
        return;
    count_in(shelf, item);
    turn_effect_on(turn, RELAY_RESTAMP, id)->store.envelope = envelope;
}

uint8_t shelf_value(const struct shelf_item *item, const struct turn *turn)
{
    return shelf_key_value(shelf_key(item), turn_hour(turn));
}

bool shelf_is_tight(const struct shelf *shelf)
{
    return occupied_bytes(shelf) / 7 > shelf->quota_bytes / 8;
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
    count_other(shelf, item, -1);
    item->state = SHELF_CLEARED;
    memcpy(item->proof, opening->bytes, sizeof(item->proof));
    count_other(shelf, item, 1);
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
    return (uint64_t)shelf_key_expires_h(shelf->buckets[0].key) +
           LIMIT_CLOCK_SKEW_H + 1;
}

/* Forget the first item of the first bucket. */
static void forget_first(struct shelf *shelf, struct turn *turn)
{
    const struct shelf_item *item = find(shelf, &shelf->buckets[0].first);
    struct envelope_id id = item->id;
    if (item->state == SHELF_STORED)
        count_out(shelf, item);
    count_other(shelf, item, -1);
    shelf_bucket_remove(shelf, item);
    table_remove(&shelf->items, &id);
    turn_effect_on(turn, RELAY_FORGET, &id);
}

void shelf_expire(struct shelf *shelf, struct turn *turn)
{
    while (is_over_quota(shelf))
        evict_from(
            shelf, turn, shelf_worst(shelf, turn_hour(turn), SHELF_ANY_EDGE));
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
           shelf->bucket_capacity * sizeof(*shelf->buckets) +
           shelf->edge_capacity * sizeof(*shelf->edges);
}

const char *shelf_violation(const struct shelf *shelf)
{
    uint64_t bytes = 0, cleared = 0, evicted = 0, in_buckets = 0;
    struct set_sum sum = {0};
    size_t cursor = 0;
    for (const struct shelf_item *item;
         (item = table_next(&shelf->items, &cursor));) {
        cleared += item->state == SHELF_CLEARED;
        evicted += item->state == SHELF_EVICTED;
        if (item->state != SHELF_STORED)
            continue;
        bytes += item->bytes;
        set_sum_add(&sum, &item->id);
    }
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        in_buckets += shelf->buckets[i].count;
        const char *why = shelf_bucket_violation(shelf, &shelf->buckets[i]);
        if (why)
            return why;
    }
    if (occupied_bytes(shelf) > shelf->quota_bytes)
        return "the shelf holds more than its quota";
    if (bytes != shelf->stored_bytes || cleared != shelf->cleared_count ||
        evicted != shelf->evicted_count)
        return "the shelf miscounts";
    if (in_buckets != shelf->items.count)
        return "an item would never be forgotten";
    bytes += shelf->hidden_bytes - shelf->own.bytes;
    for (size_t i = 0; i < shelf->edge_count; i++) {
        bytes -= shelf->edges[i].bytes;
        if (shelf->edges[i].bytes > shelf->quota_bytes / SHELF_SHARE)
            return "an edge fills more than its share";
    }
    if (bytes != 0)
        return "the edges' bytes are miscounted";
    return set_sum_equal(&sum, &shelf->sum) ? NULL : "the shelf's sum is wrong";
}
