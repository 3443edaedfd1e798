/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SYBIL_H
#define SIM_SYBIL_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/limits.h"
#include "sim/scene.h"

/* One attacker's many ids, which want to be all the neighbours that somebody
 * has.  Each links itself with honest nodes, one more a second, in pleas that
 * are always urgent, and takes whoever dials it; of other nodes it names its
 * own kind alone. */

/* Whether a node is one, and has begun. */
bool sybil_pushes(const struct world *world, uint32_t node);

/* Ask its engine for one more honest peer. */
void sybil_acts(struct scene *scene, uint32_t node);

/* Somebody has dialled it. */
void sybil_is_dialled(struct scene *scene, uint32_t node, uint32_t by);

/* Its engine says something: make of that what a sybil says.  The frame then
 * borrows nodes.  False: it is as it was. */
bool sybil_says(struct world *world, uint32_t node, struct frame *frame,
    struct node_address nodes[static LIMIT_FRAME_NODES]);

/* Whether sybils are after that node: it is one of the victims, or all are. */
bool sybil_is_after(const struct world *world, uint32_t node);

#endif
