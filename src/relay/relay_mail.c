/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes and receipts, from peers and from one's own vault.  Both ways in
 * meet at the shelf: what it takes is spread, and what it knows is answered.
 * A peer pays for what it brings unasked and gets credit for what was asked of
 * it. */
#include "crypto/stamp.h"
#include "relay/relay_state.h"

void relay_forget(struct relay *relay, const struct envelope_id *id)
{
    broadcast_forget(&relay->broadcast, id);
    tree_forget(&relay->tree, id);
    stem_forget(&relay->stem, id);
    bids_forget(&relay->bids, id);
}

void relay_spread_receipt(struct relay *relay, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt)
{
    broadcast_forget(&relay->broadcast, &receipt->id);
    bids_forget(&relay->bids, &receipt->id);
    stem_forget(&relay->stem, &receipt->id);
    tree_spread_receipt(&relay->tree, turn, from, receipt);
    relay_look_for_room(relay, turn);
}

/* Something on the shelf for which a receipt may have been waiting; true when
 * that has cleared it. */
static bool clear_early(
    struct relay *relay, struct turn *turn, const struct envelope_id *id)
{
    struct receipt_waiting waiting;
    if (!receipts_take(&relay->receipts, id, &waiting))
        return false;
    const struct frame_receipt receipt = {*id, waiting.opening};
    if (waiting.is_hidden &&
        relay_hide_receipt(relay, turn, waiting.from, &receipt))
        return false;
    if (shelf_receive(&relay->shelf, turn, id, &waiting.opening) ==
        SHELF_RECEIPT_FALSE) {
        turn_refuse(turn, REFUSAL_FALSE_RECEIPT);
        return false;
    }
    relay_spread_receipt(
        relay, turn, waiting.is_hidden ? 0 : waiting.from, &receipt);
    return true;
}

/* Something new is here, brought by a link or (0) made here. */
static void spread(struct relay *relay, struct turn *turn, uint32_t from,
    const struct envelope_id *id, size_t bytes)
{
    size_t before = turn->effects->count;
    struct tree_news news = {.id = *id, .bytes = bytes};
    struct shelf_item item;
    if (shelf_find(&relay->shelf, id, &item))
        news.value = shelf_value(&item, turn);
    uint32_t rtt_ms = tree_spread(&relay->tree, turn, from, &news);
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
    const struct envelope_id *id = &item->entry->id;
    if (!wants_asked(&relay->wants, link->number, id))
        tree_duplicate(&relay->tree, turn, link->number, id);
    wants_settle(&relay->wants, turn, id, item->entry->bytes);
    if (item->state == SHELF_CLEARED)
        shelf_give(&relay->shelf, turn, link->number, id);
    else
        broadcast_taken(&relay->broadcast, turn, id, &link->key);
    if (item->state == SHELF_EVICTED)
        relay_send_back(relay, turn, link->number, id);
}

bool relay_arrive(
    struct relay *relay, struct turn *turn, const struct envelope_id *id)
{
    if (clear_early(relay, turn, id))
        return false;
    if (relay->listening && !broadcast_is_own(&relay->broadcast, id))
        turn_effect_on(turn, RELAY_DELIVER, id);
    return true;
}

void relay_shown(struct relay *relay, struct turn *turn, uint32_t from,
    const struct envelope_id *id, size_t bytes)
{
    if (relay_arrive(relay, turn, id))
        spread(relay, turn, from, id, bytes);
    relay_look_for_room(relay, turn);
}

/* A better stamped copy of what is known here: it is worth more from now on,
 * or worth storing again.  It is not spread, but to those who lack it for being
 * worth too little: who has it has it. */
static void on_better_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_push *push)
{
    struct shelf_item item;
    const struct shelf_offer offer = {
        .id = &push->id, .envelope = push->envelope, .from = &link->key};
    if (shelf_find(&relay->shelf, &push->id, &item) &&
        item.state == SHELF_STORED) {
        shelf_restamp(&relay->shelf, turn, &push->id, push->envelope);
        if (!tree_worth(&relay->tree, turn, &push->id,
                relay_value(turn, push->envelope)))
            reconcile_others(&relay->reconcile, turn, link->number);
    } else if (shelf_store(&relay->shelf, turn, &offer)) {
        reconcile_others(&relay->reconcile, turn, link->number);
    }
}

