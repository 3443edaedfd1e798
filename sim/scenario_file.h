/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SCENARIO_FILE_H
#define SIM_SCENARIO_FILE_H

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* All defaults. */
void scenario_init(struct scenario *scenario);

/* Read a file over what the scenario holds.  STATUS_IO when it cannot be read,
 * STATUS_INVALID for the first thing in it that is wrong; either way the
 * complaint says which file, line and key, and what would be right. */
MUST_USE enum status scenario_read(
    struct scenario *scenario, const char *path, struct complaint *complaint);

/* Set one thing as from the command line: "section.key=value".  For [expect],
 * "expect.delivered>=0.9".  option is what brought it, as "--set", which lives
 * as long as the scenario.  STATUS_INVALID; the complaint begins with it. */
MUST_USE enum status scenario_set(struct scenario *scenario, const char *option,
    const char *assignment, struct complaint *complaint);

#endif
