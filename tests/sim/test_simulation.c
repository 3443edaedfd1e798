/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of small meshes, with the real engines. */
#include <string.h>

#include "sim/scenario_file.h"
#include "sim/simulation.h"
#include "tests/tap.h"

struct outcome {
    struct trace trace;
    struct measures measures;
    uint64_t violations;
    uint64_t missed;
    struct counts counts;
    uint32_t receipts;
};

static void prepare(struct scenario *scenario, const char *assignments[])
{
    struct complaint complaint;
    scenario_init(scenario);
    for (; *assignments; assignments++)
        if (scenario_set(scenario, *assignments, &complaint) != STATUS_OK) {
            printf("Bail out! %s\n", complaint.text);
            exit(99);
        }
    need(scenario_check(scenario, &complaint) == STATUS_OK);
}

static struct outcome finish(struct simulation *simulation)
{
    struct outcome outcome = {.violations = 0};
    while (simulation_advance(simulation))
        continue;
    need(simulation_finish(simulation, &outcome.measures) == STATUS_OK);
    outcome.trace = simulation->world.trace;
    outcome.counts = simulation->world.counts;
    outcome.receipts = simulation->world.letters.receipts;
    outcome.violations = simulation->world.oracle.violation_count;
    if (outcome.violations)
        printf("# %s\n", simulation->world.oracle.first.text);
    simulation_clear(simulation);
    return outcome;
}

static struct outcome run(bool wire, const char *assignments[])
{
    struct scenario scenario;
    struct complaint complaint;
    struct simulation simulation;
    prepare(&scenario, assignments);
    need(
        simulation_init(&simulation, &scenario, wire, &complaint) == STATUS_OK);
    return finish(&simulation);
}
#define SET(...) ((const char *[]){__VA_ARGS__, NULL})

static bool all_well(const struct outcome *outcome)
{
    return outcome->violations == 0 &&
           outcome->measures.values[METRIC_DELIVERED] == 1000000;
}

static bool same_trace(const struct outcome *a, const struct outcome *b)
{
    return a->trace.low == b->trace.low && a->trace.high == b->trace.high;
}

/* Loss, jitter, churn, a crash and a split at once, in a mesh small enough for
 * every test run. */
#define ROUGH(...)                                                             \
    SET("mesh.nodes=24", "mesh.degree=4", "mesh.duration=40min",               \
        "links.loss=0.05", "churn.session=3min", "churn.downtime=20s",         \
        "churn.until=5min", "faults.partition_at=20s",                         \
        "faults.partition_for=60s", "faults.crash_at=50s",                     \
        "faults.crash_share=0.3", "faults.crash_disk=lost",                    \
        "workload.letters=24", "workload.pairs=6", "workload.text_most=3000B", \
        "node.reconcile=30s", __VA_ARGS__)

static void test_determinism(void)
{
    struct outcome first = run(false, ROUGH("mesh.seed=1"));
    struct outcome again = run(false, ROUGH("mesh.seed=1"));
    struct outcome wire = run(true, ROUGH("mesh.seed=1"));
    struct outcome other = run(false, ROUGH("mesh.seed=2"));
    ok(all_well(&first), "a rough mesh delivers all, and nothing is violated");
    ok(first.counts.frames_lost > 0 && first.counts.frames_cut > 0 &&
            first.counts.frames_stale > 0 && first.counts.departures > 0,
        "though frames were lost, cut off and late, and nodes left");
    ok(same_trace(&first, &again), "the same seed has the same trace");
    ok(same_trace(&first, &wire), "encoded and decoded on the way too");
    ok(!same_trace(&first, &other), "another seed has another");
    ok(all_well(&other), "and delivers all as well");
}

/* Two nodes, one link of exactly 100 ms, one letter. */
static void test_two_nodes(void)
{
    struct outcome out = run(
        false, SET("mesh.nodes=2", "mesh.topology=line", "links.latency=100ms",
                   "links.jitter=0", "workload.letters=1", "workload.pairs=1"));
    ok(all_well(&out), "a letter crosses one link");
    ok(out.measures.values[METRIC_LATENCY_P50] == 100000 &&
            out.measures.values[METRIC_LATENCY_LAST] == 100000,
        "in exactly the link's latency");
    ok(out.measures.values[METRIC_REDUNDANCY] == 0 &&
            out.counts.payloads_new > 0,
        "and nothing is sent in vain");
    ok(out.receipts == 1, "its sender knows");
    ok(out.counts.stored == 0 && out.counts.cleared > 0,
        "and its receipt has cleared both shelves");
}

static void test_split_for_ever(void)
{
    struct outcome out = run(
        false, SET("mesh.nodes=2", "mesh.topology=line", "mesh.duration=2min",
                   "faults.partition_at=20s", "faults.partition_for=1h",
                   "workload.first=30s", "faults.partition_share=0.5",
                   "mesh.seed=1", "workload.letters=2", "workload.pairs=1"));
    ok(out.measures.values[METRIC_DELIVERED] == 0 && out.measures.missed == 2 &&
            out.counts.frames_cut > 0,
        "across a split that never heals nothing arrives");
    ok(out.violations == 0, "which violates nothing");
}

/* A disk that lies: what a relay has not stored it says it has cleared. */
static void test_planted(void)
{
    struct scenario scenario;
    struct complaint complaint;
    struct simulation simulation;
    prepare(&scenario,
        SET("mesh.nodes=3", "mesh.topology=line", "workload.letters=1",
            "workload.pairs=1", "workload.first=10s", "workload.over=0"));
    need(simulation_init(&simulation, &scenario, false, &complaint) ==
         STATUS_OK);
    while (simulation.second < 5) /* it is up, and nothing was written */
        need(simulation_advance(&simulation));
    for (uint32_t i = 0; i < 64; i++)
        need(ledger_set(&simulation.world.nodes[1].shelf, i, LEDGER_CLEARED) ==
             STATUS_OK);
    while (simulation.world.slab.count == 0)
        need(simulation_advance(&simulation));
    need(simulation.world.oracle.violation_count == 0);
    while (simulation_advance(&simulation))
        continue;
    ok(simulation.world.oracle.violation_count > 0 &&
            simulation.world.oracle.first.invariant == 5 &&
            simulation.world.oracle.first.node == 1,
        "an envelope stored where it was cleared is caught in the act");
    simulation_clear(&simulation);
}

int main(void)
{
    test_two_nodes();
    test_determinism();
    test_split_for_ever();
    test_planted();
    return tap_done();
}
