/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PUBLISHED_H
#define SIM_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/scenario.h"

/* What others have reported of a set-up, beside what a run of it came to. */

/* Read what stands behind a metric's name: a figure, a comma, its source.
 * STATUS_INVALID with *why set to a static text. */
MUST_USE enum status published_read(
    const char *text, struct published *out, const char **why);

/* As a scenario has them, a line each; nothing where it has none. */
void published_explain(FILE *file, const struct scenario *scenario);

/* Beside a run's own values, by enum metric, as a table and as the JSON member
 * "published".  is_seen: by metric, whether it was measured; NULL: all were. */
void published_print(FILE *file, const struct scenario *scenario,
    const uint64_t *values, const bool *is_seen);
void published_print_json(FILE *file, const struct scenario *scenario,
    const uint64_t *values, const bool *is_seen);

#endif
