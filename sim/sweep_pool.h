/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SWEEP_POOL_H
#define SIM_SWEEP_POOL_H

#include "sim/children.h"
#include "sim/runs_database.h"

/* The runs of a sweep, in processes of their own. */
enum { SWEEP_PROCESSES = CHILDREN_MAXIMUM };

/* Begin a run; there is room for one.  STATUS_IO when the system refuses. */
MUST_USE enum status sweep_pool_start(
    struct children *pool, size_t job, const struct scenario *scenario);

/* Wait a moment for a run to end: whether one did; which, and whether it came
 * to a result. */
bool sweep_pool_wait(
    struct children *pool, size_t *job, bool *came, struct run_result *out);

/* End all that are still going on. */
void sweep_pool_stop(struct children *pool);

#endif
