/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SCENARIO_CHECK_H
#define SIM_SCENARIO_CHECK_H

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* Check what single keys cannot: that the whole is possible, and that nothing
 * in it is without effect that somebody must have meant to have one.
 * STATUS_INVALID with a complaint as blame has it. */
MUST_USE enum status scenario_check(
    const struct scenario *scenario, struct complaint *complaint);

#endif
