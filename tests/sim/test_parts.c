/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run in one part and in several: the same to the last figure. */
#include <string.h>

#include "sim/painter.h"
#include "sim/partition.h"
#include "sim/simulation.h"
#include "sim/threads.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

struct outcome {
    struct trace trace;
    struct measures measures;
    struct counts counts;
    struct oracle oracle;
    uint64_t letters; /* a digest of all fates */
    uint64_t more;
    uint64_t picture;
    uint64_t samples;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t digest_letters(const struct letters *letters)
{
    uint64_t hash = 1;
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        hash = mix(mix(hash, fate->sent_us), fate->shown_us);
        hash = mix(mix(hash, fate->receipt_us), fate->refused);
    }
    return mix(mix(hash, letters->sent), letters->shown);
}

static uint64_t digest_more(
    const struct circles *circles, const struct shipments *shipments)
{
    uint64_t hash = mix(mix(1, circles->sent), circles->shown);
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        hash = mix(hash, circles->letters[i].sent_us);
        hash = mix(hash, circles->letters[i].receipt_us);
        for (uint32_t place = 0; place < circles->size; place++)
            hash = mix(hash, circles_copy(circles, i, place)->shown_us);
    }
    hash = mix(mix(hash, shipments->sent), shipments->whole);
    for (uint32_t i = 0; i < shipments->count; i++) {
        hash = mix(hash, shipments->list[i].sent_us);
        hash = mix(hash, shipments->list[i].whole_us);
        hash = mix(hash, shipments->list[i].receipt_us);
    }
    return hash;
}

static uint64_t digest_picture(const struct picture *picture, uint32_t nodes)
{
    uint64_t hash = mix(1, picture->began_us);
    for (uint32_t i = 0; i < nodes; i++)
        hash = mix(
            mix(hash, picture->arrivals[i].from), picture->arrivals[i].at_us);
    for (size_t i = 0; i < picture->links.count; i++)
        hash = mix(mix(hash, picture->links.edges[i].from),
            picture->links.edges[i].to);
    return hash;
}

static uint64_t digest_samples(const struct samples *samples)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample *sample = &samples->list[i];
        hash = mix(mix(hash, sample->events), sample->stored);
        hash = mix(mix(hash, sample->shown), sample->links);
    }
    return hash;
}

static struct outcome look(struct simulation *simulation)
{
    struct outcome out;
    memset(&out, 0, sizeof(out)); /* compared as bytes */
    need(simulation_finish(simulation, &out.measures) == STATUS_OK);
    const struct world *world = &simulation->world;
    out.trace = world->trace;
    out.counts = world->counts;
    out.oracle = world->oracle;
    out.letters = digest_letters(&world->letters);
    out.more = digest_more(&world->circles, &world->shipments);
    out.samples = digest_samples(&world->samples);
    if (world->picture)
        out.picture = digest_picture(world->picture, world->node_count);
    return out;
}

static struct outcome run(
    uint32_t threads, bool wire, const char *assignments[])
{
    static struct simulation simulation;
    struct scenario scenario;
    struct complaint complaint;
    setup_scenario(&scenario, assignments);
    const struct threads_job job = {.scenario = &scenario,
        .count = threads,
        .wire = wire,
        .has_picture = true};
    struct threads *others = threads > 1 ? threads_start(&job) : NULL;
    const struct manner manner = {
        .wire = wire, .exchange = others ? threads_exchange(others) : NULL};
    need(simulation_init(&simulation, &scenario, &manner, &complaint) ==
         STATUS_OK);
    need(painter_start(&simulation.world) == STATUS_OK);
    while (simulation_advance(&simulation))
        continue;
    struct outcome out = look(&simulation);
    simulation_clear(&simulation);
    threads_end(others);
    return out;
}

#define SET(...) ((const char *[]){__VA_ARGS__, NULL})

