/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mark for each id that is known (shelf_known.c); and one hash table of what
 * is stored, threaded by buckets of equals (shelf_buckets.c): all items of one
 * hour of expiry, size class, stamp and edge.  So the next to evict is found
 * among the buckets, not among the items; for whom it is to make room, and for
 * whom there was none, shelf_room.c decides.
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
    SHELF_FORGET_STEP = 1024,    /* ids a call */
    SHELF_LOOK_STEP = 64 * 1024, /* marks a call */
    SHELF_RECEIPT_BYTES = 96,    /* of a RECEIPT frame, about */
};

void shelf_init(struct shelf *shelf, struct catalog *catalog,
    uint64_t quota_bytes, uint32_t life_maximum_h)
{
    *shelf = (struct shelf){
        .catalog = catalog,
        .quota_bytes = quota_bytes,
        .life_maximum_h = life_maximum_h,
    };
    table_init(&shelf->stored, sizeof(uint32_t), sizeof(struct shelf_stored),
        LIMIT_SHELF_IDS, 0);
    shelf_refused_init(shelf);
}

void shelf_clear(struct shelf *shelf)
{
    for (uint32_t number = 0; number < shelf->mark_count; number++)
        if (shelf->marks[number] != SET_UNKNOWN)
            catalog_drop(shelf->catalog, number, 0);
    set_view_drop(shelf->view);
    free(shelf->changes);
    free(shelf->marks);
    free(shelf->hours);
    table_clear(&shelf->stored);
    memo_clear(&shelf->refused);
    free(shelf->buckets);
    free(shelf->edges);
    *shelf = (struct shelf){0};
}

/* The number of an id that is known here, or CATALOG_NONE. */
static uint32_t find(const struct shelf *shelf, const struct envelope_id *id)
{
    uint32_t number = catalog_find(shelf->catalog, id);
    return shelf_mark_state(shelf, number) == SET_UNKNOWN ? CATALOG_NONE
                                                          : number;
}

static enum shelf_state state_of(const struct shelf *shelf, uint32_t number)
{
    static const enum shelf_state states[] = {[SET_MEMBER] = SHELF_STORED,
        [SET_CLEARED] = SHELF_CLEARED,
        [SET_EVICTED] = SHELF_EVICTED};
    return states[shelf_mark_state(shelf, number)];
}

static const struct catalog_entry *entry_of(
    const struct shelf *shelf, uint32_t number)
{
    return catalog_at(shelf->catalog, number);
}

bool shelf_find(const struct shelf *shelf, const struct envelope_id *id,
    struct shelf_item *out)
{
    uint32_t number = find(shelf, id);
    if (number == CATALOG_NONE)
        return false;
    *out = (struct shelf_item){
        .number = number,
        .entry = entry_of(shelf, number),
        .state = state_of(shelf, number),
        .bits = shelf_mark_bits(shelf, number),
    };
    return true;
}

bool shelf_knows(const struct shelf *shelf, const struct envelope_id *id)
{
    return find(shelf, id) != CATALOG_NONE;
}

/* Count a known item that is not stored in, or (-1) out. */
static void count_other(struct shelf *shelf, uint32_t number, int64_t by)
{
    enum set_state state = shelf_mark_state(shelf, number);
    if (state == SET_EVICTED)
        shelf->evicted_count += (uint64_t)by;
    if (state != SET_CLEARED)
        return;
    shelf->cleared_count += (uint64_t)by;
    shelf->cleared_bytes += (uint64_t)(by * entry_of(shelf, number)->bytes);
}

/* Put a known item that is counted nowhere among what is stored; false when
 * there is no memory. */
