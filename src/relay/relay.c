/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of contents of the relay: which room sees an event, and what it
 * found is handed to which other.  What is decided, the rooms decide. */
#include "relay/relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "relay/broadcast.h"
#include "relay/dial.h"
#include "relay/links.h"
#include "relay/receipts.h"
#include "relay/reconcile.h"
#include "relay/score.h"
#include "relay/shelf.h"
#include "relay/turn.h"
#include "relay/wants.h"

enum {
    RECONCILE_INTERVAL_MS = 300000,
    WANT_ANSWER_BYTES = 192 * 1024, /* given for one WANT */
};

struct relay {
    struct random *random;
    struct links links;
    struct dial dial;
    struct score score;
    struct shelf shelf;
    struct broadcast broadcast;
    struct receipts receipts;
    struct reconcile reconcile;
    struct wants wants;
    bool listening;
    bool stopped;
    uint64_t now_ms; /* of the last event */
    uint64_t clock_s;
    uint64_t refused[REFUSAL_COUNT];
};

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
    return value ? value : otherwise;
}

static void rooms_init(struct relay *relay, const struct relay_config *config)
{
    struct random *random = relay->random;
    links_init(&relay->links, &config->node,
        or_default(config->link_maximum, LIMIT_LINKS));
    dial_init(&relay->dial, &config->node);
    score_init(&relay->score, (uint32_t)or_default(config->push_rate_bytes_s,
                                  LIMIT_PEER_RATE_BYTES_S));
    shelf_init(&relay->shelf,
        or_default(config->shelf_quota_bytes, LIMIT_SHELF_BYTES),
        (uint32_t)or_default(config->life_maximum_h, LIMIT_ENVELOPE_LIFE_H),
        random_u64(random));
    broadcast_init(&relay->broadcast, random_u64(random));
    receipts_init(&relay->receipts, random_u64(random));
    wants_init(&relay->wants, random_u64(random));
    reconcile_init(&relay->reconcile,
        or_default(config->reconcile_interval_ms, RECONCILE_INTERVAL_MS));
}

struct relay *relay_new(
    const struct relay_config *config, struct random *random)
{
    assert(config->endpoint_count <= LIMIT_HELLO_ENDPOINTS);
    struct relay *relay = calloc(1, sizeof(*relay));
    if (!relay)
        return NULL;
    relay->random = random;
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
    score_clear(&relay->score);
    shelf_clear(&relay->shelf);
    broadcast_clear(&relay->broadcast);
    receipts_clear(&relay->receipts);
    reconcile_clear(&relay->reconcile);
    wants_clear(&relay->wants);
    free(relay);
}

void relay_set_endpoints(
    struct relay *relay, size_t count, const struct span endpoints[])
{
    /* Without memory a HELLO names no endpoint, which is no lie. */
    if (links_set_endpoints(&relay->links, count, endpoints))
        return;
}

/* Leaving a link: every room forgets it. */
static void forget_link(
    struct relay *relay, struct turn *turn, uint32_t number, enum dial_end end)
{
    const struct link *link = links_find(&relay->links, number);
    if (!link)
        return;
    struct node_key key = link->key;
    links_remove(&relay->links, number);
    score_link_down(&relay->score, turn, &key);
    reconcile_link_down(&relay->reconcile, number);
    if (wants_link_down(&relay->wants, number))
        reconcile_others(&relay->reconcile, turn, number);
    dial_link_down(&relay->dial, turn, &key, end);
}

static void hang_up(struct turn *turn, uint32_t number)
{
    turn_effect(turn, RELAY_HANGUP)->link = number;
}

static void goodbye(
    struct turn *turn, uint32_t number, enum disconnect_reason reason)
{
    turn_send(turn, number, FRAME_DISCONNECT)->disconnect.reason = reason;
    hang_up(turn, number);
}

