/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TOTALS_H
#define SIM_TOTALS_H

#include <stdint.h>

#include "sim/measure.h"

/* What the parts of a mesh come to together: sums, and of some the most or the
 * latest. */
struct totals {
    struct counts counts;
    uint64_t frames_under_way; /* of one part it may be below 0 */
    uint64_t living_bytes;
    uint64_t dead_nodes;
    uint64_t letters_sent;
    uint64_t letters_shown;
    uint64_t letters_refused;
    uint64_t receipts;
    uint64_t circles_sent;
    uint64_t circles_shown;
    uint64_t circles_refused;
    uint64_t circles_receipts;
    uint64_t circles_seeing;
    uint64_t shipments_sent;
    uint64_t shipments_whole;
    uint64_t shipments_refused;
    uint64_t shipments_receipts;
    uint64_t pictures_due; /* a picture waits for the mesh's links */
    uint64_t fault_us;     /* the last */
    uint64_t calm_since_us;
    uint64_t news_us;
    uint64_t now_us;
};

void totals_add(struct totals *into, const struct totals *more);

#endif
