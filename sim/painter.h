/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PAINTER_H
#define SIM_PAINTER_H

#include <stdio.h>

#include "sim/sketch.h"
#include "sim/world.h"

/* Let a world that has not begun keep a picture.  Without letters, or with too
 * many nodes, it keeps none.  STATUS_NO_MEMORY. */
MUST_USE enum status painter_start(struct world *world);

/* A letter was written: where it is the picture's, its envelope is marked. */
void painter_written(struct world *world, uint32_t letter);

/* Where a picture waits for it, draw the mesh. */
void painter_draw(struct world *world, const struct sketch *sketch);

/* The first lines of spread.csv and edges.csv. */
#define PAINTER_SPREAD_COLUMNS "node,adversary,from,ms"
#define PAINTER_EDGES_COLUMNS  "from,to"

/* Both files; without a picture their first lines alone.  And a member of a
 * JSON object, with a comma behind it: the letter, or null. */
void painter_write_spread(FILE *file, const struct world *world);
void painter_write_edges(FILE *file, const struct world *world);
void painter_print_json(FILE *file, const struct world *world);

#endif