static void end_link(struct relay *relay, struct turn *turn, uint32_t number,
    enum disconnect_reason reason)
{
    goodbye(turn, number, reason);
    forget_link(relay, turn, number,
        reason == DISCONNECT_DUPLICATE ? DIAL_END_LOST : DIAL_END_GOODBYE);
}

/* Change a peer's score, and end the link if it fell too low. */
static void judge(
    struct relay *relay, struct turn *turn, uint32_t number, int32_t points)
{
    const struct link *link = links_find(&relay->links, number);
    if (link && !score_change(&relay->score, turn, &link->key, points))
        end_link(relay, turn, number, DISCONNECT_SCORE);
}

static void malformed(struct relay *relay, struct turn *turn, uint32_t number)
{
    turn_refuse(turn, REFUSAL_MALFORMED);
    judge(relay, turn, number, SCORE_MALFORMED);
}

static void refuse_link(struct turn *turn, uint32_t number,
    enum disconnect_reason reason, enum refusal why)
{
    turn_refuse(turn, why);
    goodbye(turn, number, reason);
}

/* A newer link to the same node is kept instead; its dial target stays as it
 * is, the node being linked all the while. */
static void replace_link(
    struct relay *relay, struct turn *turn, const struct node_key *key)
{
    uint32_t number = links_find_key(&relay->links, key)->number;
    turn_refuse(turn, REFUSAL_LINK);
    goodbye(turn, number, DISCONNECT_DUPLICATE);
    links_remove(&relay->links, number);
    score_link_down(&relay->score, turn, key);
    reconcile_link_down(&relay->reconcile, number);
    wants_link_down(&relay->wants, number);
}

static void take_link(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    dial_link_up(&relay->dial, turn, &link->key, link->outbound);
    score_link_up(&relay->score, turn, &link->key);
    links_add(&relay->links, turn, link);
}

static void judge_link(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    switch (links_judge(&relay->links, &link->key, link->outbound)) {
    case LINKS_SELF:
    case LINKS_FULL:
        dial_failed(&relay->dial, turn, link->target);
        refuse_link(turn, link->number, DISCONNECT_FULL, REFUSAL_LINK);
        return;
    case LINKS_REFUSE:
        if (link->outbound)
            dial_link_up(&relay->dial, turn, &link->key, true);
        refuse_link(turn, link->number, DISCONNECT_DUPLICATE, REFUSAL_LINK);
        return;
    case LINKS_REPLACE:
        replace_link(relay, turn, &link->key);
        take_link(relay, turn, link);
        return;
    case LINKS_KEEP:
        take_link(relay, turn, link);
        return;
    }
}

static void on_link_up(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct link link = {
        .number = event->link_up.link,
        .target = event->link_up.outbound ? event->link_up.target : 0,
        .key = event->link_up.key,
        .outbound = event->link_up.outbound,
    };
    if (relay->stopped) {
        goodbye(turn, link.number, DISCONNECT_LEAVING);
    } else if (link.outbound &&
               !dial_expects(&relay->dial, &link.key, link.target)) {
        hang_up(turn, link.number);
    } else if (!score_admits(&relay->score, turn, &link.key)) {
        dial_failed(&relay->dial, turn, link.target);
        refuse_link(turn, link.number, DISCONNECT_SCORE, REFUSAL_GRAYLIST);
    } else {
        judge_link(relay, turn, &link);
    }
}

static void on_hello(struct relay *relay, struct turn *turn, struct link *link,
    const struct frame_hello *hello)
{
    uint32_t number = link->number;
    switch (links_hello(&relay->links, turn, link, hello)) {
    case HELLO_OPENED:
        dial_link_open(&relay->dial, &link->key);
        reconcile_link_open(&relay->reconcile, turn, number, link->outbound);
        return;
    case HELLO_REPEATED:
        return;
    case HELLO_FALSE:
        malformed(relay, turn, number);
        return;
    case HELLO_VERSION:
        end_link(relay, turn, number, DISCONNECT_VERSION);
        return;
    }
}

