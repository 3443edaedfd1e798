/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ASSIST_H
#define SIM_ASSIST_H

#include <stdbool.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"
#include "sim/world.h"

/* What one of the other parts of a run does, from its beginning to its end; of
 * what it comes to nothing is wanted here, since the first part has been told.
 * has_picture: whether the first has.  As simulation_init. */
MUST_USE enum status assist(const struct scenario *scenario,
    const struct manner *manner, bool has_picture, struct complaint *complaint);

#endif
