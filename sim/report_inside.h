/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_INSIDE_H
#define SIM_REPORT_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/oracle/invariants.h"
#include "sim/scenario.h"

/* What a report says in both of its shapes.  For report.c and report_json.c
 * alone. */
struct report;
struct world;

/* Whether a metric says anything of this run.  Real nodes tell of their
 * neighbours, whoever has chosen these. */
bool report_is_meant(const struct report *report, enum metric metric);

/* passed, failed or partial. */
const char *report_verdict(const struct report *report);

uint64_t report_events_per_second(const struct report *report);

/* Why something was not judged; NULL: it was. */
const char *report_why_not(const struct world *world, enum oracle_part part);

/* How long real nodes were ready to run and did not, for each frame that came:
 * what a busy machine adds to a latency, at each hop. */
uint64_t report_waited_us(const struct report *report);

#endif
