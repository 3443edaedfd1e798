/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SWARM_H
#define SIM_SWARM_H

#include <stdint.h>

#include "sim/scenario.h"

/* Draw a whole scenario from a seed: a small mesh of any shape with any of the
 * faults, adversaries, workloads and settings that there are, first raging,
 * then over, and what must then be true of it as its expectations.  It passes
 * scenario_check, and is that of the seed for ever but for changes here.
 *
 * Each scenario has some features and lacks the others (swarm testing, Groce
 * and others 2012): what has all of them hides what one of them would show. */
void swarm_draw(uint64_t seed, struct scenario *out);

#endif
