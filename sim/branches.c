/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An edge of which one end alone is eager counts: what comes from there passes,
 * and what comes from the other side makes the other end ask for it back.  As
 * for the graph of neighbours, all is looked at anew each second. */
#include "sim/branches.h"

#include <stdlib.h>

#include "sim/graph.h"
#include "sim/judged.h"
#include "sim/union_find.h"
#include "sim/workload.h"

#define MENDED_US (BRANCHES_MENDED_S * UINT64_C(1000000))

enum status branches_init(struct branches *branches, uint32_t nodes)
{
    *branches = (struct branches){0};
    branches->by_link = malloc(nodes * sizeof(*branches->by_link));
    branches->by_eager = malloc(nodes * sizeof(*branches->by_eager));
    return branches->by_link && branches->by_eager ? STATUS_OK
                                                   : STATUS_NO_MEMORY;
}

void branches_clear(struct branches *branches)
{
    free(branches->by_link);
    free(branches->by_eager);
    *branches = (struct branches){0};
}

static void look_at_node(
    struct branches *branches, const struct sketch *sketch, uint32_t index)
{
    const struct sketch_node *node = sketch->of[index];
    for (uint32_t i = 0; node && i < node->end_count; i++) {
        const struct sketch_end *end = &node->ends[i];
        if (!sketch->of[end->peer])
            continue;
        branches->link_parts -=
            union_find_join(branches->by_link, index, end->peer);
        if (end->is_eager)
            branches->eager_parts -=
                union_find_join(branches->by_eager, index, end->peer);
    }
}

/* Whether it is one, or is not in parts for long yet. */
static bool is_mended(
    struct branches *branches, const struct world *world, uint64_t payloads_new)
{
    if (branches->eager_parts <= branches->link_parts) {
        branches->apart_since_us = 0;
        return true;
    }
    if (branches->apart_since_us == 0) {
        branches->apart_since_us = world->now_us;
        branches->apart_since_new = payloads_new;
    }
    uint64_t envelopes =
        (payloads_new - branches->apart_since_new) / branches->nodes;
    return world->now_us - branches->apart_since_us <= MENDED_US ||
           envelopes < BRANCHES_ENVELOPES;
}

void branches_judge(
    struct branches *branches, struct world *world, uint64_t payloads_new)
{
    if (!branches->is_judged) {
        branches->apart_since_us = 0;
        return;
    }
    bool holds = is_mended(branches, world, payloads_new);
    if (world_is_first(world))
        oracle_check_part(&world->oracle, holds, PART_BRANCHES, WORLD_ITSELF,
            world->now_us, "eager edges have not connected for long");
}

static bool is_in_peace(const struct world *world, uint64_t for_us)
{
    return !world->is_split && world->now_us > world->whole.fault_us + for_us;
}

/* Edges that neighbours are still looking for begin eager, and are pruned by
 * what comes twice. */
static bool is_steady(const struct world *world)
{
    bool is_found = world->scenario.member == SWITCH_ON;
    return judged_is(world, PART_REDUNDANCY) &&
           is_in_peace(world, is_found ? GRAPH_CALM_US : MENDED_US);
}

/* Of so many, since trees had settled. */
static void judge_share(
    struct world *world, const struct branches_pushes *since)
{
    bool is_crowded = workload_is_crowded(world);
    uint64_t enough = is_crowded ? BRANCHES_SETTLED_CROWDED : BRANCHES_SETTLED;
    uint64_t one_in = is_crowded ? BRANCHES_AGAIN_CROWDED : BRANCHES_AGAIN;
    if (!world_is_first(world) ||
        since->first < enough * world->whole.counts.nodes_up)
        return;
    oracle_check_part(&world->oracle, since->again * one_in <= since->first,
        PART_REDUNDANCY, WORLD_ITSELF, world->now_us,
        is_crowded ? "one push in three or more goes to who does not need it"
                   : "one push in ten or more goes to who has it already");
}

void branches_judge_pushes(struct branches *branches, struct world *world,
    const struct branches_pushes *pushes)
{
    const uint64_t settled = BRANCHES_SETTLED * world->whole.counts.nodes_up;
    if (!is_steady(world)) {
        branches->peace_first = pushes->first;
        branches->first = 0;
        return;
    }
    if (pushes->first - branches->peace_first < settled)
        return;
    if (branches->first == 0) {
        branches->first = pushes->first;
        branches->again = pushes->again;
    }
    judge_share(world,
        &(struct branches_pushes){.first = pushes->first - branches->first,
            .again = pushes->again - branches->again});
}

static bool can_judge(const struct world *world)
{
    return judged_is(world, PART_BRANCHES) && is_in_peace(world, MENDED_US);
}

bool branches_are_due(
    const struct branches *branches, const struct world *world)
{
    return can_judge(world) &&
           branches->seen_new != world->whole.counts.payloads_new;
}

void branches_look(
    struct branches *branches, struct world *world, const struct sketch *sketch)
{
    const struct counts *counts = &world->whole.counts;
    branches_judge_pushes(branches, world,
        &(struct branches_pushes){counts->pushes_first, counts->pushes_again});
    branches->nodes = (uint32_t)counts->nodes_up;
    branches->is_judged = can_judge(world);
    if (!branches->is_judged) {
        branches->apart_since_us = 0;
        return;
    }
    if (!branches_are_due(branches, world))
        return;
    branches->seen_new = world->whole.counts.payloads_new;
    branches->link_parts = branches->eager_parts = branches->nodes;
    union_find_init(branches->by_link, world->node_count);
    union_find_init(branches->by_eager, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++)
        look_at_node(branches, sketch, i);
    branches_judge(branches, world, world->whole.counts.payloads_new);
}
