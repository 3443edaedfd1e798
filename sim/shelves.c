/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk holds is summed up as it changes, by the simulator and not by the
 * engine, and sums are compared: two sets with one sum are one, but for a
 * chance in 2^32.
 *
 * Peers need not have compared each other: what one lacks it may have from any
 * other, so that all that are linked come to the same. */
#include "sim/shelves.h"

#include "sim/faults.h"
#include "sim/judged.h"
#include "sim/units.h"
#include "sim/workload.h"

static bool is_level(const struct world *world)
{
    const struct totals *whole = &world->whole;
    return !world->is_split && faults_are_over(world) &&
           !workload_is_crowded(world) &&
           world->now_us > whole->fault_us + SHELVES_CALM_S * SECOND_US &&
           world->now_us > whole->calm_since_us + SHELVES_LEVEL_S * SECOND_US &&
           world->now_us > whole->news_us + SHELVES_LEVEL_S * SECOND_US;
}

bool shelves_are_due(const struct shelves *shelves, const struct world *world)
{
    return judged_is(world, PART_SHELVES) && is_level(world) &&
           shelves->seen_moves != world->whole.counts.shelf_moves;
}

static bool is_like_its_peers(const struct sketch *sketch, uint32_t index)
{
    const struct sketch_node *node = sketch->of[index];
    for (uint32_t i = 0; i < node->end_count; i++) {
        const struct sketch_node *peer = sketch->of[node->ends[i].peer];
        if (peer && peer->shelf != node->shelf)
            return false;
    }
    return true;
}

void shelves_look(
    struct shelves *shelves, struct world *world, const struct sketch *sketch)
{
    if (!shelves_are_due(shelves, world))
        return;
    shelves->seen_moves = world->whole.counts.shelf_moves;
    for (uint32_t i = world->first_node; i < world->end_node; i++)
        if (sketch->of[i])
            oracle_check_part(&world->oracle, is_like_its_peers(sketch, i),
                PART_SHELVES, i, world->now_us,
                "peers have not come to store the same");
}