static bool is_same(const struct outcome *a, const struct outcome *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void say(const char *what, const char *claim, bool holds)
{
    char text[128];
    snprintf(text, sizeof(text), "%s: %s", what, claim);
    ok(holds, text);
}

/* In one part and in two, three and four, and encoded on the way. */
static struct outcome compare(const char *what, const char *assignments[])
{
    struct outcome one = run(1, false, assignments);
    bool same = true;
    for (uint32_t threads = 2; threads <= 4; threads++) {
        struct outcome more = run(threads, false, assignments);
        same &= is_same(&one, &more);
    }
    say(what, "two, three and four threads come to the same as one", same);
    struct outcome wire = run(2, true, assignments);
    say(what, "so do two that encode every frame", is_same(&one, &wire));
    say(what, "much was sent, and nothing is violated",
        one.counts.frames_arrived > 1000 && one.oracle.violation_count == 0 &&
            one.picture != 0);
    return one;
}

#define MESH(...)                                                              \
    SET("mesh.nodes=40", "mesh.degree=6", "workload.letters=24",               \
        "workload.pairs=12", "workload.over=20s", "links.loss=0.02",           \
        "links.latency=5ms", "mesh.duration=5min", __VA_ARGS__)

static void test_runs(void)
{
    compare("loss", MESH("mesh.seed=3"));
    compare("faults", MESH("faults.partition_at=15s",
                          "faults.partition_for=20s", "faults.crash_at=12s",
                          "faults.crash_share=0.3", "faults.crash_for=10s",
                          "faults.crash_disk=lost", "faults.kill_at=40s",
                          "faults.kill_share=0.1", "node.reconcile=20s"));
    compare("churn",
        MESH("churn.session=40s", "churn.downtime=10s", "churn.until=2min",
            "node.reconcile=20s", "faults.skew_share=0.3", "faults.skew=5min"));
    struct outcome slow = compare("slow links",
        MESH("faults.slow_share=0.2", "faults.slow_bandwidth=500B",
            "workload.text=16KiB", "links.bandwidth=200KiB"));
    say("slow links", "forwards are demoted, and frames refused",
        slow.counts.frames_demoted > 0 && slow.counts.frames_dropped > 0);
    compare("membership", MESH("node.member=on", "mesh.topology=join"));
    compare("groups and files",
        MESH("workload.groups=2", "workload.group_size=6",
            "workload.group_letters=12", "workload.files=8",
            "workload.file_size=1kB", "workload.file_size_most=100kB"));
    compare("a walk",
        SET("mesh.nodes=30", "mobility.model=walk", "mobility.area=300m",
            "mobility.reach=80m", "mesh.duration=5min", "workload.letters=30",
            "workload.pairs=15", "workload.over=60s"));
}

static void test_adversaries(void)
{
    compare("who says nothing, late or again",
        MESH("adversaries.droppers=0.1", "adversaries.announcers=0.1",
            "adversaries.delayers=0.2", "adversaries.replayers=0.1",
            "adversaries.flash=0.1", "adversaries.flash_at=40s",
            "mesh.duration=60s"));
    compare("forgers and sybils",
        MESH("adversaries.forgers=0.1", "adversaries.sybils=0.1",
            "mesh.duration=40s"));
    compare("spies", MESH("adversaries.spies=0.3"));
    compare("a flood that pays",
        MESH("adversaries.flooders=0.05", "adversaries.flood=work",
            "adversaries.life=1h", "adversaries.rate=500",
            "mesh.duration=40s"));
}

static void test_partition(void)
{
    struct scenario scenario;
    struct topology topology;
    struct complaint complaint;
    static const struct meetings none;
    struct partition partition;
    setup_scenario(
        &scenario, SET("mesh.nodes=5000", "mesh.topology=barabasi-albert"));
    need(topology_make(&scenario, &topology, &complaint) == STATUS_OK);
    need(partition_cut(&partition, 4, &topology, &none) == STATUS_OK);
    uint32_t ends[4] = {0};
    for (size_t i = 0; i < topology.edge_count; i++) {
        ends[partition_of(&partition, topology.edges[i].from)]++;
        ends[partition_of(&partition, topology.edges[i].to)]++;
    }
    bool fair = true;
    for (int i = 0; i < 4; i++)
        fair &= ends[i] > topology.edge_count * 2 / 5 &&
                ends[i] < topology.edge_count * 3 / 5;
    ok(fair, "each part of a mesh of hubs has about as many links");
    ok(partition.bounds[1] < 1000, "and the hubs' part fewer nodes");
    topology_clear(&topology);
    setup_scenario(&scenario, SET("mesh.nodes=8", "mesh.topology=star"));
    need(topology_make(&scenario, &topology, &complaint) == STATUS_OK);
    need(partition_cut(&partition, 8, &topology, &none) == STATUS_OK);
    bool single = true;
    for (uint32_t i = 0; i < 8; i++)
        single &= partition_of(&partition, i) == i;
    ok(single, "as many parts as nodes have one each");
    topology_clear(&topology);
}

static void test_too_many(void)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    static struct simulation simulation;
    setup_scenario(&scenario, SET("mesh.nodes=2", "mesh.topology=line"));
    const struct threads_job job = {.scenario = &scenario, .count = 3};
    struct threads *others = threads_start(&job);
    const struct manner manner = {.exchange = threads_exchange(others)};
    ok(simulation_init(&simulation, &scenario, &manner, &complaint) ==
                STATUS_INVALID &&
            strstr(complaint.text, "there are 2"),
        "more parts than nodes are refused");
    threads_end(others);
}

int main(void)
{
    test_partition();
    test_too_many();
    test_runs();
    test_adversaries();
    return tap_done();
}
