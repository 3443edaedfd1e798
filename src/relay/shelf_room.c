/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has to go for a newcomer: what is worth less, among what its edge has
 * brought where that fills its share, else anywhere.  Whether all of that is
 * enough is known before anything goes, so that nothing goes in vain.
 *
 * What there was no room for is remembered, though it is not known: were it
 * known, as what was evicted is, a shelf that was full for a while would never
 * take it.  Room is judged by the best stamp that it was seen with.  Anybody
 * can bring an envelope with a worse stamp than it has, or none; so one peer's
 * word does not do, and what two agree on is asked for again after a while. */
#include <assert.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/shelf.h"
#include "relay/shelf_inside.h"

enum { OPINIONS = sizeof((struct shelf_refused){0}.by) / sizeof(uint64_t) };

uint64_t shelf_occupied_bytes(const struct shelf *shelf)
{
    return shelf->stored_bytes + shelf->hidden_bytes;
}

/* What is asked of a shelf, and how much of it is too much. */
struct request {
    uint64_t key;
    unsigned edge;
    uint64_t over_share, over_quota;
};

static uint64_t too_many(uint64_t bytes, uint64_t most)
{
    return bytes > most ? bytes - most : 0;
}

static struct request request_for(
    struct shelf *shelf, uint64_t key, uint64_t bytes)
{
    struct request request = {.key = key,
        .edge = shelf_key_edge(key),
        .over_quota =
            too_many(shelf_occupied_bytes(shelf) + bytes, shelf->quota_bytes)};
    if (request.edge != SHELF_EDGE_OWN)
        request.over_share =
            too_many(shelf_edge_at(shelf, request.edge)->bytes + bytes,
                shelf->quota_bytes / SHELF_SHARE);
    return request;
}

static uint64_t key_of(const struct shelf_hidden *item)
{
    return shelf_bucket_key(
        item->expires_h, item->bytes, item->bits, item->edge);
}

/* Whether all that is worth less is enough: the worst alone says no soonest. */
static bool has_room(
    struct shelf *shelf, const struct request *request, uint32_t hour)
{
    uint64_t of_edge = 0, of_all = 0;
    if (request->over_share == 0 && request->over_quota == 0)
        return true;
    const struct shelf_bucket *worst = shelf_worst(
        shelf, hour, request->over_share ? request->edge : SHELF_ANY_EDGE);
    if (!worst || !shelf_is_worse(worst->key, request->key, hour))
        return false;
    for (size_t i = 0; i < shelf->bucket_count; i++) {
        const struct shelf_bucket *bucket = &shelf->buckets[i];
        if (!shelf_is_worse(bucket->key, request->key, hour))
            continue;
        uint64_t bytes = shelf_bucket_bytes(bucket);
        of_all += bytes;
        of_edge += shelf_key_edge(bucket->key) == request->edge ? bytes : 0;
        if (of_edge >= request->over_share && of_all >= request->over_quota)
            return true;
    }
    return false;
}

bool shelf_make_room(
    struct shelf *shelf, struct turn *turn, const struct shelf_hidden *newcomer)
{
    uint32_t hour = turn_hour(turn);
    uint64_t key = key_of(newcomer);
    struct request request = request_for(shelf, key, newcomer->bytes);
    if (!has_room(shelf, &request, hour))
        return false;
    while (request.over_share > 0 || request.over_quota > 0) {
        const struct shelf_bucket *worst = shelf_worst(
            shelf, hour, request.over_share ? request.edge : SHELF_ANY_EDGE);
        assert(worst && shelf_is_worse(worst->key, key, hour));
        shelf_evict(shelf, turn, worst);
        request = request_for(shelf, key, newcomer->bytes);
    }
    return true;
}

void shelf_refused_init(struct shelf *shelf)
{
    shelf->left.key = SHELF_NO_KEY;
    memo_init(&shelf->refused, sizeof(struct envelope_id),
        sizeof(struct shelf_refused), LIMIT_REFUSED_IDS,
        shelf->catalog->by_id.seed);
}

static uint64_t name_of(const struct node_key *key)
{
    uint64_t name;
    memcpy(&name, key->bytes, sizeof(name));
    return name;
}

static bool was_brought_by(const struct shelf_refused *refused, uint64_t name)
{
    for (size_t i = 0; i < refused->by_count; i++)
        if (refused->by[i] == name)
            return true;
    return false;
}

/* It has rested, or is new. */
static void rest_anew(struct shelf_refused *refused, const struct turn *turn)
{
    uint64_t rest_ms = 2 * refused->rest_ms;
    if (rest_ms == 0)
        rest_ms = SHELF_REST_MS;
    if (rest_ms > SHELF_REST_MOST_MS)
        rest_ms = SHELF_REST_MOST_MS;
    refused->rest_ms = rest_ms;
    refused->until_ms = turn->now_ms + rest_ms;
    refused->by_count = 0;
}

void shelf_refuse(struct shelf *shelf, struct turn *turn,
    const struct shelf_hidden *newcomer, const struct node_key *from)
{
    void *out;
    if (!from)
        return;
    if (memo_add(&shelf->refused, &newcomer->id, &out)) {
        turn->status = STATUS_NO_MEMORY;
        return;
    }
    struct shelf_refused *refused = out;
    uint64_t name = name_of(from);
    if (refused->until_ms <= turn->now_ms)
        rest_anew(refused, turn);
    if (refused->by_count < OPINIONS && !was_brought_by(refused, name))
        refused->by[refused->by_count++] = name;
    refused->expires_h = newcomer->expires_h;
    refused->bytes = newcomer->bytes;
    if (refused->bits < newcomer->bits)
        refused->bits = newcomer->bits;
}

/* Whose account it would be on if that peer brought it: what has none yet is
 * on nobody's. */
static uint8_t edge_of(const struct shelf *shelf, const struct node_key *from)
{
    for (size_t i = 0; from && i < shelf->edge_count; i++)
        if (node_key_equal(&shelf->edges[i].key, from))
            return (uint8_t)(i + 1);
    return SHELF_EDGE_OWN;
}

static void leave(
    struct shelf *shelf, uint64_t key, uint16_t bytes, uint32_t hour)
{
    if (shelf->left.key == SHELF_NO_KEY ||
        shelf_is_worse(shelf->left.key, key, hour))
        shelf->left = (struct shelf_left){.key = key, .bytes = bytes};
}

bool shelf_leaves(struct shelf *shelf, const struct turn *turn,
    const struct envelope_id *id, const struct node_key *from)
{
    const struct shelf_refused *refused = memo_find(&shelf->refused, id);
    if (!refused || refused->until_ms <= turn->now_ms)
        return false;
    uint64_t key = shelf_bucket_key(refused->expires_h, refused->bytes,
        refused->bits, edge_of(shelf, from));
    struct request request = request_for(shelf, key, refused->bytes);
    bool is_sure = refused->by_count == OPINIONS ||
                   (from && was_brought_by(refused, name_of(from)));
    if (!is_sure || has_room(shelf, &request, turn_hour(turn)))
        return false;
    leave(shelf, key, refused->bytes, turn_hour(turn));
    return true;
}

bool shelf_take_room(struct shelf *shelf, const struct turn *turn)
{
    if (shelf->left.key == SHELF_NO_KEY || !shelf->left.may_fit)
        return false;
    struct request request =
        request_for(shelf, shelf->left.key, shelf->left.bytes);
    shelf->left.may_fit = false;
    if (!has_room(shelf, &request, turn_hour(turn)))
        return false;
    shelf->left.key = SHELF_NO_KEY;
    return true;
}
