/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay looked at from outside; nothing here changes it. */
#include "relay/relay.h"

#include <assert.h>
#include <string.h>

#include "relay/relay_state.h"

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[REFUSAL_COUNT] = {
        [REFUSAL_MALFORMED] = "malformed",
        [REFUSAL_UNKNOWN_TYPE] = "unknown-type",
        [REFUSAL_BEFORE_HELLO] = "before-hello",
        [REFUSAL_DUPLICATE] = "duplicate",
        [REFUSAL_EXPIRED] = "expired",
        [REFUSAL_TOO_FAR_AHEAD] = "too-far-ahead",
        [REFUSAL_NO_ROOM] = "no-room",
        [REFUSAL_RATE] = "rate",
        [REFUSAL_VALUE] = "value",
        [REFUSAL_FALSE_STAMP] = "false-stamp",
        [REFUSAL_FALSE_RECEIPT] = "false-receipt",
        [REFUSAL_EARLY_RECEIPT] = "early-receipt",
        [REFUSAL_RECONCILE] = "reconcile",
        [REFUSAL_LINK] = "link",
        [REFUSAL_CLOCK] = "clock",
        [REFUSAL_GRAYLIST] = "graylist",
        [REFUSAL_MEMBER] = "member",
    };
    assert((size_t)refusal < REFUSAL_COUNT);
    return names[refusal];
}

const char *link_state_name(enum link_state state)
{
    switch (state) {
    case LINK_DIALLING:
        return "dialling";
    case LINK_PROBATION:
        return "probation";
    case LINK_OPEN:
        return "up";
    case LINK_BACKOFF:
        return "backoff";
    }
    assert(false);
    return NULL;
}

const char *link_why_name(enum link_why why)
{
    switch (why) {
    case LINK_WHY_PINNED:
        return "pinned";
    case LINK_WHY_BEACON:
        return "beacon";
    case LINK_WHY_FOUND:
        return "found";
    case LINK_WHY_INBOUND:
        return "inbound";
    }
    assert(false);
    return NULL;
}

const char *standing_name(enum standing standing)
{
    switch (standing) {
    case STANDING_GOOD:
        return "good";
    case STANDING_POOR:
        return "poor";
    case STANDING_REFUSED:
        return "refused";
    case STANDING_GRAYLISTED:
        return "graylisted";
    }
    assert(false);
    return NULL;
}

/* A node that we want ourselves is there for that reason, whoever dialled. */
static enum link_why why_of(const struct dial_target *target, bool outbound)
{
    if (target &&
        (target->origin == ORIGIN_PERSON || target->origin == ORIGIN_CONFIG))
        return LINK_WHY_PINNED;
    if (!outbound)
        return LINK_WHY_INBOUND;
    return target && target->origin == ORIGIN_MEMBER ? LINK_WHY_FOUND
                                                     : LINK_WHY_BEACON;
}

static void view_target(const struct relay *relay,
    const struct dial_target *target, struct relay_view *out)
{
    if (links_find_key(&relay->links, &target->key) ||
        target->state == DIAL_RESTING)
        return;
    struct relay_link_view *view = &out->links[out->link_count++];
    *view = (struct relay_link_view){
        .key = target->key,
        .state = target->state == DIAL_DIALLING ? LINK_DIALLING : LINK_BACKOFF,
        .why = why_of(target, true),
        .was_answered = target->state == DIAL_WAITING && target->was_answered,
        .outbound = true,
        .since_ms = target->since_ms,
        .score = score_of(&relay->score, relay->now_ms, &target->key),
        .standing = score_standing(&relay->score, relay->now_ms, &target->key),
    };
    memcpy(view->endpoint, target->endpoint, strlen(target->endpoint) + 1);
}

static void view_link(
    const struct relay *relay, const struct link *link, struct relay_view *out)
{
    struct relay_link_view *view = &out->links[out->link_count++];
    const struct dial_target *target = dial_find(&relay->dial, &link->key);
    *view = (struct relay_link_view){
        .link = link->number,
        .why = why_of(target, link->outbound),
        .key = link->key,
        .state = link->open ? LINK_OPEN : LINK_PROBATION,
        .outbound = link->outbound,
        .since_ms = link->since_ms,
        .rtt_ms = link_rtt_ms(link),
        .score = score_of(&relay->score, relay->now_ms, &link->key),
        .standing = score_standing(&relay->score, relay->now_ms, &link->key),
        .received_bytes = link->received_bytes,
        .received_frames = link->received_frames,
    };
    if (link->outbound && target)
        memcpy(view->endpoint, target->endpoint, strlen(target->endpoint) + 1);
}

void relay_look(const struct relay *relay, struct relay_view *out)
{
    const struct shelf *shelf = &relay->shelf;
    *out = (struct relay_view){
        .shelf_envelopes = shelf->sum.count,
        .shelf_bytes = shelf->stored_bytes,
        .shelf_quota_bytes = shelf->quota_bytes,
        .shelf_cleared = shelf->cleared_count,
        .shelf_saved_bytes = shelf->cleared_bytes,
        .shelf_evicted = shelf->evicted_count,
        .known_ids = shelf->known_count,
        .hidden = relay->stem.items.count,
        .least_value = relay->admission.least,
        .asked_value = relay->admission.asked,
        .stamps_making = relay->admission.making.count,
        .stamps_checked = relay->admission.checked_count,
    };
    memcpy(out->refused, relay->refused, sizeof(out->refused));
    for (size_t i = 0; i < relay->links.count && i < LIMIT_LINKS; i++)
        view_link(relay, &relay->links.list[i], out);
    for (size_t i = 0; i < relay->dial.count; i++)
        view_target(relay, &relay->dial.list[i], out);
}