static void on_new_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    uint32_t bytes = event->frame.bytes;
    bool asked = wants_asked(&relay->wants, link->number, &push->id);
    wants_settle(&relay->wants, turn, &push->id, bytes);
    const struct shelf_offer offer = {
        .id = &push->id, .envelope = push->envelope, .from = &link->key};
    if (!relay_keep(relay, turn, &offer)) {
        turn_refuse(turn, REFUSAL_NO_ROOM);
        admission_no_room(&relay->admission, turn);
        relay_send_back(relay, turn, link->number, &push->id);
        tree_answered(&relay->tree, link->number, &push->id);
        if (shelf_leaves(&relay->shelf, turn, &push->id, NULL))
            tree_found(&relay->tree, &push->id);
        return;
    }
    broadcast_taken(&relay->broadcast, turn, &push->id, &link->key);
    score_change(&relay->score, turn, &link->key, SCORE_FIRST_DELIVERY);
    admission_took(&relay->admission, turn, bytes);
    bool is_missed =
        asked || (score_price(&relay->score, turn, &link->key) == 0 &&
                     reconcile_gave(&relay->reconcile, link->number, bytes));
    if (!is_missed || !score_catches_up(&relay->score, turn, &link->key, bytes))
        relay_came(relay, turn, link, event);
    if (asked) { /* a catch-up: the others find out what they lack of it */
        reconcile_moved(&relay->reconcile, link->number);
        if (relay_arrive(relay, turn, &push->id))
            reconcile_others(&relay->reconcile, turn, link->number);
        return;
    }
    relay_shown(relay, turn, link->number, &push->id,
        envelope_class_bytes(push->envelope->class_));
}

void relay_take_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    if (shelf_knows(&relay->shelf, &push->id))
        on_better_push(relay, turn, link, push);
    else
        on_new_push(relay, turn, link, event);
}

static bool is_better(
    const struct shelf_item *item, const struct envelope *envelope)
{
    return item->state != SHELF_CLEARED &&
           stamp_bits(envelope->stamp) > item->bits;
}

void relay_push(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    bool asked = wants_asked(&relay->wants, link->number, &push->id);
    if (!asked && !score_may_push(&relay->score, turn, &link->key,
                      relay_value(turn, push->envelope))) {
        relay_overflow(
            relay, turn, link->number, &push->id, event->frame.bytes);
        return;
    }
    struct shelf_item item;
    bool is_known = shelf_find(&relay->shelf, &push->id, &item);
    if (is_known)
        on_known_push(relay, turn, link, &item);
    if (is_known && !is_better(&item, push->envelope))
        return;
    if (relay_admits(relay, turn, link, event))
        relay_check(relay, turn, link, event);
    else
        wants_settle(&relay->wants, turn, &push->id, event->frame.bytes);
}

/* One whose stem ends here, or that had none; whether it cleared something. */
static bool take_receipt(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame *frame)
{
    const struct frame_receipt *receipt = &frame->receipt;
    switch (
        shelf_receive(&relay->shelf, turn, &receipt->id, &receipt->opening)) {
    case SHELF_RECEIPT_CLEARS:
        relay_spread_receipt(relay, turn, link->number, receipt);
        return true;
    case SHELF_RECEIPT_KNOWN:
        turn_refuse(turn, REFUSAL_DUPLICATE);
        tree_has_receipt(&relay->tree, link->number, &receipt->id);
        return false;
    case SHELF_RECEIPT_FALSE:
        turn_refuse(turn, REFUSAL_FALSE_RECEIPT);
        relay_judge(relay, turn, link->number, SCORE_FALSE_RECEIPT);
        return false;
    case SHELF_RECEIPT_UNKNOWN:
        turn_refuse(turn, REFUSAL_EARLY_RECEIPT);
        tree_answered(&relay->tree, link->number, &receipt->id);
        receipts_wait(&relay->receipts, turn,
            &(struct receipt_waiting){receipt->id, receipt->opening,
                frame->type == FRAME_STEM_RECEIPT, link->number});
        return false;
    }
    return false;
}

/* What clears an envelope is paid for by that envelope's push. */
void relay_receipt(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame *frame)
{
    const struct frame_receipt *receipt = &frame->receipt;
    struct node_key peer = link->key;
    bool asked = wants_asked(&relay->wants, link->number, &receipt->id);
    if (!asked &&
        !score_may_spend(&relay->score, turn, &peer, BUDGET_RECEIPTS)) {
        turn_refuse(turn, REFUSAL_RATE);
        tree_answered(&relay->tree, link->number, &receipt->id);
        return;
    }
    wants_settle(&relay->wants, turn, &receipt->id, 0);
    bool hides = frame->type == FRAME_STEM_RECEIPT &&
                 relay_hide_receipt(relay, turn, link->number, receipt);
    bool clears = !hides && take_receipt(relay, turn, link, frame);
    if (!asked && !clears)
        score_spend(&relay->score, turn, &peer, BUDGET_RECEIPTS, 1);
}

static void report(struct relay *relay, struct turn *turn,
    const struct envelope_id *id, const struct shelf_item *item)
{
    if (item && item->state == SHELF_CLEARED)
        shelf_opening(item, &turn_effect_on(turn, RELAY_CLEARED, id)->opening);
    else
        broadcast_report(&relay->broadcast, turn, id);
}

