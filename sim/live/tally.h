/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_TALLY_H
#define SIM_LIVE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "sim/measure.h"

/* What a node's relay says of itself, as the simulator counts it.  A relay
 * that starts again counts from nothing, so what it had said before is kept and
 * added. */
struct tally {
    uint64_t sent_frames[COUNTS_FRAME_TYPES];
    uint64_t sent_bytes[COUNTS_FRAME_TYPES];
    uint64_t received_frames[COUNTS_FRAME_TYPES];
    uint64_t taken;
    /* How things stand: of what is not up, nothing. */
    uint64_t stored, stored_bytes, cleared;
    uint64_t links;
};

/* Read a status.  Words that this program does not know are passed over. */
void tally_read(const struct control_relay_status *status, struct tally *out);

/* Add what one counted to another; how things stand is left as it is. */
void tally_add(struct tally *to, const struct tally *from);

/* Add a node's tally to the counts of a mesh. */
void tally_count(const struct tally *tally, struct counts *counts);

#endif
