/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MOBILITY_H
#define SIM_MOBILITY_H

#include "sim/meetings.h"

/* Who meets whom in a scenario whose nodes move: read from its trace, or made
 * by random waypoint or random walk in a square, where two are in touch while
 * they are in reach of each other, looked at once a step.  As meetings_read. */
MUST_USE enum status mobility_make(const struct scenario *scenario,
    struct meetings *out, struct complaint *complaint);

#endif
