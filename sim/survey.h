/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SURVEY_H
#define SIM_SURVEY_H

#include "base/status.h"
#include "sim/world.h"

/* What only one who sees the whole mesh can measure, at the end of a run:
 * fills in delivered_reachable, reliability, spread, hops_last, those eclipsed,
 * liars_reached, those of spies and of floods.  STATUS_NO_MEMORY. */
MUST_USE enum status survey(const struct world *world, struct measures *out);

/* The part of the honest, living mesh that each node belongs to (room for all
 * nodes): two are in one part when a path of such nodes joins them, by the
 * edges that the scenario planned or the links that are there.  Nodes that are
 * no part of it are alone.  STATUS_NO_MEMORY. */
MUST_USE enum status survey_parts(const struct world *world, uint32_t *parts);

#endif
