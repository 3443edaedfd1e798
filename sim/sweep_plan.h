/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SWEEP_PLAN_H
#define SIM_SWEEP_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* A grid of independent runs: every value of every axis with every seed.  Jobs
 * are numbered from 0; the seed counts fastest, then the last axis. */
enum {
    SWEEP_AXES = 8,
    SWEEP_VALUES = 1000,
    SWEEP_KEY_CHARS = 63,
    SWEEP_VALUE_CHARS = 63,
    SWEEP_JOBS = 1000000,
    SWEEP_FINGERPRINT_CHARS = 32,
};

struct sweep_axis {
    char key[SWEEP_KEY_CHARS + 1]; /* section.key */
    size_t count;
    char (*values)[SWEEP_VALUE_CHARS + 1];
};

struct sweep_plan {
    struct scenario base;
    size_t axis_count;
    struct sweep_axis axes[SWEEP_AXES];
    uint64_t seed_first, seed_last;
};

/* Begin a plan of one run: the scenario's own seed.  End it with
 * sweep_plan_clear. */
void sweep_plan_init(struct sweep_plan *plan, const struct scenario *base);
void sweep_plan_clear(struct sweep_plan *plan);

/* Add an axis, "section.key=first:last:step" or "section.key=one,other";
 * "nodes" alone is mesh.nodes.  STATUS_INVALID with a complaint;
 * STATUS_NO_MEMORY. */
MUST_USE enum status sweep_plan_add(
    struct sweep_plan *plan, const char *text, struct complaint *complaint);

/* Set the seeds, "first:last" or one.  STATUS_INVALID with a complaint. */
MUST_USE enum status sweep_plan_seeds(
    struct sweep_plan *plan, const char *text, struct complaint *complaint);

size_t sweep_plan_points(const struct sweep_plan *plan);
size_t sweep_plan_jobs(const struct sweep_plan *plan);

/* The point of a job, and which value it has on an axis. */
size_t sweep_plan_point(const struct sweep_plan *plan, size_t job);
const char *sweep_plan_value(
    const struct sweep_plan *plan, size_t point, size_t axis);

/* The scenario of a job.  STATUS_INVALID with a complaint when it is
 * impossible. */
MUST_USE enum status sweep_plan_scenario(const struct sweep_plan *plan,
    size_t job, struct scenario *out, struct complaint *complaint);

/* What tells a run from every other: a digest of every setting and
 * expectation, the name of the scenario and the version of this program. */
void sweep_fingerprint(const struct scenario *scenario,
    char out[static SWEEP_FINGERPRINT_CHARS + 1]);

#endif