/* An opening that is known to match: the shelf has cleared its item. */
static void spread_receipt(struct relay *relay, struct turn *turn,
    uint32_t from, const struct envelope_id *id, const struct opening *opening)
{
    broadcast_forget(&relay->broadcast, id);
    receipts_spread(turn, from, id, opening);
}

/* A newly stored envelope for which a receipt may have been waiting; true when
 * that has cleared it. */
static bool clear_early(
    struct relay *relay, struct turn *turn, const struct envelope_id *id)
{
    struct opening opening;
    if (!receipts_take(&relay->receipts, id, &opening))
        return false;
    if (shelf_receive(&relay->shelf, turn, id, &opening) ==
        SHELF_RECEIPT_FALSE) {
        turn_refuse(turn, REFUSAL_FALSE_RECEIPT);
        return false;
    }
    spread_receipt(relay, turn, 0, id, &opening);
    return true;
}

/* A push of what is known here: perhaps the peer does not know that it is
 * over, perhaps it is one's own that comes back. */
static void on_known_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct shelf_item *item)
{
    turn_refuse(turn, REFUSAL_DUPLICATE);
    wants_settle(&relay->wants, turn, &item->id, item->bytes);
    if (item->state == SHELF_CLEARED)
        shelf_give(&relay->shelf, turn, link->number, &item->id);
    else
        broadcast_taken(&relay->broadcast, turn, &item->id, &link->key);
}

static void on_new_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_push *push, uint32_t bytes)
{
    bool asked = wants_asked(&relay->wants, link->number, &push->id);
    wants_settle(&relay->wants, turn, &push->id, bytes);
    enum refusal why;
    if (!shelf_accepts(&relay->shelf, turn, push->envelope->expires_h, &why)) {
        turn_refuse(turn, why);
        return;
    }
    if (!shelf_store(&relay->shelf, turn, &push->id, push->envelope)) {
        turn_refuse(turn, REFUSAL_NO_ROOM);
        return;
    }
    score_change(&relay->score, turn, &link->key, SCORE_FIRST_DELIVERY);
    if (asked)
        reconcile_useful(&relay->reconcile, link->number);
    else
        score_spend(&relay->score, turn, &link->key, BUDGET_PUSHES, bytes);
    if (clear_early(relay, turn, &push->id))
        return;
    if (relay->listening)
        turn_effect_on(turn, RELAY_DELIVER, &push->id);
    if (asked) /* a catch-up: the others find out what they lack of it */
        reconcile_others(&relay->reconcile, turn, link->number);
    else
        broadcast_spread(&relay->broadcast, turn, link->number, &push->id);
}

static void on_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_push *push, uint32_t bytes)
{
    bool asked = wants_asked(&relay->wants, link->number, &push->id);
    if (!asked &&
        !score_may_spend(&relay->score, turn, &link->key, BUDGET_PUSHES)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    const struct shelf_item *item = shelf_find(&relay->shelf, &push->id);
    if (item)
        on_known_push(relay, turn, link, item);
    else
        on_new_push(relay, turn, link, push, bytes);
}

static void on_receipt(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_receipt *receipt)
{
    bool asked = wants_asked(&relay->wants, link->number, &receipt->id);
    if (!asked &&
        !score_may_spend(&relay->score, turn, &link->key, BUDGET_RECEIPTS)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    if (!asked)
        score_spend(&relay->score, turn, &link->key, BUDGET_RECEIPTS, 1);
    wants_settle(&relay->wants, turn, &receipt->id, 0);
    switch (
        shelf_receive(&relay->shelf, turn, &receipt->id, &receipt->opening)) {
    case SHELF_RECEIPT_CLEARS:
        spread_receipt(
            relay, turn, link->number, &receipt->id, &receipt->opening);
        return;
    case SHELF_RECEIPT_KNOWN:
        turn_refuse(turn, REFUSAL_DUPLICATE);
        return;
    case SHELF_RECEIPT_FALSE:
        turn_refuse(turn, REFUSAL_FALSE_RECEIPT);
        judge(relay, turn, link->number, SCORE_FALSE_RECEIPT);
        return;
    case SHELF_RECEIPT_UNKNOWN:
        turn_refuse(turn, REFUSAL_EARLY_RECEIPT);
        receipts_wait(&relay->receipts, turn, &receipt->id, &receipt->opening);
        return;
    }
}

/* Give a peer what it lacks; the bytes that takes. */
static uint32_t give(struct relay *relay, struct turn *turn,
    const struct link *link, const struct envelope_id *id)
{
    uint32_t bytes = shelf_give(&relay->shelf, turn, link->number, id);
    if (bytes > 0)
        broadcast_taken(&relay->broadcast, turn, id, &link->key);
    return bytes;
}

static void on_want(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *want)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < want->count && bytes < WANT_ANSWER_BYTES; i++) {
        if (!score_may_spend(&relay->score, turn, &link->key, BUDGET_SERVICE)) {
            turn_refuse(turn, REFUSAL_RATE);
            return;
        }
        uint32_t given = give(relay, turn, link, &want->ids[i]);
        score_spend(&relay->score, turn, &link->key, BUDGET_SERVICE, given);
        bytes += given;
    }
    if (bytes > 0)
        reconcile_served(&relay->reconcile, turn, link->number);
}

