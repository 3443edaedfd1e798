/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SURVEY_H
#define SIM_SURVEY_H

#include "base/status.h"
#include "sim/sketch.h"
#include "sim/world.h"

/* What a world's own nodes add to it; sums, and the most. */
struct survey_part {
    uint64_t envelopes_had; /* of vaults' envelopes, by nodes that could */
    uint64_t liars_reached; /* whose clocks are off, and that have mail */
    uint64_t uncleared;     /* stored, and a receipt is about */
    uint64_t attack_most_ns;
    uint64_t flooders_worked_us; /* of their processors */
    uint64_t flooders_had_us;    /* since they began */
};
void survey_take(struct survey_part *out, const struct world *world);
void survey_add(struct survey_part *into, const struct survey_part *more);

/* What only one who sees the whole mesh can measure, at the end of a run:
 * fills in delivered_reachable, reliability, spread, hops_last, those eclipsed,
 * liars_reached, those of spies and of floods.  STATUS_NO_MEMORY. */
MUST_USE enum status survey(const struct world *world,
    const struct sketch *sketch, const struct survey_part *all,
    struct measures *out);

/* The part of the honest, living mesh that each node belongs to (room for all
 * nodes): two are in one part when a path of such nodes joins them, by the
 * edges that the scenario planned or the links that are there.  Nodes that are
 * no part of it are alone.  STATUS_NO_MEMORY. */
MUST_USE enum status survey_parts(
    const struct world *world, const struct sketch *sketch, uint32_t *parts);

#endif
