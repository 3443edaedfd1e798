/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SIMULATION_H
#define SIM_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/branches.h"
#include "sim/complaint.h"
#include "sim/graph.h"
#include "sim/measure.h"
#include "sim/scenario.h"
#include "sim/scene.h"
#include "sim/shelves.h"
#include "sim/together.h"

/* One run, a slice at a time; or one part of it, and then every part does the
 * same in its own thread or process: all of init, advance until that is false,
 * and finish. */
struct simulation {
    struct world world;
    struct scene scene;
    struct graph graph; /* where nodes find their neighbours */
    struct branches branches;
    struct shelves shelves;
    struct together together; /* with the other parts */
    uint64_t second;          /* of virtual time that have passed */
    uint64_t quiet_second;    /* when everything had arrived; 0: not yet */
    uint64_t examined;        /* nodes so far, in turn */
    uint64_t examined_events;
    bool is_over;
};

/* Make the mesh and plan all that will happen.  As world_init; in a run of
 * several parts none begins where one could not. */
MUST_USE enum status simulation_init(struct simulation *simulation,
    const struct scenario *scenario, const struct manner *manner,
    struct complaint *complaint);
void simulation_clear(struct simulation *simulation);

/* Go on, by at most a virtual second and at most a tenth of a second's work or
 * so; false when the run is over. */
bool simulation_advance(struct simulation *simulation);

/* Let simulation_advance be false soon, in all parts at one moment. */
void simulation_stop(struct simulation *simulation);

/* Judge the whole, and measure.  Of several parts the first alone has it all
 * afterwards, in its world and in *out.  STATUS_NO_MEMORY. */
MUST_USE enum status simulation_finish(
    struct simulation *simulation, struct measures *out);

#endif