/* What a step of a reconciliation has shown is acted upon. */
static void on_findings(struct relay *relay, struct turn *turn,
    const struct link *link, const struct reconcile_findings *found)
{
    for (size_t i = 0; i < found->give_count; i++)
        give(relay, turn, link, &found->gives[i]);
    enum refusal why;
    for (size_t i = 0; i < found->want_count; i++) {
        const struct reconcile_bound *want = &found->wants[i];
        if (!shelf_accepts(&relay->shelf, turn, want->expires_h, &why))
            continue;
        if (wants_add(&relay->wants, turn, link->number, &want->id))
            reconcile_useful(&relay->reconcile, link->number);
        else
            reconcile_again(&relay->reconcile, turn, link->number);
    }
    if (found->peer_has_all)
        broadcast_taken_all(&relay->broadcast, turn, &link->key);
}

static void on_reconcile(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_reconcile *frame)
{
    if (reconcile_begins(frame)) {
        if (!score_may_spend(&relay->score, turn, &link->key, BUDGET_RUNS)) {
            turn_refuse(turn, REFUSAL_RATE);
            return;
        }
        score_spend(&relay->score, turn, &link->key, BUDGET_RUNS, 1);
    }
    struct reconcile_findings found = {0};
    struct set_snapshot snapshot;
    switch (reconcile_receive(
        &relay->reconcile, turn, link->number, frame, &relay->shelf.sum)) {
    case RECONCILE_REFUSED:
    case RECONCILE_DONE:
        return;
    case RECONCILE_EQUAL:
        found.peer_has_all = true;
        break;
    case RECONCILE_SNAPSHOT:
        turn->status = shelf_snapshot(&relay->shelf, &snapshot);
        if (turn->status)
            return;
        reconcile_freeze(&relay->reconcile, link->number, frame, &snapshot);
        /* fall through */
    case RECONCILE_ANSWER:
        reconcile_answer(&relay->reconcile, turn, link->number, frame, &found);
        break;
    }
    on_findings(relay, turn, link, &found);
}

static void on_disconnect(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_disconnect *disconnect)
{
    bool comes_back = disconnect->reason == DISCONNECT_DUPLICATE ||
                      disconnect->reason == DISCONNECT_LEAVING;
    hang_up(turn, link->number);
    forget_link(relay, turn, link->number,
        comes_back ? DIAL_END_LOST : DIAL_END_GOODBYE);
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
        links_pong(link, turn, frame->ping.nonce);
        return;
    case FRAME_PUSH:
        on_push(relay, turn, link, &frame->push, event->frame.bytes);
        return;
    case FRAME_WANT:
        on_want(relay, turn, link, &frame->want);
        return;
    case FRAME_RECONCILE:
        on_reconcile(relay, turn, link, &frame->reconcile);
        return;
    case FRAME_RECEIPT:
        on_receipt(relay, turn, link, &frame->receipt);
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
        on_hello(relay, turn, link, &frame->hello);
    else if (frame->type == FRAME_DISCONNECT)
        on_disconnect(relay, turn, link, &frame->disconnect);
    else if (!link->open)
        turn_refuse(turn, REFUSAL_BEFORE_HELLO);
    else
        on_open_frame(relay, turn, link, event);
}

