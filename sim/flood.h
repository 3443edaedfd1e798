/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_FLOOD_H
#define SIM_FLOOD_H

#include <stdint.h>

struct queue_event;
struct world;

/* A flooder's valid mail: to nobody, and nothing tells it from others'. */

/* The slab's number of what a flooder sends next to a peer that takes nothing
 * worth less than least; it stays held while it is under way.  SLAB_NONE when
 * its processors have not had the time to stamp one. */
uint32_t flood_next(struct world *world, uint32_t node, uint8_t least);

/* An EVENT_TAKEN: a peer has stored what a flooder made.  It comes so long
 * after that, which is sooner than the same would be sent again. */
enum { FLOOD_TOLD_US = 1000000 };
void flood_was_taken(struct world *world, const struct queue_event *event);

/* Add what stamps have cost a world's flooders, and how long they have had, in
 * microseconds. */
void flood_work(
    const struct world *world, uint64_t *worked_us, uint64_t *had_us);

#endif