static bool put_in(struct shelf *shelf, struct turn *turn, uint32_t number,
    const struct shelf_hidden *like)
{
    void *out = NULL;
    if (table_add(&shelf->stored, &number, &out) != STATUS_OK) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    struct shelf_stored *item = out;
    item->bits = like->bits;
    item->edge = like->edge;
    if (!shelf_bucket_append(shelf, turn, item))
        return false;
    const struct catalog_entry *entry = entry_of(shelf, number);
    shelf->stored_bytes += entry->bytes;
    shelf_edge_at(shelf, like->edge)->bytes += entry->bytes;
    set_sum_add(&shelf->sum, entry->member);
    shelf_mark(shelf, turn, number, SET_MEMBER, like->bits);
    return true;
}

/* Take a stored item out, and mark it as something else. */
static void take_out(struct shelf *shelf, struct turn *turn, uint32_t number,
    enum set_state state)
{
    const struct shelf_stored *item = shelf_stored_at(shelf, number);
    const struct catalog_entry *entry = entry_of(shelf, number);
    shelf->stored_bytes -= entry->bytes;
    shelf_edge_at(shelf, item->edge)->bytes -= entry->bytes;
    set_sum_remove(&shelf->sum, entry->member);
    shelf_mark(shelf, turn, number, state, item->bits);
    shelf_bucket_remove(shelf, item);
    table_remove(&shelf->stored, &number);
    shelf->left.may_fit = true;
}

/* Know a new item, in no state yet. */
static bool know(struct shelf *shelf, struct turn *turn,
    const struct shelf_hidden *like, uint32_t *number)
{
    struct catalog_entry entry = {
        .id = like->id, .expires_h = like->expires_h, .bytes = like->bytes};
    memcpy(entry.proof, like->proof, sizeof(entry.proof));
    return shelf_know(shelf, turn, &entry, number);
}