static void report(struct relay *relay, struct turn *turn,
    const struct envelope_id *id, const struct shelf_item *item)
{
    if (item->state == SHELF_CLEARED)
        shelf_opening(item, &turn_effect_on(turn, RELAY_CLEARED, id)->opening);
    else
        broadcast_report(&relay->broadcast, turn, id);
}

static enum status submit_refusal(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    enum refusal why;
    if (!shelf_accepts(
            &relay->shelf, turn, event->submit.envelope->expires_h, &why))
        return why == REFUSAL_EXPIRED ? STATUS_EXPIRED : STATUS_REFUSED;
    if (!shelf_store(
            &relay->shelf, turn, &event->submit.id, event->submit.envelope))
        return STATUS_FULL;
    return STATUS_OK;
}

static void on_submit(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct envelope_id *id = &event->submit.id;
    const struct shelf_item *item = shelf_find(&relay->shelf, id);
    if (item && item->state != SHELF_CLEARED)
        broadcast_own(&relay->broadcast, turn, id);
    if (item && item->state != SHELF_EVICTED) {
        report(relay, turn, id, item);
        return;
    }
    enum status refused = submit_refusal(relay, turn, event);
    if (refused) {
        turn_effect_on(turn, RELAY_REFUSED, id)->reason = refused;
        return;
    }
    wants_settle(&relay->wants, turn, id, 0);
    if (clear_early(relay, turn, id))
        return;
    broadcast_own(&relay->broadcast, turn, id);
    broadcast_spread(&relay->broadcast, turn, 0, id);
}

static void on_release(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct envelope_id *id = &event->release.id;
    const struct opening *opening = &event->release.opening;
    switch (shelf_receive(&relay->shelf, turn, id, opening)) {
    case SHELF_RECEIPT_CLEARS:
        spread_receipt(relay, turn, 0, id, opening);
        return;
    case SHELF_RECEIPT_KNOWN:
        turn_effect_on(turn, RELAY_CLEARED, id)->opening = *opening;
        return;
    case SHELF_RECEIPT_FALSE:
        turn_effect_on(turn, RELAY_REFUSED, id)->reason = STATUS_REFUSED;
        return;
    case SHELF_RECEIPT_UNKNOWN:
        receipts_wait(&relay->receipts, turn, id, opening);
        return;
    }
}

static void on_lookup(struct turn *turn, const struct relay_event *event)
{
    for (size_t i = 0; i < event->lookup.count; i++)
        turn_effect(turn, RELAY_FIND)->tag = event->lookup.tags[i];
}

static void on_connect(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct node_key *key = &event->connect.key;
    if (relay->stopped)
        return;
    dial_connect(&relay->dial, turn,
        &(struct dial_request){
            .endpoint = event->connect.endpoint,
            .key = key,
            .origin = event->connect.origin,
            .linked = links_find_key(&relay->links, key) != NULL,
        });
}

static void on_person_disconnects(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct node_key key = event->connect.key;
    dial_disconnect(&relay->dial, turn, event->connect.endpoint, &key);
    const struct link *link = links_find_key(&relay->links, &key);
    if (link)
        end_link(relay, turn, link->number, DISCONNECT_ASKED);
}

static void on_stop(struct relay *relay, struct turn *turn)
{
    dial_stop(&relay->dial, turn);
    while (relay->links.count > 0)
        end_link(relay, turn, relay->links.list[0].number, DISCONNECT_LEAVING);
    relay->stopped = true;
}

