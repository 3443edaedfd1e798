/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SHELVES_H
#define SIM_SHELVES_H

#include "sim/sketch.h"
#include "sim/world.h"

/* What reconciliation is for, looked at as a whole: that peers come to store
 * the same. */
enum {
    SHELVES_LEVEL_S = 120, /* so long after the last word of any vault ... */
    SHELVES_CALM_S = 300,  /* ... and the last fault, when links are there */
};

struct shelves {
    uint64_t seen_moves; /* of all shelves, as of the last look */
};

/* Whether there is anything to look at: the sketch is not read otherwise. */
bool shelves_are_due(const struct shelves *shelves, const struct world *world);

/* Look at a sketch of the mesh, once a virtual second, and hold it to invariant
 * 7: where nothing is lost and no shelf is full, and nobody has said anything
 * new for a while, a node stores what each peer stores.  Where no shelf has
 * changed since the last look, it says what that said. */
void shelves_look(
    struct shelves *shelves, struct world *world, const struct sketch *sketch);

#endif