bool relay_knows(const struct relay *relay, const struct envelope_id *id,
    enum shelf_state *state)
{
    struct shelf_item item;
    bool is_known = shelf_find(&relay->shelf, id, &item);
    if (is_known)
        *state = item.state;
    return is_known;
}

bool relay_hides_any(const struct relay *relay)
{
    return relay->stem.items.count > 0;
}

bool relay_hides(const struct relay *relay, const struct envelope_id *id)
{
    const struct stem_item *item = stem_find(&relay->stem, id);
    return item && item->bytes > 0;
}

uint8_t relay_least_of(const struct relay *relay, uint32_t link)
{
    const struct peers *peers = &relay->links.peers;
    for (size_t i = 0; i < peers->count; i++)
        if (peers->list[i].link == link)
            return peers->list[i].least;
    return 0;
}

int32_t relay_score_of(const struct relay *relay, uint32_t number)
{
    const struct link *link = links_find(&relay->links, number);
    return link ? score_of(&relay->score, relay->now_ms, &link->key) : 0;
}

uint64_t relay_refused(const struct relay *relay, enum refusal why)
{
    return relay->refused[why];
}

size_t relay_edges(const struct relay *relay, uint32_t out[static LIMIT_LINKS])
{
    return member_edges(&relay->member, out);
}

size_t relay_eager(const struct relay *relay, uint32_t out[static LIMIT_LINKS])
{
    return tree_eager(&relay->tree, out);
}

size_t relay_bytes(const struct relay *relay)
{
    return sizeof(*relay) + catalog_bytes(&relay->own_catalog) +
           links_bytes(&relay->links) + dial_bytes(&relay->dial) +
           member_bytes(&relay->member) + score_bytes(&relay->score) +
           admission_bytes(&relay->admission) + bids_bytes(&relay->bids) +
           shelf_bytes(&relay->shelf) + broadcast_bytes(&relay->broadcast) +
           tree_bytes(&relay->tree) + stem_bytes(&relay->stem) +
           receipts_bytes(&relay->receipts) +
           reconcile_bytes(&relay->reconcile) + wants_bytes(&relay->wants);
}

/* A line of the cache, and the most of one room that is sent for: more would
 * push out what was sent for before. */
enum { LINE_BYTES = 64, WARM_BYTES = 1024 };

static void warm(const void *memory, size_t bytes)
{
    const char *at = memory;
    if (!at || bytes == 0)
        return;
    const char *end = at + (bytes < WARM_BYTES ? bytes : WARM_BYTES);
    for (at -= (uintptr_t)at % LINE_BYTES; at < end; at += LINE_BYTES)
        __builtin_prefetch(at);
}

/* What each step looks at; relay_state.h has it side by side. */
#define PART(from, to)                                                         \
    {                                                                          \
        offsetof(struct relay, from), offsetof(struct relay, to)               \
    }
static const struct {
    size_t from, to;
} parts[] = {
    PART(random, bids.list.maximum),
    PART(dial.list, links.capacity),
    PART(member.list, wants.queues),
    PART(reconcile.peers, shelf.hour_capacity),
    PART(broadcast, receipts.waiting.maximum),
    PART(stem, stem.links),
};
#undef PART

void relay_warm(const struct relay *relay)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        warm((const char *)relay + parts[i].from, parts[i].to - parts[i].from);
}

void relay_warm_rooms(const struct relay *relay)
{
    warm(relay->links.numbers,
        relay->links.count * sizeof(*relay->links.numbers));
    warm(relay->links.peers.list,
        relay->links.peers.count * sizeof(*relay->links.peers.list));
    warm(
        relay->tree.edges, relay->tree.edge_count * sizeof(*relay->tree.edges));
    for (int kind = 0; kind < TREE_KINDS; kind++)
        __builtin_prefetch(relay->tree.recent[kind].pages);
    warm(relay->score.list, relay->score.count * sizeof(*relay->score.list));
    warm(relay->wants.queues, relay->wants.count * LINE_BYTES);
    reconcile_warm(&relay->reconcile);
}

void relay_warm_frame(const struct relay *relay, uint32_t link, uint32_t number)
{
    const struct link *there = links_find(&relay->links, link);
    if (there)
        warm(there, sizeof(*there));
    if (number == CATALOG_NONE)
        return;
    shelf_warm(&relay->shelf, number);
    tree_warm(&relay->tree, number);
}

void relay_warm_new(const struct relay *relay, const struct envelope_id *id)
{
    uint32_t number = catalog_warm(relay->catalog, id);
    table_warm(&relay->shelf.stored, &number);
    shelf_warm(&relay->shelf, number);
    tree_warm(&relay->tree, number);
}