static void on_unknown(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct link *link = links_find(&relay->links, event->link.link);
    turn_refuse(turn, REFUSAL_UNKNOWN_TYPE);
    if (link)
        links_heard(link, turn, 0);
}

/* What a full queue lost, the next catch-up with that peer brings. */
static void on_dropped(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    reconcile_again(&relay->reconcile, turn, event->link.link);
}

/* What expired is forgotten by all who count on it. */
static void expire(struct relay *relay, struct turn *turn)
{
    size_t before = turn->effects->count;
    shelf_expire(&relay->shelf, turn);
    for (size_t i = before; i < turn->effects->count; i++)
        if (turn->effects->list[i].kind == RELAY_FORGET)
            broadcast_forget(&relay->broadcast, &turn->effects->list[i].id);
}

static void catch_up(struct relay *relay, struct turn *turn)
{
    uint32_t link;
    while (wants_give_up(&relay->wants, turn->now_ms, &link))
        reconcile_again(&relay->reconcile, turn, link);
    wants_tick(&relay->wants, turn);
    reconcile_tick(&relay->reconcile, turn);
    while (!turn->status && reconcile_due(&relay->reconcile, turn, &link)) {
        if (wants_idle(&relay->wants, link))
            reconcile_begin(&relay->reconcile, turn, link, &relay->shelf.sum);
        else
            reconcile_postpone(&relay->reconcile, turn, link);
    }
}

/* What time alone brings about; after every event, so that nothing that is due
 * waits for a tick of its own.  But not between restored items: the store is
 * being walked. */
static void pass_time(struct relay *relay, struct turn *turn)
{
    const struct link *dead;
    while ((dead = links_dead(&relay->links, turn->now_ms))) {
        hang_up(turn, dead->number);
        forget_link(relay, turn, dead->number, DIAL_END_LOST);
    }
    links_tick(&relay->links, turn);
    dial_tick(&relay->dial, turn);
    catch_up(relay, turn);
    expire(relay, turn);
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
    case RELAY_CONNECT:
        on_connect(relay, turn, event);
        return;
    case RELAY_DISCONNECT:
        on_person_disconnects(relay, turn, event);
        return;
    case RELAY_LINK_UP:
        on_link_up(relay, turn, event);
        return;
    case RELAY_LINK_DOWN:
        forget_link(relay, turn, event->link.link, DIAL_END_LOST);
        return;
    case RELAY_DIAL_FAILED:
        dial_failed(&relay->dial, turn, event->dial_failed.target);
        return;
    case RELAY_FRAME:
        on_frame(relay, turn, event);
        return;
    case RELAY_MALFORMED:
        malformed(relay, turn, event->link.link);
        return;
    case RELAY_UNKNOWN:
        on_unknown(relay, turn, event);
        return;
    case RELAY_DROPPED:
        on_dropped(relay, turn, event);
        return;
    case RELAY_SUBMIT:
        on_submit(relay, turn, event);
        return;
    case RELAY_RELEASE:
        on_release(relay, turn, event);
        return;
    case RELAY_LOOKUP:
        on_lookup(turn, event);
        return;
    case RELAY_LISTEN:
        relay->listening = event->listen;
        return;
    case RELAY_STOP:
        on_stop(relay, turn);
        return;
    }
}

