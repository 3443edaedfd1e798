/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail that a person brings by hand, in a bundle.  It is admitted as a link's
 * is, but that nobody pays for it by a budget: it is here because its person
 * wants it.  All bundles together have the share of the shelf that a peer has:
 * who made one may be anybody.  Much may come at once, so nothing is spread;
 * the peers find out by reconciliation, as they do of a catch-up. */
#include "crypto/stamp.h"
#include "relay/relay_state.h"

static bool import_envelope(struct relay *relay, struct turn *turn,
    const struct relay_event *event, enum refusal *why)
{
    const struct envelope_id *id = &event->import.id;
    const struct shelf_offer offer = {
        .id = id, .envelope = event->import.envelope, .is_carried = true};
    *why = REFUSAL_DUPLICATE;
    if (shelf_knows(&relay->shelf, id))
        return false;
    if (!shelf_accepts(&relay->shelf, turn, offer.envelope->expires_h, why))
        return false;
    *why = REFUSAL_FALSE_STAMP;
    if (!stamp_is_none(offer.envelope->stamp) && !event->import.is_genuine)
        return false;
    *why = REFUSAL_NO_ROOM;
    if (!relay_keep(relay, turn, &offer))
        return false;
    wants_settle(&relay->wants, turn, id, 0);
    tree_found(&relay->tree, id);
    if (relay_arrive(relay, turn, id))
        reconcile_others(&relay->reconcile, turn, 0);
    return true;
}

static bool import_receipt(struct relay *relay, struct turn *turn,
    const struct relay_event *event, enum refusal *why)
{
    const struct envelope_id *id = &event->import.id;
    const struct opening *opening = &event->import.opening;
    switch (shelf_receive(&relay->shelf, turn, id, opening)) {
    case SHELF_RECEIPT_CLEARS:
        relay_forget(relay, id);
        reconcile_others(&relay->reconcile, turn, 0);
        return true;
    case SHELF_RECEIPT_KNOWN:
        *why = REFUSAL_DUPLICATE;
        return false;
    case SHELF_RECEIPT_FALSE:
        *why = REFUSAL_FALSE_RECEIPT;
        return false;
    case SHELF_RECEIPT_UNKNOWN:
        *why = REFUSAL_EARLY_RECEIPT;
        receipts_wait(&relay->receipts, turn,
            &(struct receipt_waiting){*id, *opening, false, 0});
        return false;
    }
    return false;
}

void relay_import(
    struct relay *relay, struct turn *turn, const struct relay_event *event)
{
    struct relay_import import = {.is_receipt = !event->import.envelope};
    if (event->import.envelope)
        import.taken = import_envelope(relay, turn, event, &import.why);
    else
        import.taken = import_receipt(relay, turn, event, &import.why);
    if (!import.taken)
        turn_refuse(turn, import.why);
    turn_effect_on(turn, RELAY_IMPORTED, &event->import.id)->import = import;
}
