/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_RELAY_STATE_H
#define RELAY_RELAY_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/admission.h"
#include "relay/bids.h"
#include "relay/broadcast.h"
#include "relay/catalog.h"
#include "relay/dial.h"
#include "relay/links.h"
#include "relay/member.h"
#include "relay/receipts.h"
#include "relay/reconcile.h"
#include "relay/score.h"
#include "relay/shelf.h"
#include "relay/stem.h"
#include "relay/tree.h"
#include "relay/turn.h"
#include "relay/wants.h"

/* Shared by the chapters of relay.c alone; no room sees it.
 *
 * Rooms begin or end with what each step looks at, and stand in such an order
 * that much of it is side by side: a simulator's nodes are cold in memory when
 * their turn comes, and each line is waited for (relay_warm). */
struct relay {
    struct catalog own_catalog;
    uint64_t refused[REFUSAL_COUNT];
    struct random *random;
    struct catalog *catalog; /* of its own, or shared */
    uint64_t now_ms;         /* of the last event */
    uint64_t clock_s;
    uint64_t due_ms; /* when time alone brings something about */
    bool listening;
    bool stopped;
    struct bids bids;
    struct dial dial;
    struct links links;
    struct member member;
    struct score score;
    struct admission admission;
    struct wants wants;
    struct reconcile reconcile;
    struct tree tree;
    struct shelf shelf;
    struct broadcast broadcast;
    struct receipts receipts;
    struct stem stem;
};

