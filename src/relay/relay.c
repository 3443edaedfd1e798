/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of contents of the relay: which room sees an event, and what it
 * found is handed to which other.  What is decided, the rooms decide:
 *
 *   links       who is there; HELLO, silence, two links to one node
 *   dial        whom to dial, and when
 *   member      who are the neighbours, of all that there are
 *   score       what a peer is worth, over a restart, and what it may spend
 *   admission   what an envelope must be worth to be taken
 *   bids        one's own that were declined, to be worth more
 *   shelf       envelopes kept for all; what they weigh, when they go
 *   catalog     what an id alone decides, under a number
 *   tree        to whom what is new is pushed, and to whom announced
 *   stem        what is hidden on its first hops, and for how long
 *   broadcast   how many have taken one's own
 *   receipts    those that came before their envelope
 *   reconcile   with whom sets are compared, and when
 *   wants       what was asked for, and of whom
 *
 * Its chapters are relay_link.c (links and dials), relay_member.c (neighbours),
 * relay_mail.c (envelopes and receipts), relay_import.c (those that come by
 * hand), relay_stem.c (hidden first hops), relay_bid.c (what was worth too
 * little), relay_catch.c (catching up), relay_look.c (a look from outside) and
 * relay_violation.c (what must hold).  They alone know all the rooms. */
#include "relay/relay.h"

#include <assert.h>
#include <stdlib.h>

#include "relay/relay_state.h"

enum { RECONCILE_INTERVAL_MS = 300000 };

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
    return value ? value : otherwise;
}

static void rooms_init(struct relay *relay, const struct relay_config *config)
{
    struct random *random = relay->random;
    size_t maximum = or_default(config->link_maximum, LIMIT_LINKS);
    size_t a_quarter = maximum / 4;
    links_init(&relay->links, &config->node,
        &(struct links_config){
            .maximum = maximum,
            .reserved = !config->is_member        ? 0
                        : a_quarter < MEMBER_HIGH ? a_quarter
                                                  : MEMBER_HIGH,
            .features = (FEATURE_TREE | FEATURE_STEM | FEATURE_STAMP |
                            (config->is_member ? FEATURE_MEMBER : 0)) &
                        ~config->unspoken,
        });
    dial_init(&relay->dial, &config->node);
    member_init(&relay->member,
        &(struct member_config){
            .is_on = config->is_member, .is_proxied = config->is_proxied},
        &config->node, random);
    score_init(&relay->score, (uint32_t)or_default(config->push_rate_bytes_s,
                                  LIMIT_PEER_RATE_BYTES_S));
    catalog_init(&relay->own_catalog, random_u64(random));
    relay->catalog = config->catalog ? config->catalog : &relay->own_catalog;
    shelf_init(&relay->shelf, relay->catalog,
        or_default(config->shelf_quota_bytes, LIMIT_SHELF_BYTES),
        (uint32_t)or_default(config->life_maximum_h, LIMIT_ENVELOPE_LIFE_H));
    broadcast_init(&relay->broadcast, random_u64(random));
    tree_init(&relay->tree, relay->catalog, random_u64(random));
    stem_init(&relay->stem, random_u64(random));
    receipts_init(&relay->receipts, random_u64(random));
    wants_init(&relay->wants, random_u64(random));
    admission_init(&relay->admission, relay->score.push_rate_bytes_s,
        (uint8_t)or_default(config->stamp_bits, LIMIT_STAMP_BITS),
        random_u64(random));
    bids_init(&relay->bids, random_u64(random));
    reconcile_init(&relay->reconcile,
        or_default(config->reconcile_interval_ms, RECONCILE_INTERVAL_MS),
        relay->catalog->by_id.seed);
}

struct relay *relay_new(
    const struct relay_config *config, struct random *random)
{
    assert(config->endpoint_count <= LIMIT_HELLO_ENDPOINTS);
    struct relay *relay = calloc(1, sizeof(*relay));
    if (!relay)
        return NULL;
    relay->random = random;
    relay->due_ms = UINT64_MAX;
    rooms_init(relay, config);
    struct span endpoints[LIMIT_HELLO_ENDPOINTS];
    for (size_t i = 0; i < config->endpoint_count; i++)
        endpoints[i] = span_of_text(config->endpoints[i]);
    relay_set_endpoints(relay, config->endpoint_count, endpoints);
    return relay;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    links_clear(&relay->links);
    dial_clear(&relay->dial);
    member_clear(&relay->member);
    score_clear(&relay->score);
    admission_clear(&relay->admission);
    bids_clear(&relay->bids);
    shelf_clear(&relay->shelf);
    broadcast_clear(&relay->broadcast);
    tree_clear(&relay->tree);
    stem_clear(&relay->stem);
    receipts_clear(&relay->receipts);
    reconcile_clear(&relay->reconcile);
    wants_clear(&relay->wants);
    catalog_clear(&relay->own_catalog);
    free(relay);
}

