/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUNS_DATABASE_H
#define SIM_RUNS_DATABASE_H

#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/measure.h"
#include "sim/sweep_plan.h"
#include "sim/trace.h"

/* What a run of a sweep came to, as its process hands it over. */
struct run_result {
    char fingerprint[SWEEP_FINGERPRINT_CHARS + 1];
    char trace[TRACE_CHARS + 1];
    char scenario[64];
    uint64_t seed;
    uint64_t nodes;
    bool passed;
    uint64_t violations;
    uint64_t values[METRIC_COUNT];
    uint64_t wall_ms;
    uint64_t peak_bytes;
};

/* The runs of a sweep, one row each, in a file that any SQLite reads. */
struct runs_database;

/* Open or make, for runs of one scenario, by its name; ":memory:" for one that
 * is not kept.  STATUS_INVALID with a complaint when it holds runs of another
 * scenario, or of a program made of other sources; STATUS_IO with one. */
MUST_USE enum status runs_database_open(const char *path, const char *scenario,
    struct runs_database **out, struct complaint *complaint);
void runs_database_close(struct runs_database *database);

/* Take over what another file of the same kind has and this one has not.
 * STATUS_INVALID with a complaint, and nothing taken, when it is of another
 * scenario or other sources; STATUS_IO with one. */
MUST_USE enum status runs_database_merge(struct runs_database *database,
    const char *path, struct complaint *complaint);

/* Add a run, in place of one with its fingerprint; find one.  STATUS_NOT_FOUND;
 * STATUS_IO with a complaint. */
MUST_USE enum status runs_database_add(struct runs_database *database,
    const struct run_result *result, struct complaint *complaint);
MUST_USE enum status runs_database_find(struct runs_database *database,
    const char *fingerprint, struct run_result *out,
    struct complaint *complaint);

#endif
