/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SWEEP_TABLE_H
#define SIM_SWEEP_TABLE_H

#include <stdio.h>

#include "sim/runs_database.h"

/* The runs of a sweep as tables.  Rows are in the order of the plan, so that
 * the same plan gives the same bytes however it was carried out. */

/* A row a run: the point, the seed, the verdict, every metric. */
MUST_USE enum status sweep_table_runs(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint);

/* A row a point and metric: the mean over seeds, and its interval. */
MUST_USE enum status sweep_table_points(FILE *file,
    const struct sweep_plan *plan, struct runs_database *database,
    struct complaint *complaint);

/* The whole as one object, for programs and for a report's page. */
MUST_USE enum status sweep_table_json(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint);

/* For people: a line a point, with the metrics that matter most. */
MUST_USE enum status sweep_table_print(FILE *file,
    const struct sweep_plan *plan, struct runs_database *database,
    struct complaint *complaint);

#endif