enum status relay_step(struct relay *relay, const struct relay_event *event,
    struct relay_effects *effects)
{
    struct turn turn = {
        .now_ms = event->now_ms,
        .clock_s = event->clock_s,
        .random = relay->random,
        .peers = &relay->links.peers,
        .refused = relay->refused,
        .effects = effects,
    };
    relay->now_ms = event->now_ms;
    relay->clock_s = event->clock_s;
    take(relay, &turn, event);
    bool timely = event->kind != RELAY_RESTORED && !relay->stopped;
    if (!turn.status && timely)
        pass_time(relay, &turn);
    return turn.status;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The shelf counts hours of the wall clock; the rest, milliseconds of the
 * monotonic one. */
static uint64_t expiry_ms(const struct relay *relay)
{
    uint64_t expiry_h = shelf_expiry_h(&relay->shelf);
    if (expiry_h == UINT64_MAX)
        return UINT64_MAX;
    uint64_t expiry_s = expiry_h * HOUR_S;
    if (expiry_s <= relay->clock_s)
        return relay->now_ms;
    return relay->now_ms + (expiry_s - relay->clock_s) * 1000;
}

uint64_t relay_deadline_ms(const struct relay *relay)
{
    if (relay->stopped)
        return UINT64_MAX;
    uint64_t deadline = links_deadline_ms(&relay->links);
    deadline = least(deadline, dial_deadline_ms(&relay->dial));
    deadline = least(deadline, reconcile_deadline_ms(&relay->reconcile));
    deadline = least(deadline, wants_deadline_ms(&relay->wants));
    return least(deadline, expiry_ms(relay));
}

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
        [REFUSAL_FALSE_RECEIPT] = "false-receipt",
        [REFUSAL_EARLY_RECEIPT] = "early-receipt",
        [REFUSAL_RECONCILE] = "reconcile",
        [REFUSAL_LINK] = "link",
        [REFUSAL_GRAYLIST] = "graylist",
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
        .outbound = true,
        .since_ms = target->since_ms,
        .score = score_of(&relay->score, &target->key),
    };
    memcpy(view->endpoint, target->endpoint, strlen(target->endpoint) + 1);
}

static void view_link(
    const struct relay *relay, const struct link *link, struct relay_view *out)
{
    struct relay_link_view *view = &out->links[out->link_count++];
    *view = (struct relay_link_view){
        .link = link->number,
        .key = link->key,
        .state = link->open ? LINK_OPEN : LINK_PROBATION,
        .outbound = link->outbound,
        .since_ms = link->since_ms,
        .rtt_ms = link_rtt_ms(link),
        .score = score_of(&relay->score, &link->key),
        .received_bytes = link->received_bytes,
        .received_frames = link->received_frames,
    };
    for (size_t i = 0; link->outbound && i < relay->dial.count; i++) {
        const struct dial_target *target = &relay->dial.list[i];
        if (node_key_equal(&target->key, &link->key))
            memcpy(
                view->endpoint, target->endpoint, strlen(target->endpoint) + 1);
    }
}

void relay_look(const struct relay *relay, struct relay_view *out)
{
    const struct shelf *shelf = &relay->shelf;
    *out = (struct relay_view){
        .shelf_envelopes = shelf->sum.count,
        .shelf_bytes = shelf->stored_bytes,
        .shelf_quota_bytes = shelf->quota_bytes,
        .shelf_cleared = shelf->cleared_count,
        .known_ids = shelf->items.count,
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
    const struct shelf_item *item = shelf_find(&relay->shelf, id);
    if (item)
        *state = (enum shelf_state)item->state;
    return item != NULL;
}

size_t relay_bytes(const struct relay *relay)
{
    return sizeof(*relay) + links_bytes(&relay->links) +
           dial_bytes(&relay->dial) + score_bytes(&relay->score) +
           shelf_bytes(&relay->shelf) + broadcast_bytes(&relay->broadcast) +
           receipts_bytes(&relay->receipts) +
           reconcile_bytes(&relay->reconcile) + wants_bytes(&relay->wants);
}

const char *relay_violation(const struct relay *relay)
{
    const char *found[] = {
        links_violation(&relay->links),
        dial_violation(&relay->dial),
        score_violation(&relay->score),
        shelf_violation(&relay->shelf),
        broadcast_violation(&relay->broadcast),
        receipts_violation(&relay->receipts),
        reconcile_violation(&relay->reconcile),
        wants_violation(&relay->wants),
    };
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
        if (found[i])
            return found[i];
    return NULL;
}
