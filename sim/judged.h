/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_JUDGED_H
#define SIM_JUDGED_H

#include <stdbool.h>

#include "sim/world.h"

/* Which parts of invariants a run can be held to.  Some suppose a mesh that is
 * left in peace; where a scenario does not leave it so, they are not judged,
 * and a report says why. */

/* What stands in the way, from beginning to end, in a few words; NULL:
 * nothing. */
const char *judged_why_not(const struct world *world, enum oracle_part part);
static inline bool judged_is(const struct world *world, enum oracle_part part)
{
    return judged_why_not(world, part) == NULL;
}

#endif
