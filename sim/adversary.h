/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ADVERSARY_H
#define SIM_ADVERSARY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/net.h"
#include "sim/scene.h"

/* What nodes do that are not honest.  Each has the same relay engine, so that
 * it links and speaks as any other; it differs in what becomes of what its
 * engine sends, and in what it sends of its own.  Everything is a real frame.
 */

/* Plan the first act of each that acts by itself. */
void adversary_plan(struct world *world);

/* A relay sends a frame, or pushes an envelope: whether that goes on its way
 * now.  Otherwise whatever comes instead has been seen to.  Where the world has
 * no adversaries, this and the next need not be asked. */
bool adversary_sends(struct world *world, uint32_t node, struct link *link,
    const struct frame *frame);
bool adversary_pushes(struct world *world, uint32_t node, struct link *link,
    const struct net_load *load);

/* A frame came to any node: it is noted by spies, and kept by those who will
 * need it; honest nodes count what it costs them. */
void adversary_meets(struct world *world, uint32_t node,
    const struct queue_event *event, const struct net_arrival *arrival);

/* Add to what attackers cost an honest node.  Nothing when the node that it
 * came from is no attacker, or it has not begun. */
void adversary_costs(
    struct world *world, uint32_t node, uint32_t from, uint64_t work_ns);

/* EVENT_ACT, EVENT_LATE, EVENT_LATE_PUSH, EVENT_LATE_STEM and EVENT_TAKEN. */
void adversary_happens(struct scene *scene, const struct queue_event *event);

#endif
