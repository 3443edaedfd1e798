/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_COURSE_H
#define SIM_LIVE_COURSE_H

#include <stdbool.h>

#include "base/status.h"
#include "sim/live/course_state.h"
#include "sim/report.h"

struct course_config {
    struct simulation *simulation; /* whose world is made, and nothing more */
    struct spaces *spaces;         /* or NULL */
    const char *program;
    const char *shape; /* or NULL */
    const char *slow_shape;
    const char *clocks; /* or NULL */
    unsigned starts;
};

/* STATUS_IO and STATUS_NO_MEMORY with a complaint, which is borrowed. */
MUST_USE enum status course_init(struct course *course,
    const struct course_config *config, struct complaint *complaint);
void course_clear(struct course *course, bool keep);

/* Start every node, make those who write to each other contacts, and link the
 * mesh.  False when that failed, or was interrupted. */
bool course_assemble(struct course *course);

/* Let the scenario happen, to its end.  False as above; the results so far are
 * there all the same. */
bool course_run(struct course *course);

/* How the mesh was at last, into values by enum metric. */
void course_measure_mesh(struct course *course, uint64_t *values);

/* What the nodes used since the beginning of course_run. */
void course_use(struct course *course, struct report_live *out);

#endif
