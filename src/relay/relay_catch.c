/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catching up with what was missed: sets are compared, what the peer lacks is
 * given, what is lacking here is asked for and waited for. */
#include "relay/relay_state.h"

enum { WANT_ANSWER_BYTES = 192 * 1024 }; /* given for one WANT */

/* Give a peer what it lacks; the bytes that takes. */
static uint32_t give(struct relay *relay, struct turn *turn,
    const struct link *link, const struct envelope_id *id)
{
    struct shelf_item item;
    const struct peer *peer = turn_peer(turn, link->number);
    if (peer && shelf_find(&relay->shelf, id, &item) &&
        item.state == SHELF_STORED && shelf_value(&item, turn) < peer->least)
        return 0; /* it would not take it */
    uint32_t bytes = shelf_give(&relay->shelf, turn, link->number, id);
    if (bytes == 0)
        return 0;
    tree_has(&relay->tree, link->number, id);
    tree_has_receipt(&relay->tree, link->number, id);
    broadcast_taken(&relay->broadcast, turn, id, &link->key);
    return bytes;
}

/* Give what was asked for, as far as the peer may ask; the bytes. */
static uint32_t serve(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < ids->count && bytes < WANT_ANSWER_BYTES; i++) {
        if (!score_may_spend(&relay->score, turn, &link->key, BUDGET_SERVICE)) {
            turn_refuse(turn, REFUSAL_RATE);
            return bytes;
        }
        uint32_t given = give(relay, turn, link, &ids->ids[i]);
        score_spend(&relay->score, turn, &link->key, BUDGET_SERVICE, given);
        bytes += given;
    }
    return bytes;
}

void relay_want(struct relay *relay, struct turn *turn, const struct link *link,
    const struct frame_ids *want)
{
    if (serve(relay, turn, link, want) > 0)
        reconcile_served(&relay->reconcile, turn, link->number);
}

void relay_graft(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    bool is_edge_alone = ids->count == 1 && tree_take_offer(&relay->tree,
                                                link->number, &ids->ids[0]);
    if (score_of(&relay->score, turn->now_ms, &link->key) >= SCORE_LAZY_BELOW)
        tree_grafted(&relay->tree, link->number);
    if (!is_edge_alone)
        serve(relay, turn, link, ids);
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
        if (!shelf_accepts(&relay->shelf, turn, want->expires_h, &why) ||
            shelf_leaves(&relay->shelf, turn, &want->id, &link->key))
            continue;
        if (wants_add(&relay->wants, turn, link->number, &want->id)) {
            tree_found(&relay->tree, &want->id);
            reconcile_useful(&relay->reconcile, link->number);
        } else {
            reconcile_again(&relay->reconcile, turn, link->number);
        }
    }
    if (found->peer_has_all)
        broadcast_taken_all(&relay->broadcast, turn, &link->key);
}

void relay_reconcile(struct relay *relay, struct turn *turn,
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
    struct set_view *view;
    switch (reconcile_receive(
        &relay->reconcile, turn, link->number, frame, &relay->shelf.sum)) {
    case RECONCILE_REFUSED:
    case RECONCILE_DONE:
        return;
    case RECONCILE_EQUAL:
        found.peer_has_all = true;
        break;
    case RECONCILE_FREEZE:
        view = shelf_view(&relay->shelf, turn);
        if (!view)
            return;
        reconcile_freeze(&relay->reconcile, link->number, frame, view);
        /* fall through */
    case RECONCILE_ANSWER:
        reconcile_answer(&relay->reconcile, turn, link->number, frame, &found);
        break;
    }
    on_findings(relay, turn, link, &found);
}

void relay_catch_up_with(
    struct relay *relay, struct turn *turn, const struct link *link)
{
    reconcile_useful(&relay->reconcile, link->number);
    reconcile_again(&relay->reconcile, turn, link->number);
}

void relay_unkept(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids)
{
    if (!tree_may_announce(&relay->tree, turn, link->number, ids->count)) {
        turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    for (size_t i = 0; i < ids->count; i++) {
        const struct envelope_id *id = &ids->ids[i];
        struct shelf_item item;
        if (!shelf_find(&relay->shelf, id, &item) || item.state != SHELF_STORED)
            continue;
        reconcile_unkept(&relay->reconcile, turn, link->number, id);
        broadcast_declined(&relay->broadcast, turn, id, &link->key);
    }
}

void relay_look_for_room(struct relay *relay, struct turn *turn)
{
    if (shelf_take_room(&relay->shelf, turn))
        reconcile_soon(&relay->reconcile, turn);
}

void relay_catch_up(struct relay *relay, struct turn *turn)
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
