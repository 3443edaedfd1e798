/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invariant 2, of the mesh as a whole: it holds for one that makes itself, and
 * each of its parts is seen to be broken where it is. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/member.h"
#include "sim/simulation.h"
#include "sim/union_find.h"
#include "tests/sim/plant.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

static struct simulation simulation;

static void begin(const char *assignments[])
{
    setup_run(&simulation, false, assignments);
}
#define SET(...)                                                               \
    ((const char *[]){                                                         \
        "node.member=on", "workload.letters=0", __VA_ARGS__, NULL})

static void run(uint64_t second)
{
    while (simulation.second < second && simulation_advance(&simulation))
        continue;
}

/* As at the end of a second, after something has happened at a node. */
static void look_after(uint32_t node)
{
    struct world *world = &simulation.world;
    struct buf buf;
    buf_init(&buf, SIZE_MAX / 4);
    edges_note(world, node);
    need(edges_write(world, &buf) == STATUS_OK);
    graph_take(&simulation.graph, world, buf_span(&buf));
    graph_look(&simulation.graph, world);
    buf_clear(&buf);
}

static bool broken(const char *text)
{
    const struct oracle *oracle = &simulation.world.oracle;
    if (oracle->violation_count > 0)
        printf("# %s\n", oracle->first.text);
    return oracle->violation_count > 0 && oracle->first.invariant == 2 &&
           strstr(oracle->first.text, text);
}

static void test_join(void)
{
    begin(SET("mesh.nodes=60", "mesh.topology=join", "mesh.duration=15min",
        "links.loss=0.02"));
    run(300);
    const struct graph_shape *shape = &simulation.graph.shape;
    ok(shape->components == 1 && shape->in_band == 60,
        "sixty nodes that know a few others each make one mesh, in the band");
    ok(graph_least(shape) >= MEMBER_LOW && graph_most(shape) <= MEMBER_HIGH &&
            graph_mean_ppm(shape) >= 7000000,
        "whose degrees are counted");
    ok(simulation.graph.healed_us < 30000000, "within half a minute");
    ok(simulation.world.oracle.violation_count == 0, "nothing is broken");
}

/* The last run goes on: one end of an edge is bent, so that each end names one
 * that nobody holds. */
static void test_one_sided(void)
{
    struct world *world = &simulation.world;
    uint32_t edges[LIMIT_LINKS];
    need(relay_edges(world->nodes[7].relay, edges) > 0);
    struct link *link = world_link(&world->nodes[7], edges[0]);
    look_after(7);
    uint32_t before = simulation.graph.shape.one_sided; /* being asked for */
    link->peer_number += 1000;
    world->nodes[7].edges_digest = 0;
    look_after(7);
    world->now_us += 60000000;
    look_after(7);
    ok(world->oracle.violation_count == 0 &&
            simulation.graph.shape.one_sided == before + 2,
        "an edge may have one end for a while");
    world->now_us += 60000000;
    look_after(7);
    ok(broken("an edge has had one end only for too long"),
        "and not for longer");
    simulation_clear(&simulation);
}

/* Two meshes that nobody ever told of each other, until nodes of both have
 * met. */
static void test_parts(void)
{
    char path[] = "/tmp/test_graph.XXXXXX", file[64];
    int fd = mkstemp(path);
    need(fd >= 0);
    FILE *out = fdopen(fd, "w");
    fprintf(out, "src,dst\n");
    for (int i = 1; i < 30; i++)
        fprintf(out, "0,%d\n30,%d\n", i, 30 + i);
    need(fclose(out) == 0);
    snprintf(file, sizeof(file), "mesh.file=%s", path);
    begin(SET("mesh.topology=file", file, "mesh.duration=20min"));
    run(900);
    ok(simulation.graph.shape.components == 2 &&
            simulation.world.oracle.violation_count == 0,
        "those that could never know of each other may be two");
    union_find_join(simulation.graph.acquainted.met, 7, 40);
    run(902);
    ok(broken("the mesh is in parts, three cycles after the last fault"),
        "and no others");
    simulation_clear(&simulation);
    unlink(path);
}

