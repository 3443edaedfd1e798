/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes and receipts, from peers and from one's own vault.  Both ways in
 * meet at the shelf: what it takes is spread, and what it knows is answered.
 * A peer pays for what it brings unasked and gets credit for what was asked of
 * it. */
#include "relay/relay_state.h"

static void forget(struct relay *relay, const struct envelope_id *id)
{
    broadcast_forget(&relay->broadcast, id);
    tree_forget(&relay->tree, id);
}

/* An opening that is known to match: the shelf has cleared its item. */
static void spread_receipt(struct relay *relay, struct turn *turn,
    uint32_t from, const struct envelope_id *id, const struct opening *opening)
{
    forget(relay, id);
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

/* Something new is here, brought by a link or (0) made here. */
static void spread(struct relay *relay, struct turn *turn, uint32_t from,
    const struct envelope_id *id, const struct envelope *envelope)
{
    size_t before = turn->effects->count;
    uint32_t rtt_ms = tree_spread(
        &relay->tree, turn, from, id, envelope_class_bytes(envelope->class_));
    if (rtt_ms > 0)
        links_measured(&relay->links, from, rtt_ms);
    broadcast_pushed(&relay->broadcast, turn, id, before);
}

/* A push of what is known here: perhaps the peer does not know that it is
 * over, perhaps it is one's own that comes back. */
static void on_known_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct shelf_item *item)
{
    turn_refuse(turn, REFUSAL_DUPLICATE);
    if (!wants_asked(&relay->wants, link->number, &item->id))
        tree_duplicate(&relay->tree, turn, link->number, &item->id);
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
    if (asked)
        tree_found(&relay->tree, &push->id);
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
        spread(relay, turn, link->number, &push->id, push->envelope);
}

void relay_push(struct relay *relay, struct turn *turn, const struct link *link,
    const struct frame_push *push, uint32_t bytes)
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

void relay_receipt(struct relay *relay, struct turn *turn,
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
        relay_judge(relay, turn, link->number, SCORE_FALSE_RECEIPT);
        return;
    case SHELF_RECEIPT_UNKNOWN:
        turn_refuse(turn, REFUSAL_EARLY_RECEIPT);
        receipts_wait(&relay->receipts, turn, &receipt->id, &receipt->opening);
        return;
    }
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

void relay_submit(
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
    spread(relay, turn, 0, id, event->submit.envelope);
}

void relay_release(
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

/* What expired is forgotten by all who count on it. */
void relay_expire(struct relay *relay, struct turn *turn)
{
    size_t before = turn->effects->count;
    shelf_expire(&relay->shelf, turn);
    for (size_t i = before; i < turn->effects->count; i++)
        if (turn->effects->list[i].kind == RELAY_FORGET)
            forget(relay, &turn->effects->list[i].id);
}

void relay_ihave(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    if (!tree_may_announce(&relay->tree, turn, link->number, ids->count)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    for (size_t i = 0; i < ids->count; i++) {
        const struct envelope_id *id = &ids->ids[i];
        if (shelf_find(&relay->shelf, id)) {
            tree_has(&relay->tree, link->number, id);
            broadcast_taken(&relay->broadcast, turn, id, &link->key);
        } else if (!wants_wanted(&relay->wants, id)) {
            tree_announced(&relay->tree, turn, link->number, id);
        }
    }
}