void relay_set_endpoints(
    struct relay *relay, size_t count, const struct span endpoints[])
{
    /* Without memory a HELLO names no endpoint, which is no lie. */
    if (links_set_endpoints(&relay->links, count, endpoints))
        return;
}

static void on_open_frame(struct relay *relay, struct turn *turn,
    struct link *link, const struct relay_event *event)
{
    const struct frame *frame = event->frame.frame;
    switch (frame->type) {
    case FRAME_HELLO:
    case FRAME_DISCONNECT:
        return; /* seen to before */
    case FRAME_PING:
        turn_send(turn, link->number, FRAME_PONG)->ping = frame->ping;
        return;
    case FRAME_PONG:
        links_pong(&relay->links, link, turn, frame->ping.nonce);
        return;
    case FRAME_JOIN:
    case FRAME_FORWARD_JOIN:
    case FRAME_NEIGHBOR:
    case FRAME_NEIGHBOR_REPLY:
    case FRAME_SHUFFLE:
    case FRAME_SHUFFLE_REPLY:
        member_frame(&relay->member, turn, link->number, frame);
        return;
    case FRAME_TERMS:
        relay_terms(relay, turn, link, &frame->terms);
        return;
    case FRAME_DECLINED:
        relay_declined(relay, turn, link, &frame->ids);
        return;
    case FRAME_PUSH:
        relay_push(relay, turn, link, event);
        return;
    case FRAME_IHAVE:
    case FRAME_IDONTWANT: /* another says: I have it */
        relay_ihave(relay, turn, link, frame);
        return;
    case FRAME_GRAFT:
        relay_graft(relay, turn, link, &frame->ids);
        return;
    case FRAME_PRUNE:
        tree_pruned(&relay->tree, link->number);
        return;
    case FRAME_STEM:
        relay_stem(relay, turn, link, event);
        return;
    case FRAME_WANT:
        relay_want(relay, turn, link, &frame->ids);
        return;
    case FRAME_UNKEPT:
        relay_unkept(relay, turn, link, &frame->ids);
        return;
    case FRAME_RECONCILE:
        relay_reconcile(relay, turn, link, &frame->reconcile);
        return;
    case FRAME_RECEIPT:
    case FRAME_STEM_RECEIPT:
        relay_receipt(relay, turn, link, frame);
        return;
    case FRAME_CLEARED:
        relay_cleared(relay, turn, link, &frame->ids);
        return;
    }
    turn_refuse(turn, REFUSAL_UNKNOWN_TYPE);
}

static void on_frame(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct link *link = links_find(&relay->links, event->frame.link);
    if (!link) /* it was hung up while the frame was on its way */
        return;
    const struct frame *frame = event->frame.frame;
    links_heard(link, turn, event->frame.bytes);
    if (frame->type == FRAME_HELLO)
        relay_hello(relay, turn, link, &frame->hello);
    else if (frame->type == FRAME_DISCONNECT)
        relay_disconnect(relay, turn, link, &frame->disconnect);
    else if (!link->open)
        turn_refuse(turn, REFUSAL_BEFORE_HELLO);
    else
        on_open_frame(relay, turn, link, event);
}

static void on_lookup(struct turn *turn, const struct relay_event *event)
{
    for (size_t i = 0; i < event->lookup.count; i++)
        turn_effect(turn, RELAY_FIND)->tag = event->lookup.tags[i];
}

/* What time alone brings about; after every event, so that nothing that is due
 * waits for a tick of its own.  But not between restored items: the store is
 * being walked. */
static void pass_time(struct relay *relay, struct turn *turn)
{
    relay_bury_dead(relay, turn);
    links_tick(&relay->links, turn);
    dial_tick(&relay->dial, turn);
    member_tick(&relay->member, turn);
    score_tick(&relay->score, turn);
    relay_show(relay, turn);
    tree_tick(&relay->tree, turn);
    relay_judge_promises(relay, turn);
    relay_look_at_pressure(relay, turn);
    relay_bid(relay, turn);
    relay_catch_up(relay, turn);
    relay_expire(relay, turn);
    relay_member_settle(relay, turn);
}

/* A push that was not sent is announced; what else it lost, the next
 * catch-up with that peer brings. */
static void on_dropped(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    uint32_t link = event->dropped.link;
    if (!event->dropped.is_push ||
        !tree_dropped(&relay->tree, turn, link, &event->dropped.id))
        reconcile_again(&relay->reconcile, turn, link);
}

