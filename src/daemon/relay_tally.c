/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's reasons, as a person is told them of a bundle.  Those that only
 * a link can give cannot come here. */
#include "daemon/relay_tally.h"

void relay_tally(
    struct control_bundle *tally, const struct relay_import *import)
{
    if (import->taken) {
        *(import->is_receipt ? &tally->receipts : &tally->envelopes) += 1;
        return;
    }
    switch (import->why) {
    case REFUSAL_DUPLICATE:
        tally->known++;
        return;
    case REFUSAL_EARLY_RECEIPT:
        tally->early++;
        return;
    case REFUSAL_FALSE_RECEIPT:
        tally->false_receipts++;
        return;
    case REFUSAL_FALSE_STAMP:
        tally->false_stamps++;
        return;
    case REFUSAL_EXPIRED:
        tally->expired++;
        return;
    case REFUSAL_TOO_FAR_AHEAD:
        tally->too_far_ahead++;
        return;
    case REFUSAL_NO_ROOM:
    case REFUSAL_MALFORMED:
    case REFUSAL_UNKNOWN_TYPE:
    case REFUSAL_BEFORE_HELLO:
    case REFUSAL_RATE:
    case REFUSAL_VALUE:
    case REFUSAL_RECONCILE:
    case REFUSAL_LINK:
    case REFUSAL_CLOCK:
    case REFUSAL_GRAYLIST:
    case REFUSAL_MEMBER:
    case REFUSAL_COUNT:
        tally->no_room++;
        return;
    }
}