/* relay_link.c: links, from the dial to the goodbye. */
void relay_link_up(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_link_down(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_hello(struct relay *relay, struct turn *turn, struct link *link,
    const struct frame_hello *hello);
void relay_disconnect(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_disconnect *disconnect);
void relay_malformed(struct relay *relay, struct turn *turn, uint32_t number);
void relay_unknown(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
/* Change a peer's score, make its edge lazy if it is bad, and end
 * the link if it fell too low. */
void relay_judge(
    struct relay *relay, struct turn *turn, uint32_t number, int32_t points);
/* It has pushed what is over its quota, and is refused. */
void relay_overflow(struct relay *relay, struct turn *turn, uint32_t number,
    const struct envelope_id *id, uint32_t bytes);
/* Peers that announced what they did not give. */
void relay_judge_promises(struct relay *relay, struct turn *turn);
void relay_bury_dead(struct relay *relay, struct turn *turn);

/* Say goodbye on a link, and forget it. */
void relay_end_link(struct relay *relay, struct turn *turn, uint32_t number,
    enum disconnect_reason reason);

/* relay_member.c: neighbours. */
void relay_member_open(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_hello *hello);
/* Do what membership wants done: dial, and end links. */
void relay_member_settle(struct relay *relay, struct turn *turn);

/* A person asks for a link, or for none. */
void relay_connect(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_part(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_stop(struct relay *relay, struct turn *turn);

/* relay_mail.c: envelopes and receipts, from peers and from one's own vault. */
void relay_push(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event);
/* Take a push whose stamp is genuine. */
void relay_take_push(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event);
/* A RECEIPT or a STEM_RECEIPT. */
void relay_receipt(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame *frame);
void relay_submit(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_release(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
void relay_expire(struct relay *relay, struct turn *turn);

void relay_lost(
    struct relay *relay, struct turn *turn, const struct envelope_id *id);
void relay_ihave(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame *frame);
void relay_cleared(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids);

/* Something is on the shelf that was not, brought by a link or (0) from
 * hiding: it is cleared, or the vault and the peers are told. */
void relay_shown(struct relay *relay, struct turn *turn, uint32_t from,
    const struct envelope_id *id, size_t bytes);
/* A receipt that a link (0: nobody) brought has cleared something: pass it
 * on. */
void relay_spread_receipt(struct relay *relay, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt);

/* Something is on the shelf that was not; the vault is told.  False when it was
 * cleared as soon as it was there. */
bool relay_arrive(
    struct relay *relay, struct turn *turn, const struct envelope_id *id);
/* It is over with that id: nobody counts on it any more. */
void relay_forget(struct relay *relay, const struct envelope_id *id);

/* Put one's own on its stem or, where it must do without, on the shelf. */
MUST_USE enum status relay_send_out(struct relay *relay, struct turn *turn,
    const struct shelf_offer *own, bool may_hide);

/* What is pushed from that effect on is urgent. */
void relay_hurry(struct turn *turn, size_t first_effect);

/* relay_import.c: one record of a bundle. */
void relay_import(
    struct relay *relay, struct turn *turn, const struct relay_event *event);

/* relay_stamp.c: what an envelope must be worth.  Its value now; whether one
 * may come in over a link, as far as that costs nothing to know, and counted
 * where not; that one has come in unasked. */
uint8_t relay_value(const struct turn *turn, const struct envelope *envelope);
bool relay_admits(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event);
void relay_came(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event);
/* Tell the peers whose terms have changed; all: everybody. */
void relay_tell_terms(struct relay *relay, struct turn *turn, bool all);
/* The same of a peer that has just opened, and knows of terms. */
void relay_greet(
    struct relay *relay, struct turn *turn, const struct link *link);
/* A peer's terms are others than they were. */
void relay_terms(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_terms *terms);
/* The first, where it is time to look at the pressure. */
void relay_look_at_pressure(struct relay *relay, struct turn *turn);
/* Take the envelope of a PUSH or STEM that may come in, once its stamp is known
 * to be genuine.  The frame again, and whether it is. */
void relay_check(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event);
void relay_checked(
    struct relay *relay, struct turn *turn, const struct relay_event *event);
/* Have one's own stamped before it goes out; false when it need not wait, or
 * there is no room for it.  The stamp is made, or given up. */
bool relay_stamp_first(struct relay *relay, struct turn *turn,
    const struct shelf_offer *own, bool urgent);
void relay_stamped(
    struct relay *relay, struct turn *turn, const struct relay_event *event);

/* relay_bid.c: what was worth too little.  Tell a peer that it was; hear that
 * it was; have one's own stamped anew that are due, and offer one that is. */
void relay_decline(struct relay *relay, struct turn *turn, uint32_t link,
    const struct envelope_id *id);
void relay_declined(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids);
/* Tell a peer that what it pushed is not kept here, for lack of room. */
void relay_send_back(struct relay *relay, struct turn *turn, uint32_t link,
    const struct envelope_id *id);
void relay_bid(struct relay *relay, struct turn *turn);
void relay_offer_again(struct relay *relay, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope);

/* relay_stem.c: hidden first hops. */
void relay_stem(struct relay *relay, struct turn *turn, const struct link *link,
    const struct relay_event *event);
/* Take a stem whose stamp is genuine. */
void relay_take_stem(struct relay *relay, struct turn *turn,
    const struct link *link, const struct relay_event *event);
/* Put an envelope, or a receipt of what is on the shelf, on its stem; false,
 * and nothing was done, where it must do without. */
bool relay_hide(struct relay *relay, struct turn *turn, uint32_t from,
    const struct shelf_offer *offer);
bool relay_hide_receipt(struct relay *relay, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt);
/* Put an envelope on the shelf that came by another way: one that was hidden,
 * or a new one.  False when there is no room. */
bool relay_keep(
    struct relay *relay, struct turn *turn, const struct shelf_offer *offer);
/* Show what is due. */
void relay_show(struct relay *relay, struct turn *turn);

/* relay_catch.c: catching up with what was missed. */
void relay_want(struct relay *relay, struct turn *turn, const struct link *link,
    const struct frame_ids *want);
void relay_graft(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids);
void relay_reconcile(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_reconcile *frame);
/* Soon, with a peer whose terms have fallen: what was withheld from it may be
 * wanted now. */
void relay_catch_up_with(
    struct relay *relay, struct turn *turn, const struct link *link);
void relay_catch_up(struct relay *relay, struct turn *turn);
/* A peer does not keep what it was pushed. */
void relay_unkept(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_ids *ids);
/* Soon, with anybody, where room has come for what was refused. */
void relay_look_for_room(struct relay *relay, struct turn *turn);

#endif