static void take(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    switch (event->kind) {
    case RELAY_TICK:
        return;
    case RELAY_RESTORED:
        shelf_restore(&relay->shelf, turn, event);
        return;
    case RELAY_RESTORED_NODE:
        member_restore(&relay->member, turn, event->restored_node);
        return;
    case RELAY_RESTORED_SCORE:
        score_restore(&relay->score, turn, event->restored_score);
        return;
    case RELAY_CONNECT:
        relay_connect(relay, turn, event);
        return;
    case RELAY_DISCONNECT:
        relay_part(relay, turn, event);
        return;
    case RELAY_LINK_UP:
        relay_link_up(relay, turn, event);
        return;
    case RELAY_LINK_DOWN:
        relay_link_down(relay, turn, event);
        return;
    case RELAY_DIAL_FAILED:
        dial_failed(&relay->dial, turn, event->dial_failed.target,
            event->dial_failed.was_answered);
        return;
    case RELAY_FRAME:
        on_frame(relay, turn, event);
        return;
    case RELAY_MALFORMED:
        relay_malformed(relay, turn, event->link.link);
        return;
    case RELAY_UNKNOWN:
        relay_unknown(relay, turn, event);
        return;
    case RELAY_DROPPED:
        on_dropped(relay, turn, event);
        return;
    case RELAY_LOST:
        relay_lost(relay, turn, &event->lost.id);
        return;
    case RELAY_SUBMIT:
        relay_submit(relay, turn, event);
        return;
    case RELAY_CHECKED:
        relay_checked(relay, turn, event);
        return;
    case RELAY_STAMPED:
        relay_stamped(relay, turn, event);
        return;
    case RELAY_RELEASE:
        relay_release(relay, turn, event);
        return;
    case RELAY_LOOKUP:
        on_lookup(turn, event);
        return;
    case RELAY_IMPORT:
        relay_import(relay, turn, event);
        return;
    case RELAY_LISTEN:
        relay->listening = event->listen;
        return;
    case RELAY_STOP:
        relay_stop(relay, turn);
        return;
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When something is due; as a walk over the rooms. */
static uint64_t find_due_ms(const struct relay *relay)
{
    if (relay->stopped)
        return UINT64_MAX;
    uint64_t deadline = links_deadline_ms(&relay->links);
    deadline = least(deadline, dial_deadline_ms(&relay->dial));
    deadline = least(deadline, member_deadline_ms(&relay->member));
    deadline = least(deadline, score_deadline_ms(&relay->score));
    deadline = least(deadline, reconcile_deadline_ms(&relay->reconcile));
    deadline = least(deadline, wants_deadline_ms(&relay->wants));
    deadline = least(deadline, tree_deadline_ms(&relay->tree));
    deadline = least(deadline, stem_deadline_ms(&relay->stem));
    deadline = least(deadline, admission_deadline_ms(&relay->admission));
    deadline = least(deadline, bids_deadline_ms(&relay->bids));
    return least(deadline,
        shelf_deadline_ms(&relay->shelf, relay->now_ms, relay->clock_s));
}

/* The link that brought an event's mail; 0. */
static uint32_t source_of(const struct relay_event *event)
{
    bool came = event->kind == RELAY_FRAME || event->kind == RELAY_CHECKED;
    return came ? event->frame.link : 0;
}

static bool is_restoring(enum relay_event_kind kind)
{
    return kind == RELAY_RESTORED || kind == RELAY_RESTORED_NODE ||
           kind == RELAY_RESTORED_SCORE;
}

/* What was evicted for want of room can be given to nobody: it is not to be
 * announced any more. */
static void tell_no_evicted(
    struct relay *relay, const struct relay_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->list[i].kind == RELAY_EVICT)
            tree_forget(&relay->tree, &effects->list[i].id);
}

enum status relay_step(struct relay *relay, const struct relay_event *event,
    struct relay_effects *effects)
{
    struct turn turn = {
        .now_ms = event->now_ms,
        .clock_s = event->clock_s,
        .random = relay->random,
        .from = source_of(event),
        .peers = &relay->links.peers,
        .refused = relay->refused,
        .effects = effects,
    };
    relay->now_ms = event->now_ms;
    relay->clock_s = event->clock_s;
    take(relay, &turn, event);
    tell_no_evicted(relay, effects);
    bool restoring = is_restoring(event->kind);
    if (!restoring)
        relay_member_settle(relay, &turn);
    relay->due_ms = find_due_ms(relay);
    if (!turn.status && !restoring && relay->due_ms <= relay->now_ms) {
        turn.from = 0;
        pass_time(relay, &turn);
        tell_no_evicted(relay, effects);
        relay->due_ms = find_due_ms(relay);
    }
    return turn.status;
}

uint64_t relay_deadline_ms(const struct relay *relay)
{
    return relay->due_ms;
}
