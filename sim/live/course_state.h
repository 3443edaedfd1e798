/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_COURSE_STATE_H
#define SIM_LIVE_COURSE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/live/fleet.h"
#include "sim/live/folk_state.h"
#include "sim/live/neighbours.h"
#include "sim/live/spaces.h"
#include "sim/live/tally.h"
#include "sim/progress.h"
#include "sim/simulation.h"

/* The course of a live run.  The world is the same as in a virtual one, made
 * from the same scenario and seed: the same mesh, letters and faults.  Here
 * real nodes move it, on a real clock, and what they say is written down in it.
 */
struct course {
    struct simulation *simulation;
    struct fleet fleet;
    struct spaces *spaces; /* or NULL */
    unsigned starts;       /* at a time */
    bool *wanted;          /* nodes that are to be started */
    struct neighbours neighbours;
    struct tally *past; /* of each node, from its earlier starts */
    struct tally *present;
    struct folk folk;
    struct process_use *before; /* the measured phase; sorted by group */
    uint64_t zero_us; /* wall clock of the scenario's zero; 0: not yet */
    struct queue_event next;
    bool has_next;
    uint64_t happened; /* what was written or sent, faults */
    struct complaint *complaint;
    bool has_failed; /* complaint says why */
    bool interrupted;
    struct progress progress;
};

/* Microseconds of the scenario's time; 0 before it began. */
uint64_t course_state_now_us(const struct course *course);

static inline struct world *course_world(const struct course *course)
{
    return &course->simulation->world;
}

/* Let something happen at a time, or now where that has passed: a machine can
 * stand still for longer than what comes next was to wait. */
static inline void course_schedule(struct course *course, uint64_t at_us,
    uint32_t to, enum event_kind kind, uint32_t link, uint32_t handle)
{
    struct world *world = course_world(course);
    world_schedule(world, at_us > world->now_us ? at_us : world->now_us, to,
        WORLD_ITSELF, kind, link, handle);
}

#endif
