/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MARKS_H
#define SIM_MARKS_H

#include <stdio.h>

#include "sim/world.h"

/* What was done to a mesh on purpose: who in it are adversaries, and which
 * faults struck when.  Prints two members of a JSON object, with a comma behind
 * each; times are in seconds of the run, and a fault without an end has none.
 */
void marks_print_json(FILE *file, const struct world *world);

#endif
