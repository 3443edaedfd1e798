/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SWEEP_POOL_H
#define SIM_SWEEP_POOL_H

#include <sys/types.h>

#include "sim/runs_database.h"

/* Runs in processes of their own, some at a time: what one does to memory, or
 * dies of, is no matter of the others. */
enum { SWEEP_PROCESSES = 64 };

struct sweep_process {
    pid_t pid;
    int pipe; /* what it says */
    size_t job;
    size_t got;
    struct run_result result;
};

struct sweep_pool {
    size_t count;
    struct sweep_process list[SWEEP_PROCESSES];
};

/* Begin a run; there is room for one.  STATUS_IO when the system refuses. */
MUST_USE enum status sweep_pool_start(
    struct sweep_pool *pool, size_t job, const struct scenario *scenario);

/* Wait a moment for a run to end: whether one did; which, and whether it came
 * to a result. */
bool sweep_pool_wait(
    struct sweep_pool *pool, size_t *job, bool *came, struct run_result *out);

/* End all that are still going on. */
void sweep_pool_stop(struct sweep_pool *pool);

#endif
