/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was worth too little for a peer.  Who refuses it says so; whose it is
 * stamps it anew and offers it as it did before: on its stem, if it is hidden
 * or may be, so that whoever sees the better stamp sees no more of where it
 * comes from than with the first.  A relay between the two passes the word back
 * and the better copy on.
 *
 * A word that something was declined is no proof, and costs its sender nothing:
 * what it can bring about is bounded (bids.h, BUDGET_DECLINES). */
#include "crypto/stamp.h"
#include "relay/relay.h"
#include "relay/relay_state.h"

/* An envelope and a peer that brought it: what became of it, as far as that
 * peer understands and is to be told. */
static void say(struct relay *relay, struct turn *turn, uint32_t link,
    const struct frame *what)
{
    const struct peer *peer = turn_peer(turn, link);
    if (!peer || !(peer->features & FEATURE_STAMP) ||
        !score_may_spend(&relay->score, turn, &peer->key, BUDGET_DECLINES))
        return;
    struct envelope_id *copy = turn_alloc(turn, sizeof(*copy));
    if (!copy)
        return;
    *copy = what->ids.ids[0];
    score_spend(&relay->score, turn, &peer->key, BUDGET_DECLINES, 1);
    turn_send(turn, link, what->type)->ids = (struct frame_ids){1, copy};
}

void relay_decline(struct relay *relay, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    const struct frame declined = {.type = FRAME_DECLINED, .ids = {1, id}};
    say(relay, turn, link, &declined);
}

void relay_send_back(struct relay *relay, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    const struct frame unkept = {.type = FRAME_UNKEPT, .ids = {1, id}};
    say(relay, turn, link, &unkept);
}

static void on_declined(struct relay *relay, struct turn *turn,
    const struct link *link, const struct envelope_id *id)
{
    const struct stem_item *hidden = stem_find(&relay->stem, id);
    if (hidden && hidden->to != link->number)
        return;
    tree_declined(&relay->tree, link->number, id);
    broadcast_declined(&relay->broadcast, turn, id, &link->key);
    if (broadcast_is_own(&relay->broadcast, id))
        bids_declined(&relay->bids, turn, id);
    else if (hidden && hidden->from != 0)
        relay_decline(relay, turn, hidden->from, id);
}

void relay_declined(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    if (!tree_may_announce(&relay->tree, turn, link->number, ids->count)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    for (size_t i = 0; i < ids->count; i++)
        on_declined(relay, turn, link, &ids->ids[i]);
}

/* What it is worth where it is now; false when it is nowhere. */
static bool find_worth(const struct relay *relay, const struct envelope_id *id,
    struct admission_worth *out)
{
    struct shelf_item item;
    const struct stem_item *hidden = stem_find(&relay->stem, id);
    if (hidden && hidden->bytes > 0) {
        *out = (struct admission_worth){
            hidden->bytes, hidden->expires_h, hidden->bits};
        return true;
    }
    if (!shelf_find(&relay->shelf, id, &item) || item.state != SHELF_STORED)
        return false;
    *out = (struct admission_worth){
        item.entry->bytes, item.entry->expires_h, item.bits};
    return true;
}

/* It is asked more than may be made: its person is told. */
static void say_price(const struct relay *relay, struct turn *turn,
    const struct envelope_id *id, const struct admission_worth *worth)
{
    uint8_t bits = admission_price(&relay->admission, turn, worth);
    turn_waits(turn, id, bits > worth->bits ? bits : 0);
}

void relay_bid(struct relay *relay, struct turn *turn)
{
    struct envelope_id id;
    uint8_t tries;
    while (bids_take_due(&relay->bids, turn, &id, &tries)) {
        struct admission_worth worth;
        if (!find_worth(relay, &id, &worth)) {
            bids_forget(&relay->bids, &id);
            continue;
        }
        uint8_t bits = admission_bid(&relay->admission, turn, &worth, tries);
        bool is_making = admission_is_making(&relay->admission, &id);
        if (bits == 0 && !is_making)
            say_price(relay, turn, &id, &worth);
        if (bits == 0 || is_making) {
            bids_put_off(&relay->bids, turn, &id);
            continue;
        }
        const struct admission_waiting waiting = {
            .id = id, .expires_h = worth.expires_h, .again = true};
        admission_make(&relay->admission, turn, &waiting, bits);
        bids_tried(&relay->bids, turn, &id);
    }
}

void relay_offer_again(struct relay *relay, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope)
{
    struct shelf_item item;
    size_t before = turn->effects->count;
    if (relay_hides(relay, id)) {
        turn_effect_on(turn, RELAY_RESTAMP, id)->store.envelope = envelope;
        stem_again(&relay->stem, turn, id, stamp_bits(envelope->stamp));
    } else if (shelf_find(&relay->shelf, id, &item) &&
               item.state == SHELF_STORED) {
        shelf_restamp(&relay->shelf, turn, id, envelope);
        if (!stem_beside(&relay->stem, turn, id) &&
            !tree_worth(&relay->tree, turn, id, relay_value(turn, envelope)))
            reconcile_others(&relay->reconcile, turn, 0);
    }
    broadcast_pushed(&relay->broadcast, turn, id, before);
}
