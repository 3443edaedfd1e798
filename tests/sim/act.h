/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SIM_ACT_H
#define TESTS_SIM_ACT_H

#include <stdlib.h>
#include <string.h>

#include "sim/node.h"
#include "sim/perform_relay.h"
#include "sim/simulation.h"
#include "tests/sim/plant.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

/* A run in which something is planted, one thing at a time, and which is then
 * caught in the act. */
static struct simulation simulation;
static struct world *const world = &simulation.world;

static inline void begin(bool wire, const char *assignments[])
{
    setup_run(&simulation, wire, assignments);
}
#define SET(...)                                                               \
    ((const char *[]){"mesh.nodes=12", "mesh.degree=4", "mesh.duration=10min", \
        "workload.letters=6", "workload.pairs=3", "workload.urgent=1.0",       \
        "node.receipt=1d", __VA_ARGS__, NULL})

static inline void run(uint64_t second)
{
    while (simulation.second < second && simulation_advance(&simulation))
        continue;
    need(world->oracle.violation_count == 0);
}

static inline void caught(int invariant, const char *text)
{
    const struct oracle *oracle = &world->oracle;
    ok(oracle->violation_count > 0 && oracle->first.invariant == invariant &&
            strcmp(oracle->first.text, text) == 0,
        text);
    if (oracle->violation_count > 0)
        printf("# invariant %d: %s\n", oracle->first.invariant,
            oracle->first.text);
    world->oracle = (struct oracle){0};
}

/* Node 0 wants something done that no relay should. */
static inline void wants(const struct relay_effect *effect)
{
    struct relay_effects effects = {0};
    struct relay_effect list[] = {*effect};
    effects.list = list;
    effects.count = 1;
    scene_begin(&simulation.scene, 0);
    perform_relay(&simulation.scene, &effects, false);
    scene_end(&simulation.scene);
}

/* All have six letters, and receipts wait. */
static inline uint32_t begin_with_mail(void)
{
    begin(false, SET("mesh.seed=1"));
    run(90);
    need(ledger_get(&world->nodes[0].shelf, 0) == LEDGER_STORED);
    need(world->nodes[0].link_count > 0);
    return world->nodes[0].links[0].number;
}

#endif
