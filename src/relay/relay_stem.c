/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hidden first hops.  An envelope on its stem lies in the store and not on
 * the shelf, so that every other room, asked about it, says what it would say
 * of one that never came; a peer cannot find out by announcing it, by asking
 * for it, or by comparing sets.  A push, a fluff by another, ends the hiding;
 * so does the embargo.  After a restart what was hidden is on the shelf: a
 * crash loses no letter, and by then some embargo has ended.
 *
 * A receipt on its stem clears nothing here before it is shown, or this relay
 * would give it to whoever offers the envelope. */
#include <string.h>

#include "crypto/stamp.h"
#include "relay/relay.h"
#include "relay/relay_state.h"

bool relay_hide(struct relay *relay, struct turn *turn, uint32_t from,
    const struct shelf_offer *offer)
{
    struct shelf_hidden hidden;
    if (!stem_may_hide(&relay->stem, turn, from) ||
        !shelf_hide(&relay->shelf, turn, offer, &hidden))
        return false;
    struct stem_item item = {.id = hidden.id,
        .expires_h = hidden.expires_h,
        .bytes = hidden.bytes,
        .bits = hidden.bits,
        .edge = hidden.edge};
    memcpy(item.proof, hidden.proof, sizeof(item.proof));
    const struct link *to =
        links_find(&relay->links, stem_hide(&relay->stem, turn, from, &item));
    if (to)
        broadcast_taken(&relay->broadcast, turn, offer->id, &to->key);
    return true;
}

bool relay_hide_receipt(struct relay *relay, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt)
{
    struct stem_item item = {.id = receipt->id};
    if (!shelf_opens(&relay->shelf, &receipt->id, &receipt->opening))
        return false;
    if (stem_find(&relay->stem, &receipt->id)) {
        if (from)
            stem_circled(&relay->stem, turn, &receipt->id);
        return true;
    }
    if (!stem_may_hide(&relay->stem, turn, from))
        return false;
    memcpy(item.proof, receipt->opening.bytes, sizeof(item.proof));
    stem_hide(&relay->stem, turn, from, &item);
    return true;
}

static bool put_on_shelf(
    struct relay *relay, struct turn *turn, const struct stem_item *hidden)
{
    struct shelf_hidden item = {.id = hidden->id,
        .expires_h = hidden->expires_h,
        .bytes = hidden->bytes,
        .bits = hidden->bits,
        .edge = hidden->edge};
    memcpy(item.proof, hidden->proof, sizeof(item.proof));
    return shelf_show(&relay->shelf, turn, &item);
}

bool relay_keep(
    struct relay *relay, struct turn *turn, const struct shelf_offer *offer)
{
    struct stem_item hidden;
    if (stem_take(&relay->stem, offer->id, &hidden))
        return put_on_shelf(relay, turn, &hidden);
    return shelf_store(&relay->shelf, turn, offer);
}

static void show_receipt(
    struct relay *relay, struct turn *turn, const struct stem_item *hidden)
{
    struct frame_receipt receipt = {.id = hidden->id};
    memcpy(receipt.opening.bytes, hidden->proof, sizeof(hidden->proof));
    if (shelf_receive(&relay->shelf, turn, &receipt.id, &receipt.opening) ==
        SHELF_RECEIPT_CLEARS)
        relay_spread_receipt(relay, turn, 0, &receipt);
}

void relay_show(struct relay *relay, struct turn *turn)
{
    struct stem_item due;
    while (!turn->status && stem_take_due(&relay->stem, turn, &due)) {
        if (due.bytes == 0)
            show_receipt(relay, turn, &due);
        else if (put_on_shelf(relay, turn, &due))
            relay_shown(relay, turn, 0, &due.id, due.bytes);
        else
            turn_refuse(turn, REFUSAL_NO_ROOM);
    }
}

/* It was declined farther on, and comes from whom it came, better stamped. */
static void take_better(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    const struct stem_item *hidden = stem_find(&relay->stem, &push->id);
    relay_came(relay, turn, link, event);
    if (hidden && hidden->bits < stamp_bits(push->envelope->stamp))
        relay_offer_again(relay, turn, &push->id, push->envelope);
}

void relay_take_stem(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    const struct shelf_offer offer = {
        .id = &push->id, .envelope = push->envelope, .from = &link->key};
    if (relay_hides(relay, &push->id)) {
        take_better(relay, turn, link, event);
        return;
    }
    if (shelf_knows(&relay->shelf, &push->id)) {
        relay_take_push(relay, turn, link, event);
        return;
    }
    admission_took(&relay->admission, turn, event->frame.bytes);
    relay_came(relay, turn, link, event);
    if (relay_hide(relay, turn, link->number, &offer))
        score_change(&relay->score, turn, &link->key, SCORE_FIRST_DELIVERY);
    else if (!shelf_store(&relay->shelf, turn, &offer))
        turn_refuse(turn, REFUSAL_NO_ROOM);
    else
        relay_shown(relay, turn, 0, &push->id,
            envelope_class_bytes(push->envelope->class_));
}

/* Better stamped than what is here, and not over. */
static bool is_better(
    const struct relay *relay, uint32_t from, const struct frame_push *push)
{
    uint8_t bits = stamp_bits(push->envelope->stamp);
    const struct stem_item *hidden = stem_find(&relay->stem, &push->id);
    struct shelf_item item;
    if (hidden)
        return hidden->bytes > 0 && hidden->from == from && bits > hidden->bits;
    return shelf_find(&relay->shelf, &push->id, &item) &&
           item.state != SHELF_CLEARED && bits > item.bits;
}

void relay_stem(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    if (!score_may_push(&relay->score, turn, &link->key,
            relay_value(turn, push->envelope))) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    struct shelf_item item;
    bool is_known = shelf_find(&relay->shelf, &push->id, &item);
    if (is_better(relay, link->number, push) ||
        (!is_known && !stem_find(&relay->stem, &push->id))) {
        if (relay_admits(relay, turn, link, event))
            relay_check(relay, turn, link, event);
        return;
    }
    turn_refuse(turn, REFUSAL_DUPLICATE);
    score_spend(
        &relay->score, turn, &link->key, BUDGET_PUSHES, event->frame.bytes);
    if (!is_known)
        stem_circled(&relay->stem, turn, &push->id);
    else if (item.state == SHELF_CLEARED)
        shelf_give(&relay->shelf, turn, link->number, &push->id);
}