/* Its quota was lowered, and something can be evicted. */
static bool is_over_quota(const struct shelf *shelf)
{
    return shelf->stored_bytes > 0 &&
           shelf_occupied_bytes(shelf) > shelf->quota_bytes;
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

void shelf_evict(
    struct shelf *shelf, struct turn *turn, const struct shelf_bucket *bucket)
{
    uint32_t number = bucket->first;
    take_out(shelf, turn, number, SET_EVICTED);
    count_other(shelf, number, 1);
    turn_effect_on(turn, RELAY_EVICT, &entry_of(shelf, number)->id);
}

void shelf_restore(
    struct shelf *shelf, struct turn *turn, const struct relay_event *event)
{
    if (event->restored.bytes > LIMIT_ENVELOPE_BYTES ||
        shelf_knows(shelf, &event->restored.id))
        return;
    bool is_cleared = event->restored.state == SHELF_CLEARED;
    struct catalog_entry entry = {.id = event->restored.id,
        .expires_h = event->restored.expires_h,
        .bytes = (uint16_t)event->restored.bytes,
        .is_open = is_cleared};
    memcpy(entry.proof,
        is_cleared ? event->restored.opening.bytes
                   : event->restored.receipt_hash.bytes,
        sizeof(entry.proof));
    uint32_t number;
    if (!shelf_know(shelf, turn, &entry, &number))
        return;
    const struct shelf_hidden like = {.bits = event->restored.stamp_bits};
    if (event->restored.state == SHELF_STORED) {
        put_in(shelf, turn, number, &like);
        return;
    }
    shelf_mark(
        shelf, turn, number, is_cleared ? SET_CLEARED : SET_EVICTED, like.bits);
    count_other(shelf, number, 1);
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

/* What an offer would be on the shelf. */
static struct shelf_hidden item_of(
    struct shelf *shelf, struct turn *turn, const struct shelf_offer *offer)
{
    const struct envelope *envelope = offer->envelope;
    struct shelf_hidden item = {
        .id = *offer->id,
        .expires_h = envelope->expires_h,
        .bytes = (uint16_t)envelope_class_bytes(envelope->class_),
        .bits = stamp_bits(envelope->stamp),
        .edge = offer->is_carried ? SHELF_EDGE_CARRIED
                                  : edge_of(shelf, turn, offer->from),
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
    uint32_t number = find(shelf, offer->id);
    bool is_known = number != CATALOG_NONE;
    assert(!is_known || shelf_mark_state(shelf, number) == SET_EVICTED);
    const struct shelf_hidden newcomer = item_of(shelf, turn, offer);
    if (!is_known && shelf->known_count == LIMIT_SHELF_IDS)
        return false;
    if (!shelf_make_room(shelf, turn, &newcomer)) {
        if (!is_known)
            shelf_refuse(shelf, turn, &newcomer, offer->from);
        return false;
    }
    if (is_known)
        count_other(shelf, number, -1);
    else if (!know(shelf, turn, &newcomer, &number))
        return false;
    if (!put_in(shelf, turn, number, &newcomer))
        return false;
    put(turn, offer);
    return true;
}

bool shelf_hide(struct shelf *shelf, struct turn *turn,
    const struct shelf_offer *offer, struct shelf_hidden *hidden)
{
    const struct shelf_hidden newcomer = item_of(shelf, turn, offer);
    assert(!shelf_knows(shelf, offer->id));
    if (!shelf_make_room(shelf, turn, &newcomer)) {
        shelf_refuse(shelf, turn, &newcomer, offer->from);
        return false;
    }
    shelf->hidden_bytes += newcomer.bytes;
    shelf_edge_at(shelf, newcomer.edge)->bytes += newcomer.bytes;
    put(turn, offer);
    *hidden = newcomer;
    return true;
}

void shelf_unhide(struct shelf *shelf, const struct shelf_hidden *hidden)
{
    shelf->hidden_bytes -= hidden->bytes;
    shelf_edge_at(shelf, hidden->edge)->bytes -= hidden->bytes;
}

bool shelf_show(
    struct shelf *shelf, struct turn *turn, const struct shelf_hidden *hidden)
{
    uint32_t number;
    assert(!shelf_knows(shelf, &hidden->id));
    shelf_unhide(shelf, hidden);
    if (know(shelf, turn, hidden, &number) &&
        put_in(shelf, turn, number, hidden))
        return true;
    turn_effect_on(turn, RELAY_FORGET, &hidden->id);
    return false;
}

bool shelf_opens(const struct shelf *shelf, const struct envelope_id *id,
    const struct opening *opening)
{
    uint32_t number = find(shelf, id);
    return number != CATALOG_NONE &&
           shelf_mark_state(shelf, number) != SET_CLEARED &&
           catalog_opens(shelf->catalog, number, opening);
}

void shelf_restamp(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope)
{
    uint32_t number = find(shelf, id);
    struct shelf_stored *item = shelf_stored_at(shelf, number);
    assert(item);
    shelf_bucket_remove(shelf, item);
    item->bits = stamp_bits(envelope->stamp);
    if (!shelf_bucket_append(shelf, turn, item))
        return;
    shelf_mark(shelf, turn, number, SET_MEMBER, item->bits);
    turn_effect_on(turn, RELAY_RESTAMP, id)->store.envelope = envelope;
}

uint8_t shelf_value(const struct shelf_item *item, const struct turn *turn)
{
    return shelf_key_value(shelf_bucket_key(item->entry->expires_h,
                               item->entry->bytes, item->bits, 0),
        turn_hour(turn));
}

bool shelf_is_tight(const struct shelf *shelf)
{
    return shelf_occupied_bytes(shelf) / 7 > shelf->quota_bytes / 8;
}

enum shelf_receipt shelf_receive(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct opening *opening)
{
    uint32_t number = find(shelf, id);
    if (number == CATALOG_NONE)
        return SHELF_RECEIPT_UNKNOWN;
    if (shelf_mark_state(shelf, number) == SET_CLEARED)
        return SHELF_RECEIPT_KNOWN;
    if (!catalog_opens(shelf->catalog, number, opening))
        return SHELF_RECEIPT_FALSE;
    count_other(shelf, number, -1);
    if (shelf_mark_state(shelf, number) == SET_MEMBER)
        take_out(shelf, turn, number, SET_CLEARED);
    else
        shelf_mark(shelf, turn, number, SET_CLEARED, 0);
    count_other(shelf, number, 1);
    turn_effect_on(turn, RELAY_CLEAR, id)->opening = *opening;
    turn_effect_on(turn, RELAY_CLEARED, id)->opening = *opening;
    return SHELF_RECEIPT_CLEARS;
}

void shelf_opening(const struct shelf_item *item, struct opening *out)
{
    assert(item->state == SHELF_CLEARED && item->entry->is_open);
    memcpy(out->bytes, item->entry->proof, sizeof(out->bytes));
}

uint32_t shelf_give(const struct shelf *shelf, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct shelf_item item;
    struct opening opening;
    if (!shelf_find(shelf, id, &item))
        return 0;
    switch (item.state) {
    case SHELF_STORED:
        turn_push(turn, link, id);
        return item.entry->bytes;
    case SHELF_CLEARED:
        shelf_opening(&item, &opening);
        turn_receipt(turn, link, id, &opening);
        return SHELF_RECEIPT_BYTES;
    case SHELF_EVICTED:
        return 0;
    }
    return 0;
}

static void forget(struct shelf *shelf, struct turn *turn, uint32_t number)
{
    turn_effect_on(turn, RELAY_FORGET, &entry_of(shelf, number)->id);
    if (shelf_mark_state(shelf, number) == SET_MEMBER)
        take_out(shelf, turn, number, SET_EVICTED);
    else
        count_other(shelf, number, -1);
    shelf_unknow(shelf, turn, number);
}

bool shelf_lose(
    struct shelf *shelf, struct turn *turn, const struct envelope_id *id)
{
    uint32_t number = find(shelf, id);
    if (number == CATALOG_NONE || shelf_mark_state(shelf, number) != SET_MEMBER)
        return false;
    forget(shelf, turn, number);
    return true;
}

void shelf_expire(struct shelf *shelf, struct turn *turn)
{
    while (is_over_quota(shelf))
        shelf_evict(
            shelf, turn, shelf_worst(shelf, turn_hour(turn), SHELF_ANY_EDGE));
    size_t looks = SHELF_LOOK_STEP;
    uint32_t number;
    for (size_t i = 0; i < SHELF_FORGET_STEP; i++) {
        if (!shelf_expired(shelf, turn_hour(turn), &looks, &number))
            return;
        forget(shelf, turn, number);
    }
}

uint64_t shelf_deadline_ms(
    const struct shelf *shelf, uint64_t now_ms, uint64_t clock_s)
{
    uint64_t hour = is_over_quota(shelf) ? 0 : shelf_first_expiry_h(shelf);
    if (hour == UINT64_MAX)
        return UINT64_MAX;
    uint64_t expiry_s = hour * HOUR_S;
    if (expiry_s <= clock_s)
        return now_ms;
    return now_ms + (expiry_s - clock_s) * 1000;
}

size_t shelf_bytes(const struct shelf *shelf)
{
    return shelf->mark_count + table_bytes(&shelf->stored) +
           shelf->hour_capacity * sizeof(*shelf->hours) +
           shelf->bucket_capacity * sizeof(*shelf->buckets) +
           shelf->edge_capacity * sizeof(*shelf->edges) +
           shelf->change_capacity * sizeof(*shelf->changes) +
           memo_bytes(&shelf->refused) + set_view_bytes(shelf->view);
}

static const char *edge_violation(
    const struct shelf *shelf, const struct shelf_edge *edge)
{
    return edge->bytes > shelf->quota_bytes / SHELF_SHARE
               ? "an edge fills more than its share"
               : NULL;
}

/* Of a number, and what is stored under it or NULL. */
static const char *item_violation(
    const struct shelf *shelf, uint32_t number, const struct shelf_stored *item)
{
    bool is_member = shelf_mark_state(shelf, number) == SET_MEMBER;
    if (is_member != (item != NULL))
        return "an item is not marked as what it is";
    const char *why = shelf_known_item_violation(shelf, number);
    if (!why && is_member && item->edge != SHELF_EDGE_OWN &&
        item->edge != SHELF_EDGE_CARRIED)
        why = edge_violation(shelf, &shelf->edges[item->edge - 1]);
    return why;
}

/* By whom all that takes room was brought. */
static const char *accounts_violation(const struct shelf *shelf)
{
    uint64_t bytes = shelf->own.bytes + shelf->carried.bytes;
    for (size_t i = 0; i < shelf->edge_count; i++)
        bytes += shelf->edges[i].bytes;
    return bytes == shelf->stored_bytes + shelf->hidden_bytes
               ? NULL
               : "the edges' bytes are miscounted";
}

const char *shelf_item_violation(
    const struct shelf *shelf, const struct envelope_id *id)
{
    uint32_t number = find(shelf, id);
    if (number == CATALOG_NONE)
        return accounts_violation(shelf);
    const struct shelf_stored *item = shelf_stored_at(shelf, number);
    const char *why = item_violation(shelf, number, item);
    if (!why && item)
        why = shelf_bucket_item_violation(shelf, item);
    return why ? why : accounts_violation(shelf);
}

const char *shelf_step_violation(const struct shelf *shelf)
{
    if (shelf_occupied_bytes(shelf) > shelf->quota_bytes)
        return "the shelf holds more than its quota";
    if (shelf->sum.count != shelf->stored.count ||
        shelf->known_count !=
            shelf->stored.count + shelf->cleared_count + shelf->evicted_count)
        return "the shelf miscounts";
    if (!set_sum_equal(&shelf->sum, &shelf->marked))
        return "the shelf's sum is wrong";
    if (shelf->carried.bytes > shelf->quota_bytes / SHELF_SHARE)
        return "what came by hand fills more than its share";
    return NULL;
}

static const char *lists_violation(const struct shelf *shelf)
{
    uint64_t in_buckets = 0;
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        in_buckets += shelf->buckets[i].count;
        const char *why = shelf_bucket_violation(shelf, &shelf->buckets[i]);
        if (why)
            return why;
    }
    return in_buckets == shelf->stored.count ? shelf_known_violation(shelf)
                                             : "a bucket miscounts";
}

static const char *edges_violation(const struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->edge_count; i++) {
        const char *why = edge_violation(shelf, &shelf->edges[i]);
        if (why)
            return why;
    }
    return accounts_violation(shelf);
}

const char *shelf_violation(const struct shelf *shelf)
{
    uint64_t bytes = 0, cleared = 0, evicted = 0;
    struct set_sum sum = {0};
    const char *why = shelf_step_violation(shelf);
    for (uint32_t number = 0; !why && number < shelf->mark_count; number++) {
        enum set_state state = shelf_mark_state(shelf, number);
        cleared += state == SET_CLEARED;
        evicted += state == SET_EVICTED;
        if (state != SET_UNKNOWN)
            why = item_violation(shelf, number, shelf_stored_at(shelf, number));
        if (state != SET_MEMBER)
            continue;
        bytes += entry_of(shelf, number)->bytes;
        set_sum_add(&sum, entry_of(shelf, number)->member);
    }
    if (why)
        return why;
    if (bytes != shelf->stored_bytes || cleared != shelf->cleared_count ||
        evicted != shelf->evicted_count)
        return "the shelf miscounts";
    if (!set_sum_equal(&sum, &shelf->sum))
        return "the shelf's sum is wrong";
    why = lists_violation(shelf);
    if (!why)
        why = memo_violation(&shelf->refused);
    return why ? why : edges_violation(shelf);
}
