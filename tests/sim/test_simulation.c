/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of small meshes, with the real engines. */
#include <inttypes.h>
#include <string.h>

#include "sim/simulation.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

struct outcome {
    struct trace trace;
    struct measures measures;
    uint64_t violations;
    uint64_t missed;
    struct counts counts;
    uint32_t receipts;
    struct circles circles; /* counts alone */
    struct shipments shipments;
};

static struct outcome finish(struct simulation *simulation)
{
    struct outcome outcome = {.violations = 0};
    while (simulation_advance(simulation))
        continue;
    need(simulation_finish(simulation, &outcome.measures) == STATUS_OK);
    outcome.trace = simulation->world.trace;
    outcome.counts = simulation->world.counts;
    outcome.receipts = simulation->world.letters.receipts;
    outcome.circles = simulation->world.circles;
    outcome.shipments = simulation->world.shipments;
    outcome.violations = simulation->world.oracle.violation_count;
    if (outcome.violations)
        printf("# %s\n", simulation->world.oracle.first.text);
    simulation_clear(simulation);
    return outcome;
}

static struct outcome run(bool wire, const char *assignments[])
{
    struct simulation simulation;
    setup_run(&simulation, wire, assignments);
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

/* A small mesh with one kind of trouble in it. */
#define TROUBLED(...)                                                          \
    SET("mesh.nodes=60", "mesh.degree=8", "workload.letters=30",               \
        "workload.pairs=10", "workload.over=20s", __VA_ARGS__)

/* Three nodes in a line, the middle one of a kind, the others people. */
#define LINE(...)                                                              \
    SET("mesh.nodes=3", "mesh.topology=line", "mesh.duration=2min",            \
        "workload.letters=8", "workload.pairs=1", "mesh.seed=2", __VA_ARGS__)

static void test_silence(void)
{
    struct outcome drop = run(false, TROUBLED("adversaries.droppers=0.25"));
    struct outcome wire = run(true, TROUBLED("adversaries.droppers=0.25"));
    ok(all_well(&drop) &&
            drop.measures.values[METRIC_DELIVERED_REACHABLE] == 1000000,
        "a quarter of droppers stop no letter");
    ok(same_trace(&drop, &wire), "the same when every frame is encoded");
    struct outcome all = run(false, LINE("adversaries.droppers=0.333"));
    ok(all.measures.values[METRIC_DELIVERED] == 0 &&
            all.measures.values[METRIC_DELIVERED_REACHABLE] == 1000000,
        "one in the middle of a line stops all, and nobody was reachable");
    struct outcome flash = run(false, TROUBLED("adversaries.flash=0.25"));
    ok(all_well(&flash), "relays that fall silent at once stop no letter");
    struct outcome middle =
        run(false, LINE("adversaries.flash=0.333", "adversaries.flash_at=45s"));
    ok(middle.measures.missed > 0 && middle.measures.missed < 8,
        "before that they are as any other");
    struct outcome promise = run(false, LINE("adversaries.announcers=0.333"));
    ok(promise.measures.values[METRIC_DELIVERED] == 0 &&
            promise.counts.kind_frames[FRAME_IHAVE] > 0,
        "who only announces passes nothing on");
}

static void test_liars(void)
{
    struct outcome none = run(false, TROUBLED("mesh.seed=1"));
    struct outcome announce =
        run(false, TROUBLED("adversaries.announcers=0.25"));
    ok(all_well(&announce) && announce.counts.kind_frames[FRAME_IHAVE] >
                                  none.counts.kind_frames[FRAME_IHAVE],
        "relays that announce and never send stop no letter");
    struct outcome delay = run(
        false, TROUBLED("adversaries.delayers=0.5", "adversaries.delay=3s"));
    ok(all_well(&delay) && delay.measures.values[METRIC_LATENCY_MEAN] >
                               none.measures.values[METRIC_LATENCY_MEAN],
        "those that delay do delay, and stop no letter");
    struct outcome replay = run(false, TROUBLED("adversaries.replayers=0.1"));
    ok(all_well(&replay) && replay.measures.values[METRIC_REDUNDANCY] >
                                none.measures.values[METRIC_REDUNDANCY],
        "what is replayed is shown once, and stored once");
    struct outcome forge =
        run(false, TROUBLED("adversaries.forgers=0.05", "mesh.duration=60s"));
    ok(forge.violations == 0 && all_well(&forge) && forge.counts.checks > 0 &&
            forge.counts.false_checks_us > 0 && none.counts.checks == 0,
        "false receipts clear nothing, false stamps buy nothing");
    struct outcome flood =
        run(false, TROUBLED("adversaries.flooders=0.02", "adversaries.rate=100",
                       "mesh.duration=40s"));
    ok(all_well(&flood) && flood.counts.false_checks_us > 0 &&
            flood.counts.kind_frames[FRAME_PUSH] <
                none.counts.kind_frames[FRAME_PUSH] + 3000,
        "a flood of false stamps is soon over");
    struct outcome mail =
        run(false, TROUBLED("adversaries.flooders=0.02",
                       "adversaries.flood=mail", "adversaries.life=1h",
                       "adversaries.rate=1000", "mesh.duration=40s"));
    uint64_t taken = mail.measures.values[METRIC_FLOOD_TAKEN];
    ok(all_well(&mail) && taken > 65536 && taken < 8388608 &&
            mail.measures.values[METRIC_FLOOD_WORK] == 0,
        "a flood of valid mail fills shelves a little, and stops no letter");
    struct outcome work =
        run(false, TROUBLED("adversaries.flooders=0.02",
                       "adversaries.flood=work", "adversaries.life=1h",
                       "adversaries.rate=1000", "mesh.duration=40s"));
    ok(work.measures.values[METRIC_FLOOD_WORK] > 0 &&
            work.measures.values[METRIC_FLOOD_WORK] <= 1000000 &&
            work.measures.values[METRIC_FLOOD_TAKEN] > 65536 &&
            work.measures.values[METRIC_FLOOD_TAKEN] < taken,
        "one that pays works for it, and meets a price as well");
    struct outcome grind = run(false, TROUBLED("adversaries.grinders=0.1"));
    struct outcome drop = run(false, TROUBLED("adversaries.droppers=0.1"));
    ok(all_well(&grind) && grind.measures.values[METRIC_REDUNDANCY] >
                               drop.measures.values[METRIC_REDUNDANCY],
        "ids that shape the trees cost copies, and stop no letter");
    struct outcome sybil = run(false, TROUBLED("adversaries.sybils=0.2"));
    ok(all_well(&sybil) && sybil.counts.kind_frames[FRAME_HELLO] >
                               none.counts.kind_frames[FRAME_HELLO],
        "sybils link themselves with many, and stop no letter");
}

/* All relays crash after a flood of false stamps was thrown out. */
#define CRASHED(...)                                                           \
    SET("mesh.nodes=24", "mesh.degree=4", "mesh.duration=60s",                 \
        "adversaries.flooders=0.05", "adversaries.rate=100",                   \
        "adversaries.from=5s", "faults.crash_at=30s", "faults.crash_for=2s",   \
        "faults.crash_share=1", "workload.letters=4", "workload.pairs=2",      \
        "workload.over=20s", __VA_ARGS__)

static void test_memory(void)
{
    struct outcome kept = run(false, CRASHED("faults.crash_disk=kept"));
    struct outcome lost = run(false, CRASHED("faults.crash_disk=lost"));
    ok(all_well(&kept) && kept.counts.boots == 2 * 24 &&
            kept.counts.false_checks_us > 0 &&
            kept.counts.false_checks_us < lost.counts.false_checks_us,
        "a crash does not let in again who was thrown out before it");
}

/* Four of five nodes are sybils, who dial everybody from the beginning. */
#define SURROUNDED(...)                                                        \
    SET("mesh.nodes=100", "mesh.topology=join", "mesh.contacts=4",             \
        "mesh.duration=90s", "node.member=on", "adversaries.sybils=0.8",       \
        "adversaries.from=0", "workload.letters=20", "workload.pairs=5",       \
        "workload.first=40s", "workload.over=20s", __VA_ARGS__)

static void test_friends(void)
{
    struct outcome none = run(false, SURROUNDED("node.pins=0"));
    struct outcome told = run(false, SURROUNDED("adversaries.told=off"));
    struct outcome friends =
        run(false, SURROUNDED("adversaries.told=off", "node.pins=3"));
    uint64_t alone = none.measures.values[METRIC_ECLIPSED];
    ok(none.violations + told.violations + friends.violations == 0 &&
            alone > 100000,
        "where four in five are sybils, some have nobody else");
    ok(!same_trace(&none, &told), "whether one has been told of them matters");
    ok(friends.measures.values[METRIC_ECLIPSED] == 0 &&
            friends.measures.values[METRIC_DELIVERED] >
                none.measures.values[METRIC_DELIVERED],
        "friends who keep each other have each other");
}

static void test_spies(void)
{
    struct outcome none = run(false, TROUBLED("mesh.seed=1"));
    struct outcome spies = run(false, TROUBLED("adversaries.spies=0.5"));
    uint64_t recall = spies.measures.values[METRIC_SPY_RECALL];
    uint64_t precision = spies.measures.values[METRIC_SPY_PRECISION];
    ok(all_well(&spies) && recall > 0 && recall < 1000000 && precision > 0 &&
            precision <= 1000000,
        "spies guess some senders");
    ok(none.measures.values[METRIC_SPY_RECALL] == 0,
        "without any there are none");
    struct outcome line = run(false, LINE("adversaries.spies=0.333"));
    ok(all_well(&line) && line.measures.values[METRIC_SPY_RECALL] == 1000000 &&
            line.measures.values[METRIC_SPY_PRECISION] == 1000000,
        "one between the only two knows all");
    ok(line.measures.values[METRIC_HOPS_LAST] == 2, "two links apart");
}

static void test_kills(void)
{
    struct outcome kill =
        run(false, TROUBLED("faults.kill_at=15s", "faults.kill_share=0.5",
                       "workload.over=60s"));
    ok(all_well(&kill) && kill.counts.nodes_up == 30 &&
            kill.counts.departures == 30,
        "half of the nodes fail for good, and the others go on");
    ok(kill.measures.values[METRIC_ECLIPSED] == 0,
        "and are linked with one another");
}

static void test_clocks(void)
{
    struct outcome skew =
        run(false, TROUBLED("faults.skew_share=0.5", "faults.skew=5min",
                       "faults.skew_at=15s"));
    ok(all_well(&skew), "clocks that jump by 5 minutes lose nothing");
    struct outcome lie =
        run(false, TROUBLED("faults.skew_share=0.2", "faults.skew=24h"));
    ok(all_well(&lie) && lie.measures.values[METRIC_LIARS_REACHED] == 0,
        "no letter comes to those whose clocks lie by a day");
    struct outcome late =
        run(false, TROUBLED("faults.skew_share=0.2", "faults.skew=24h",
                       "faults.skew_at=60s"));
    ok(late.measures.values[METRIC_LIARS_REACHED] > 0,
        "before they lie some do");
}

/* How many of all vaults' envelopes slow nodes have never had. */
static size_t missing_where_slow(struct world *world)
{
    size_t missing = 0;
    for (uint32_t i = 0; i < world->node_count; i++)
        for (uint32_t n = 0; world->lots[i].is_slow && n < world->slab.count;
             n++)
            missing += slab_item(&world->slab, n)->origin != SLAB_NONE &&
                       ledger_get(&world->nodes[i].shelf, n) == LEDGER_UNKNOWN;
    return missing;
}

/* One node of 24 has links of a kilobyte a second, and more comes at times than
 * they take.  Nobody compares shelves, which would bring the rest in the end.
 */
static void test_demoted(void)
{
    struct scenario scenario;
    struct complaint complaint;
    struct simulation simulation;
    setup_scenario(&scenario,
        SET("mesh.nodes=24", "mesh.degree=6", "mesh.duration=8min",
            "mesh.quiet=6min", "faults.slow_share=0.04",
            "faults.slow_bandwidth=1kB", "workload.letters=120",
            "workload.pairs=12", "workload.over=100s", "workload.text=1KiB",
            "node.receipt=1d", "node.reconcile=1h"));
    need(simulation_init(&simulation, &scenario, &(struct manner){0},
             &complaint) == STATUS_OK);
    while (simulation_advance(&simulation))
        continue;
    size_t missing = missing_where_slow(&simulation.world);
    struct outcome out = finish(&simulation);
    printf("# %" PRIu64 " demoted, %" PRIu64 " refused, %zu missing\n",
        out.counts.frames_demoted, out.counts.frames_dropped, missing);
    ok(all_well(&out) && out.counts.frames_demoted > 100,
        "what waits too long for a slow link is demoted");
    ok(missing == 0, "and comes when it is asked for, all of it");
}

static void test_slow(void)
{
    struct outcome slow = run(
        false, TROUBLED("faults.slow_share=0.1", "faults.slow_bandwidth=500B",
                   "workload.text=16KiB", "workload.urgent=1.0"));
    ok(all_well(&slow), "past slow nodes everything arrives");
    ok(slow.counts.frames_dropped > 0, "and their queues are bounded");
    /* Where a push found a full queue, the same is pushed when a copy comes
     * that is stamped for more. */
    struct outcome refused = run(false,
        SET("mesh.nodes=11", "mesh.topology=barabasi-albert", "mesh.degree=4",
            "mesh.seed=183", "mesh.duration=32s", "mesh.quiet=0",
            "mesh.start=0", "links.jitter=0", "faults.crash_share=0.06",
            "faults.slow_share=0.05", "workload.letters=31", "workload.pairs=1",
            "workload.text=16B", "workload.text_most=11125B",
            "workload.first=4125ms", "workload.over=0", "node.reconcile=10s"));
    ok(refused.violations == 0 && refused.counts.frames_dropped > 0,
        "what a full queue refused was not sent");
    struct outcome split = run(
        false, TROUBLED("faults.partition_at=10s", "faults.partition_for=5s",
                   "faults.partition_every=10s", "faults.partition_times=3"));
    ok(all_well(&split) && split.counts.frames_cut > 0,
        "three splits, and everything arrives");
}

static void test_catching_up(void)
{
    struct outcome split = run(false,
        SET("mesh.nodes=2", "mesh.topology=line", "faults.partition_at=60s",
            "faults.partition_for=60s", "faults.partition_share=0.5",
            "workload.letters=20", "workload.pairs=1", "workload.first=10s",
            "workload.over=100s", "node.receipt=1d"));
    struct outcome whole = run(
        false, SET("mesh.nodes=2", "mesh.topology=line", "workload.letters=20",
                   "workload.pairs=1", "node.receipt=1d"));
    ok(all_well(&split) && split.counts.catchup_new > 0 &&
            split.counts.catchup_new < 20,
        "what was written apart is caught up with");
    ok(split.measures.values[METRIC_CATCHUP_BYTES] > 0 &&
            split.measures.values[METRIC_CATCHUP_BYTES] < 200 &&
            split.measures.values[METRIC_CATCHUP_TRIPS] >= 1 &&
            split.measures.values[METRIC_CATCHUP_TRIPS] <= 3,
        "at a cost that is measured");
    ok(whole.measures.values[METRIC_CATCHUP_BYTES] == 0 &&
            whole.measures.values[METRIC_CATCHUP_TRIPS] == 0,
        "which nothing has where nothing was split");
}

/* A disk that lies: what a relay has not stored it says it has cleared. */
static void test_planted(void)
{
    struct scenario scenario;
    struct complaint complaint;
    struct simulation simulation;
    setup_scenario(&scenario,
        SET("mesh.nodes=3", "mesh.topology=line", "workload.letters=1",
            "workload.pairs=1", "workload.first=10s", "workload.over=0"));
    need(simulation_init(&simulation, &scenario,
             &(struct manner){.wire = false}, &complaint) == STATUS_OK);
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

/* Groups and files, through loss, a split and a crash that takes shelves. */
static void test_groups(void)
{
    struct outcome out = run(
        false, ROUGH("mesh.seed=3", "workload.letters=4", "workload.groups=2",
                   "workload.group_size=5", "workload.group_letters=10",
                   "workload.files=4", "workload.file_size=10kB",
                   "workload.file_size_most=120kB"));
    const uint64_t *values = out.measures.values;
    ok(all_well(&out), "a rough mesh with groups delivers letters between two");
    ok(values[METRIC_GROUP_DELIVERED] == 1000000 &&
            values[METRIC_GROUP_LATENCY_P50] > 0 &&
            values[METRIC_GROUP_LATENCY_LAST] >=
                values[METRIC_GROUP_LATENCY_P50],
        "and letters in groups, to each member");
    ok(values[METRIC_FILE_DELIVERED] == 1000000 &&
            values[METRIC_FILE_LATENCY_P50] > 0,
        "and files, whole");
    ok(out.circles.sent == 20 && out.circles.shown == 80 &&
            out.circles.seeing == 10 && out.circles.refused == 0,
        "twenty letters are shown to four people each");
    ok(out.circles.receipts == 20 && out.shipments.receipts == 4,
        "and their writers know, as senders of files do");
    ok(out.shipments.sent == 4 && out.shipments.whole == 4,
        "four files come out to the byte");
    ok(out.measures.came == 4 + 80 + 4 && out.measures.sent == 4 + 20 + 4,
        "which overhead is measured by");
}

int main(void)
{
    test_two_nodes();
    test_determinism();
    test_split_for_ever();
    test_planted();
    test_silence();
    test_liars();
    test_memory();
    test_friends();
    test_spies();
    test_kills();
    test_clocks();
    test_slow();
    test_demoted();
    test_catching_up();
    test_groups();
    return tap_done();
}
