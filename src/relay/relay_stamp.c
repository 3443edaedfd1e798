/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What envelopes must be worth, on their way in and out.  Whatever can be known
 * without work is judged first; then a stamp is checked by whoever performs the
 * effects, and the frame comes back.  One's own waits, hidden, until its stamp
 * is made. */
#include "crypto/stamp.h"
#include "relay/relay_state.h"

uint8_t relay_value(const struct turn *turn, const struct envelope *envelope)
{
    return stamp_value(stamp_bits(envelope->stamp), envelope->class_,
        envelope->expires_h, turn_hour(turn));
}

void relay_tell_terms(struct relay *relay, struct turn *turn, bool all)
{
    for (size_t i = 0; i < turn->peers->count; i++) {
        const struct peer *peer = &turn->peers->list[i];
        if (!(peer->features & FEATURE_STAMP))
            continue;
        uint8_t price = score_price(&relay->score, turn, &peer->key);
        if (score_tell_price(&relay->score, &peer->key, price) || all)
            admission_tell(&relay->admission, turn, peer->link, price);
    }
}

void relay_greet(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    uint8_t price = score_price(&relay->score, turn, &link->key);
    score_tell_price(&relay->score, &link->key, price);
    admission_tell(&relay->admission, turn, link->number, price);
}

void relay_terms(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_terms *terms)
{
    bool eases = links_terms(&relay->links, link->number, terms);
    admission_heard(&relay->admission, turn);
    if (!eases)
        return;
    tree_terms(&relay->tree, turn, link->number);
    relay_catch_up_with(relay, turn, link);
}

void relay_look_at_pressure(struct relay *relay, struct turn *turn)
{
    bool all;
    if (admission_deadline_ms(&relay->admission) <= turn->now_ms &&
        admission_tick(&relay->admission, turn, shelf_is_tight(&relay->shelf),
            score_is_priced(&relay->score, turn), &all))
        relay_tell_terms(relay, turn, all);
}

void relay_came(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event)
{
    const struct envelope *envelope = event->frame.frame->push.envelope;
    uint32_t cost = event->frame.bytes;
    if (!stamp_is_none(envelope->stamp))
        cost = score_checked_cost(&relay->score, cost);
    if (score_pushed(
            &relay->score, turn, &link->key, relay_value(turn, envelope), cost))
        relay_tell_terms(relay, turn, false);
}

bool relay_admits(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    enum refusal why = REFUSAL_VALUE;
    if (!shelf_accepts(&relay->shelf, turn, push->envelope->expires_h, &why)) {
        turn_refuse(turn, why);
        tree_answered(&relay->tree, link->number, &push->id);
        return false;
    }
    uint8_t price = score_price_due(&relay->score, turn, &link->key);
    if (relay_value(turn, push->envelope) >=
        admission_least(&relay->admission, price))
        return true;
    turn_refuse(turn, REFUSAL_VALUE);
    relay_decline(relay, turn, link->number, &push->id);
    tree_refused(&relay->tree, link->number, &push->id);
    score_cheap(&relay->score, turn, &link->key, event->frame.bytes);
    if (score_overflows(&relay->score, &link->key, event->frame.bytes))
        relay_judge(relay, turn, link->number, SCORE_OVERFLOW);
    return false;
}

static void take(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    if (event->frame.frame->type == FRAME_STEM)
        relay_take_stem(relay, turn, link, event);
    else
        relay_take_push(relay, turn, link, event);
}

void relay_check(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event)
{
    const struct frame_push *push = &event->frame.frame->push;
    bool is_kept = event->frame.frame->type == FRAME_PUSH &&
                   stem_find(&relay->stem, &push->id);
    if (stamp_is_none(push->envelope->stamp) || is_kept) { /* ... was checked */
        take(relay, turn, link, event);
    } else if (!score_may_spend(
                   &relay->score, turn, &link->key, BUDGET_CHECKS) ||
               !admission_may_check(&relay->admission, turn)) {
        turn_refuse(turn, REFUSAL_RATE);
        tree_answered(&relay->tree, link->number, &push->id);
    } else {
        score_spend(&relay->score, turn, &link->key, BUDGET_CHECKS, 1);
        struct relay_effect *check =
            turn_effect_on(turn, RELAY_CHECK, &push->id);
        check->link = link->number;
        check->store.envelope = push->envelope;
        check->store.frame_bytes = event->frame.bytes;
        check->store.frame_type = event->frame.frame->type;
    }
}

void relay_checked(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    const struct link *link = links_find(&relay->links, event->frame.link);
    admission_checked(&relay->admission, turn, event->frame.cost_us);
    if (!link)
        return;
    if (event->frame.is_genuine) {
        take(relay, turn, link, event);
        return;
    }
    turn_refuse(turn, REFUSAL_FALSE_STAMP);
    relay_judge(relay, turn, link->number, SCORE_FALSE_STAMP);
}

bool relay_stamp_first(struct relay *relay, struct turn *turn,
    const struct shelf_offer *own, bool urgent)
{
    struct shelf_hidden hidden;
    uint8_t bits = admission_quote(&relay->admission, turn, own->envelope);
    enum refusal why;
    if (bits == 0 || shelf_knows(&relay->shelf, own->id) ||
        !shelf_accepts(&relay->shelf, turn, own->envelope->expires_h, &why) ||
        !shelf_hide(&relay->shelf, turn, own, &hidden))
        return false;
    const struct admission_waiting waiting = {
        *own->id, hidden.expires_h, hidden.bytes, urgent, false};
    admission_make(&relay->admission, turn, &waiting, bits);
    return true;
}

void relay_stamped(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct admission_waiting waiting;
    const struct envelope_id *id = &event->stamped.id;
    if (!admission_made(&relay->admission, id, &waiting))
        return;
    turn_waits(turn, id, 0);
    if (waiting.again) {
        if (event->stamped.envelope)
            relay_offer_again(relay, turn, id, event->stamped.envelope);
        return;
    }
    shelf_unhide(&relay->shelf, &(struct shelf_hidden){.bytes = waiting.bytes});
    const struct shelf_offer own = {
        .id = id, .envelope = event->stamped.envelope, .is_kept = true};
    size_t before = turn->effects->count;
    enum status refused =
        own.envelope ? relay_send_out(relay, turn, &own, !waiting.urgent)
                     : STATUS_NOT_FOUND;
    if (!refused && waiting.urgent)
        relay_hurry(turn, before);
    if (!refused)
        return;
    turn_effect_on(turn, RELAY_FORGET, id);
    turn_effect_on(turn, RELAY_REFUSED, id)->reason = refused;
}
