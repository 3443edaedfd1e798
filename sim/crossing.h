/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_CROSSING_H
#define SIM_CROSSING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sim/world.h"

/* Events for nodes that another part of the run moves: what an event carries
 * under a number goes along as bytes, and is given a number over there. */
struct crossing {
    uint32_t window;            /* how many have been swapped, and one */
    struct crossing_kept *kept; /* a ring: envelopes held for a while */
    size_t kept_first, kept_count, kept_capacity;
};

void crossing_init(struct crossing *crossing);
void crossing_clear(struct crossing *crossing);

/* Write down what leaves a world, for each part in its own buffer, and let go
 * of what it holds.  Returns when the first will arrive; UINT64_MAX. */
uint64_t crossing_write(
    struct crossing *crossing, struct world *world, struct buf *out);

/* Take the events that a part sent into the queue; after all of them the next
 * window begins. */
void crossing_take(
    struct crossing *crossing, struct world *world, struct span events);
void crossing_pass(struct crossing *crossing, struct world *world);

#endif