/* Whether a node was told only of nodes that die, and nobody of it. */
static bool is_forsaken(const struct world *world, uint32_t node)
{
    const struct topology *told = &world->topology;
    for (size_t i = 0; i < told->edge_count; i++)
        if ((told->edges[i].from == node &&
                !world->lots[told->edges[i].to].dies) ||
            told->edges[i].to == node)
            return false;
    return !world->lots[node].dies;
}

/* Nodes die before others, who were told of them alone, are there. */
static void test_forsaken(void)
{
    begin(SET("mesh.nodes=60", "mesh.topology=join", "mesh.contacts=1",
        "mesh.start=30s", "mesh.duration=20min", "faults.kill_at=1ms",
        "faults.kill_share=0.2"));
    struct world *world = &simulation.world;
    uint32_t node = 1;
    while (!is_forsaken(world, node))
        node++;
    run(1000);
    ok(!simulation.graph.edges.of[node]->degree &&
            simulation.graph.shape.components > 1 &&
            world->oracle.violation_count == 0,
        "nobody is to blame that whoever was told of the dead alone is alone");
    union_find_join(simulation.graph.acquainted.met, node, 0);
    run(1002);
    ok(broken("a node has had too few neighbours for three cycles of calm"),
        "but it is one's fault who once had a neighbour");
    simulation_clear(&simulation);
}

static void test_too_few(void)
{
    begin(SET("mesh.nodes=40", "mesh.topology=join", "mesh.duration=20min",
        "node.links=4"));
    run(900);
    ok(broken("a node has had too few neighbours for three cycles of calm"),
        "relays that may have four links are below the band");
    simulation_clear(&simulation);
}

static void test_too_many(void)
{
    begin(SET("mesh.nodes=40", "mesh.topology=join", "mesh.duration=20min"));
    run(300);
    struct world *world = &simulation.world;
    size_t most = MEMBER_HIGH + world->dial_from[8] - world->dial_from[7];
    plant_crowd(world->nodes[7].relay, most);
    look_after(7);
    ok(world->oracle.violation_count == 0, "a full band is in order");
    plant_no_crowd(world->nodes[7].relay);
    plant_crowd(world->nodes[7].relay, most + 1);
    look_after(7);
    ok(broken("a node has more neighbours than the band has"),
        "one more is seen");
    plant_no_crowd(world->nodes[7].relay);
    simulation_clear(&simulation);
}

/* A forger that nobody wants for a neighbour. */
static void test_shunned(void)
{
    begin(SET("mesh.nodes=60", "mesh.topology=join", "mesh.duration=15min",
        "adversaries.forgers=0.02", "workload.letters=20", "workload.over=60s",
        "workload.pairs=5", "mesh.quiet=10min"));
    uint32_t forger = 0;
    while (simulation.world.lots[forger].role != ROLE_FORGER)
        forger++;
    run(400);
    uint32_t edges[LIMIT_LINKS];
    ok(relay_edges(simulation.world.nodes[forger].relay, edges) < MEMBER_LOW &&
            simulation.world.oracle.violation_count == 0 &&
            simulation.graph.shape.components == 1,
        "whom all others shun does not count");
    simulation_clear(&simulation);
}

static void test_split(void)
{
    begin(SET("mesh.nodes=60", "mesh.topology=join", "mesh.duration=30min",
        "faults.partition_at=300s", "faults.partition_for=600s",
        "faults.partition_share=0.3"));
    run(800);
    ok(simulation.graph.shape.components == 2, "a split makes two meshes");
    run(1200);
    ok(simulation.graph.shape.components == 1 &&
            simulation.world.oracle.violation_count == 0,
        "which find each other again");
    printf("# healed in %llu s\n",
        (unsigned long long)(simulation.graph.healed_us / 1000000));
    simulation_clear(&simulation);
}

int main(void)
{
    test_join();
    test_one_sided();
    test_parts();
    test_forsaken();
    test_too_few();
    test_shunned();
    test_too_many();
    test_split();
    return tap_done();
}
