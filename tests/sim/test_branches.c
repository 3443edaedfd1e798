/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invariant 3: it holds for a mesh that lives, and is seen to be broken where a
 * tree stays in parts. */
#include <stdlib.h>
#include <string.h>

#include "sim/branches.h"
#include "sim/simulation.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

static struct simulation simulation;

/* With three settings of one's own. */
static void begin(const char *one, const char *two, const char *three)
{
    const char *const assignments[] = {"mesh.nodes=40",
        "mesh.topology=random-regular", "mesh.degree=6", "mesh.duration=5min",
        "workload.letters=300", "workload.pairs=20", one, two, three, NULL};
    setup_run(&simulation, false, assignments);
}

static void a_mesh_is_one_tree(void)
{
    begin("node.tree=on", "node.stem=on", "workload.over=60s");
    while (simulation_advance(&simulation))
        continue;
    const struct branches *branches = &simulation.branches;
    ok(branches->is_judged && branches->nodes == 40 &&
            branches->link_parts == 1,
        "a mesh in which letters go is looked at");
    ok(branches->eager_parts == 1, "and its eager edges connect it");
    ok(simulation.world.oracle.violation_count == 0, "nothing is broken");
}

/* The last run goes on, in two parts. */
static void parts_show(void)
{
    struct world *world = &simulation.world;
    struct branches *branches = &simulation.branches;
    uint64_t payloads = world->counts.payloads_new;
    branches->eager_parts = 2;
    branches_judge(branches, world, payloads);
    world->now_us += (BRANCHES_MENDED_S + 1) * UINT64_C(1000000);
    branches_judge(branches, world, payloads + 40 * (BRANCHES_ENVELOPES - 1));
    ok(world->oracle.violation_count == 0,
        "what is in parts is mended by what comes");
    payloads += 40 * BRANCHES_ENVELOPES;
    branches->eager_parts = 1;
    branches_judge(branches, world, payloads);
    branches->eager_parts = 2;
    branches_judge(branches, world, payloads);
    ok(world->oracle.violation_count == 0, "once it is, time begins anew");
    world->now_us += (BRANCHES_MENDED_S + 1) * UINT64_C(1000000);
    branches_judge(branches, world, payloads + 40 * BRANCHES_ENVELOPES);
    ok(world->oracle.violation_count == 1 &&
            world->oracle.first.invariant == 3 &&
            strcmp(world->oracle.first.text,
                "eager edges have not connected for long") == 0,
        "what is not mended by so much is broken");
    simulation_clear(&simulation);
}

/* It goes on, and so many more are pushed. */
static void pushed(uint64_t first, uint64_t again)
{
    static struct branches_pushes so_far;
    so_far.first += first;
    so_far.again += again;
    branches_judge_pushes(&simulation.branches, &simulation.world, &so_far);
}

static void doubles_show(void)
{
    struct world *world = &simulation.world;
    const uint64_t settled = 40 * BRANCHES_SETTLED;
    begin("node.tree=on", "node.stem=on", "workload.over=200s");
    while (simulation_advance(&simulation))
        continue;
    need(world->oracle.checks_of_part[PART_REDUNDANCY] > 0);
    ok(world->oracle.violation_count == 0,
        "in a mesh that has settled hardly any push is one too many");
    simulation.branches.first = 0;
    simulation.branches.peace_first = 0;
    pushed(settled, settled);
    pushed(settled - 1, settled);
    ok(world->oracle.violation_count == 0, "before it has, many may be");
    pushed(1, 0);
    ok(world->oracle.violation_count == 1 &&
            world->oracle.first.invariant == 3 &&
            strcmp(world->oracle.first.text,
                "one push in ten or more goes to who has it already") == 0,
        "afterwards they are too many");
    world->oracle = (struct oracle){0};
    world->whole.fault_us = world->now_us;
    pushed(settled, settled);
    world->now_us += 61 * UINT64_C(1000000);
    pushed(settled, settled);
    pushed(settled, settled / 10);
    ok(world->oracle.violation_count == 0,
        "a fault lets it begin anew, and a tenth is borne");
    pushed(settled, settled / 10 + 1);
    ok(world->oracle.violation_count == 1, "and no more");
    world->oracle = (struct oracle){0};
    world->whole.counts.shelf_peak_bytes = world->scenario.shelf_bytes / 2;
    simulation.branches.first = 0;
    pushed(settled, 0);
    pushed(4 * settled, 4 * settled);
    ok(world->oracle.violation_count == 0,
        "where shelves are full it takes longer");
    pushed(settled, 0);
    ok(world->oracle.violation_count == 1 &&
            strcmp(world->oracle.first.text,
                "one push in three or more goes to who does not need it") == 0,
        "and then they are too many");
    world->oracle = (struct oracle){0};
    pushed(7 * settled, 0);
    ok(world->oracle.violation_count == 0, "but a third is borne");
    world->oracle = (struct oracle){0};
    world->scenario.loss_ppm = 1;
    pushed(settled, settled);
    ok(world->oracle.checks == 0, "where frames are lost, nobody is judged");
    simulation_clear(&simulation);
}

/* One goes everywhere just when the mesh has settled: by chance, as one in 512
 * does. */
static void renewing_is_borne(void)
{
    begin("workload.first=55s", "workload.over=45s", "mesh.seed=26");
    while (simulation_advance(&simulation))
        continue;
    const struct world *world = &simulation.world;
    need(world->oracle.checks_of_part[PART_REDUNDANCY] > 0);
    ok(world->oracle.violation_count == 0, "what renews the trees is borne");
    simulation_clear(&simulation);
}

/* What trees and stems are compared with. */
static void without_trees_all_is_flooded(void)
{
    struct measures measures;
    begin("node.tree=off", "node.stem=off", "workload.over=60s");
    while (simulation_advance(&simulation))
        continue;
    const struct world *world = &simulation.world;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    ok(measures.values[METRIC_REDUNDANCY] > 3000000,
        "without trees each node is brought an envelope by nearly all others");
    ok(world->counts.kind_frames[FRAME_IHAVE] == 0 &&
            world->counts.kind_frames[FRAME_PRUNE] == 0,
        "and nobody announces or prunes");
    ok(world->counts.kind_frames[FRAME_STEM] == 0,
        "without stems nothing is hidden");
    ok(world->oracle.violation_count == 0, "and nothing is broken");
    simulation_clear(&simulation);
}

int main(void)
{
    without_trees_all_is_flooded();
    a_mesh_is_one_tree();
    parts_show();
    doubles_show();
    renewing_is_borne();
    return tap_done();
}
