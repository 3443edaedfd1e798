/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_FLOOD_H
#define SIM_FLOOD_H

#include <stdint.h>

struct world;

/* A flooder's valid mail: to nobody, and nothing tells it from others'. */

/* The slab's number of what a flooder sends next to a peer that takes nothing
 * worth less than least; it stays held while it is under way.  SLAB_NONE when
 * its processors have not had the time to stamp one. */
uint32_t flood_next(struct world *world, uint32_t node, uint8_t least);

/* Share of a core that stamps cost each flooder while it floods. */
uint64_t flood_work_ppm(const struct world *world);

#endif