enum status relay_send_out(struct relay *relay, struct turn *turn,
    const struct shelf_offer *own, bool may_hide)
{
    enum refusal why;
    if (!shelf_accepts(&relay->shelf, turn, own->envelope->expires_h, &why))
        return why == REFUSAL_EXPIRED ? STATUS_EXPIRED : STATUS_REFUSED;
    wants_settle(&relay->wants, turn, own->id, 0);
    broadcast_own(&relay->broadcast, turn, own->id);
    if (may_hide && relay_hide(relay, turn, 0, own))
        return STATUS_OK;
    if (shelf_store(&relay->shelf, turn, own)) {
        relay_shown(relay, turn, 0, own->id,
            envelope_class_bytes(own->envelope->class_));
        return STATUS_OK;
    }
    broadcast_forget(&relay->broadcast, own->id);
    return STATUS_FULL;
}

void relay_hurry(struct turn *turn, size_t first_effect)
{
    for (size_t i = first_effect; i < turn->effects->count; i++)
        if (turn->effects->list[i].kind == RELAY_PUSH)
            turn->effects->list[i].urgent = true;
}

void relay_submit(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct envelope_id *id = &event->submit.id;
    struct shelf_item found, *item = &found;
    if (!shelf_find(&relay->shelf, id, item))
        item = NULL;
    bool hidden = stem_find(&relay->stem, id) ||
                  admission_is_making(&relay->admission, id);
    if (hidden || (item && item->state == SHELF_STORED))
        broadcast_own(&relay->broadcast, turn, id);
    if (hidden || (item && item->state != SHELF_EVICTED)) {
        report(relay, turn, id, item);
        return;
    }
    const struct shelf_offer own = {
        .id = id, .envelope = event->submit.envelope};
    if (relay_stamp_first(relay, turn, &own, event->submit.urgent))
        return;
    size_t before = turn->effects->count;
    enum status refused =
        relay_send_out(relay, turn, &own, !item && !event->submit.urgent);
    if (refused)
        turn_effect_on(turn, RELAY_REFUSED, id)->reason = refused;
    else if (event->submit.urgent)
        relay_hurry(turn, before);
}

void relay_release(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct envelope_id *id = &event->release.id;
    const struct opening *opening = &event->release.opening;
    const struct frame_receipt own = {*id, *opening};
    if (relay_hide_receipt(relay, turn, 0, &own))
        return;
    switch (shelf_receive(&relay->shelf, turn, id, opening)) {
    case SHELF_RECEIPT_CLEARS:
        relay_spread_receipt(relay, turn, 0, &own);
        return;
    case SHELF_RECEIPT_KNOWN:
        turn_effect_on(turn, RELAY_CLEARED, id)->opening = *opening;
        return;
    case SHELF_RECEIPT_FALSE:
        turn_effect_on(turn, RELAY_REFUSED, id)->reason = STATUS_REFUSED;
        return;
    case SHELF_RECEIPT_UNKNOWN:
        receipts_wait(&relay->receipts, turn,
            &(struct receipt_waiting){*id, *opening, true, 0});
        return;
    }
}

/* Whoever has it may bring it again. */
void relay_lost(
    struct relay *relay, struct turn *turn, const struct envelope_id *id)
{
    if (shelf_lose(&relay->shelf, turn, id))
        relay_forget(relay, id);
}

/* What expired is forgotten by all who count on it. */
void relay_expire(struct relay *relay, struct turn *turn)
{
    size_t before = turn->effects->count;
    shelf_expire(&relay->shelf, turn);
    for (size_t i = before; i < turn->effects->count; i++)
        if (turn->effects->list[i].kind == RELAY_FORGET)
            relay_forget(relay, &turn->effects->list[i].id);
    relay_look_for_room(relay, turn);
}

void relay_ihave(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame *frame)
{
    const struct frame_ids *ids = &frame->ids;
    if (!tree_may_announce(&relay->tree, turn, link->number, ids->count)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    bool may_bring = score_may_push(&relay->score, turn, &link->key, 0);
    for (size_t i = 0; i < ids->count; i++) {
        const struct envelope_id *id = &ids->ids[i];
        if (shelf_knows(&relay->shelf, id)) {
            tree_has(&relay->tree, link->number, id);
            broadcast_taken(&relay->broadcast, turn, id, &link->key);
        } else if (may_bring && !wants_wanted(&relay->wants, id) &&
                   !shelf_leaves(&relay->shelf, turn, id, &link->key)) {
            tree_announced(&relay->tree, turn, link->number, id);
            if (frame->type == FRAME_IHAVE)
                tree_announced_alone(&relay->tree, turn, link->number, id);
        }
    }
}

void relay_cleared(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    if (!tree_may_announce(&relay->tree, turn, link->number, ids->count)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    bool may_bring =
        score_may_spend(&relay->score, turn, &link->key, BUDGET_RECEIPTS);
    for (size_t i = 0; i < ids->count; i++) {
        const struct envelope_id *id = &ids->ids[i];
        struct shelf_item item;
        if (!shelf_find(&relay->shelf, id, &item))
            continue;
        if (item.state == SHELF_CLEARED)
            tree_has_receipt(&relay->tree, link->number, id);
        else if (item.state == SHELF_STORED && may_bring)
            tree_receipt_announced(&relay->tree, turn, link->number, id);
    }
}
