/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SPREAD_H
#define SIM_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* How long envelopes take from where they were first pushed to the nodes that
 * they reach, over all nodes: a count for each millisecond. */
enum { SPREAD_MS = 16384 };

struct spread {
    uint64_t counts[SPREAD_MS]; /* what takes longer is in total alone */
    uint64_t total;
    uint64_t last_us;
};

void spread_add(struct spread *spread, uint64_t us);
void spread_join(struct spread *spread, const struct spread *more);

/* Envelopes that have come to a node, or were first pushed by one, within the
 * last virtual second: when an envelope was first pushed is known for certain
 * when all parts of the mesh have said so, at the second's end. */
struct arrival {
    uint64_t at_us;
    uint32_t number; /* of the slab */
};

struct arrivals {
    struct arrival *list;
    size_t count;
    size_t capacity;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status arrivals_add(
    struct arrivals *arrivals, uint32_t number, uint64_t at_us);
void arrivals_clear(struct arrivals *arrivals);

/* The least times that 50, 90, 99 and 100 in 100 do not exceed, in
 * microseconds; the last is exact, the others are to the millisecond, or the
 * last where they are past SPREAD_MS.  0 where nothing was added. */
void spread_measure(const struct spread *spread, uint64_t *out);

#endif
