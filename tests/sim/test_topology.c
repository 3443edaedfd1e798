/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/scenario_file.h"
#include "sim/topology.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

struct shape {
    uint32_t nodes, parts, least, most;
    size_t edges;
};

static struct topology make(const char *assignments[])
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    struct topology topology = {0};
    setup_settings(&scenario, assignments);
    enum status status = topology_make(&scenario, &topology, &complaint);
    if (status)
        printf("# %s\n", complaint.text);
    need(status == STATUS_OK);
    return topology;
}

static struct shape shape_of(const struct topology *topology)
{
    struct shape shape = {
        .nodes = topology->nodes, .edges = topology->edge_count};
    need(topology_parts(topology, NULL, &shape.parts) == STATUS_OK);
    need(topology_degrees(topology, &shape.least, &shape.most) == STATUS_OK);
    return shape;
}

static void check(
    const char *what, const char *assignments[], struct shape expected)
{
    struct topology topology = make(assignments);
    struct shape shape = shape_of(&topology);
    ok(memcmp(&shape, &expected, sizeof(shape)) == 0, what);
    printf("# %u nodes, %u parts, degrees %u to %u, %zu edges\n", shape.nodes,
        shape.parts, shape.least, shape.most, shape.edges);
    topology_clear(&topology);
}
#define SET(...) ((const char *[]){__VA_ARGS__, NULL})

static int is_simple(const struct topology *topology)
{
    for (size_t i = 0; i < topology->edge_count; i++) {
        const struct topology_edge *e = &topology->edges[i];
        if (e->from >= e->to || e->to >= topology->nodes ||
            (i && e[-1].from == e->from && e[-1].to >= e->to))
            return 0;
    }
    return 1;
}

static void test_random_regular(void)
{
    struct topology one = make(SET("mesh.nodes=500", "mesh.degree=7"));
    struct topology same = make(SET("mesh.nodes=500", "mesh.degree=7"));
    struct topology other =
        make(SET("mesh.nodes=500", "mesh.degree=7", "mesh.seed=2"));
    size_t bytes = one.edge_count * sizeof(*one.edges);
    ok(is_simple(&one), "no loops, no double edges");
    ok(same.edge_count == one.edge_count &&
            memcmp(same.edges, one.edges, bytes) == 0,
        "the same seed gives the same mesh");
    ok(memcmp(other.edges, one.edges, bytes) != 0,
        "another seed gives another");
    size_t lattice = 0;
    for (size_t i = 0; i < one.edge_count; i++)
        lattice += one.edges[i].to - one.edges[i].from <= 3;
    ok(lattice < 50, "and little is left of the lattice it began as");
    topology_clear(&one);
    topology_clear(&same);
    topology_clear(&other);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    need(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void refused(const char *path, const char *text, const char *words)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    struct topology topology;
    scenario_init(&scenario);
    scenario.topology = TOPOLOGY_FILE;
    strcpy(scenario.file, path);
    write_file(path, text);
    enum status status = topology_make(&scenario, &topology, &complaint);
    ok(status == STATUS_INVALID && strstr(complaint.text, words), words);
}

static void test_file(void)
{
    char path[] = "/tmp/test_topology.XXXXXX", set[64];
    need(mkstemp(path) >= 0);
    snprintf(set, sizeof(set), "mesh.file=%s", path);
    write_file(path, "src,dst,q_fwd,q_rev,type\n0,1,1,1,wifi\n1,0,1,1,wifi\n"
                     "1,2,1,1,vpn\n2,2,1,1,wifi\n2,3,1,1,wifi\n");
    check("a file's edges, once each, without loops",
        SET("mesh.topology=file", set), (struct shape){4, 1, 1, 2, 3});
    check("and without a type", SET("mesh.topology=file", set, "mesh.skip=vpn"),
        (struct shape){4, 2, 1, 1, 2});
    write_file(path, "src,dst,,type\n0,1,vpn,wifi\n1,2,,vpn\n2,3,,wifi\n");
    check("a column without a name counts",
        SET("mesh.topology=file", set, "mesh.skip=vpn"),
        (struct shape){4, 2, 1, 1, 2});
    refused(path, "a,b\n0,1\n", ":1: must begin with the columns");
    refused(
        path, "src,dst\n0,1\n0;2\n", ":3: must begin with two node numbers");
    refused(path, "src,dst\n0,x\n", ":2: must begin with two node numbers");
    refused(path, "src,dst\n0,99999999\n", "below 1000000");
    refused(path, "src,dst\n", "has no edge between two nodes");
    unlink(path);
}

static void test_disconnected_radius(void)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    struct topology topology;
    scenario_init(&scenario);
    scenario.topology = TOPOLOGY_GEOMETRIC;
    scenario.radius_ppm = 20000;
    ok(topology_make(&scenario, &topology, &complaint) == STATUS_INVALID &&
            strstr(complaint.text, "makes it one"),
        "a radius that is too short is told what would do");
}

static size_t rewired(const struct topology *topology)
{
    size_t count = 0;
    for (size_t i = 0; i < topology->edge_count; i++) {
        uint32_t gap = topology->edges[i].to - topology->edges[i].from;
        count += gap > 4 && gap < topology->nodes - 4;
    }
    return count;
}

static void test_random_graphs(void)
{
    struct topology erdos =
        make(SET("mesh.nodes=2000", "mesh.topology=erdos-renyi"));
    struct shape shape = shape_of(&erdos);
    ok(is_simple(&erdos) && shape.parts == 1 && shape.edges >= 8000 &&
            shape.edges < 8020,
        "Erdos and Renyi: so many edges, and one mesh");
    /* Poisson with mean 8: of 2,000 draws the most is about 19. */
    ok(shape.least < 3 && shape.most > 15 && shape.most < 26,
        "whose degrees vary");
    topology_clear(&erdos);
    struct topology ring = make(SET(
        "mesh.nodes=2000", "mesh.topology=watts-strogatz", "mesh.rewire=0.0"));
    shape = shape_of(&ring);
    ok(shape.least == 8 && shape.most == 8 && rewired(&ring) == 0,
        "Watts and Strogatz: a ring of the nearest");
    topology_clear(&ring);
    struct topology small =
        make(SET("mesh.nodes=2000", "mesh.topology=watts-strogatz"));
    shape = shape_of(&small);
    ok(is_simple(&small) && shape.edges == 8000 && rewired(&small) > 700 &&
            rewired(&small) < 900,
        "of which a tenth leads to anybody");
    topology_clear(&small);
    struct topology hubs =
        make(SET("mesh.nodes=2000", "mesh.topology=barabasi-albert"));
    shape = shape_of(&hubs);
    ok(is_simple(&hubs) && shape.parts == 1 && shape.least == 4 &&
            shape.edges == 4 * 1995 + 10 && shape.most > 80,
        "Barabasi and Albert: few have many");
    struct topology same =
        make(SET("mesh.nodes=2000", "mesh.topology=barabasi-albert"));
    ok(memcmp(same.edges, hubs.edges, hubs.edge_count * sizeof(*hubs.edges)) ==
            0,
        "and the same seed the same");
    topology_clear(&hubs);
    topology_clear(&same);
}

int main(void)
{
    test_random_graphs();
    check("line", SET("mesh.topology=line", "mesh.nodes=10"),
        (struct shape){10, 1, 1, 2, 9});
    check("ring", SET("mesh.topology=ring", "mesh.nodes=10"),
        (struct shape){10, 1, 2, 2, 10});
    check("star", SET("mesh.topology=star", "mesh.nodes=10"),
        (struct shape){10, 1, 1, 9, 9});
    check("grid, about square", SET("mesh.topology=grid", "mesh.nodes=12"),
        (struct shape){12, 1, 2, 4, 17});
    check("grid of a given width",
        SET("mesh.topology=grid", "mesh.nodes=12", "mesh.width=6"),
        (struct shape){12, 1, 2, 3, 16});
    check("random regular", SET("mesh.nodes=1000"),
        (struct shape){1000, 1, 8, 8, 4000});
    check("random regular, odd", SET("mesh.nodes=10", "mesh.degree=3"),
        (struct shape){10, 1, 3, 3, 15});
    check("random regular, complete", SET("mesh.nodes=6", "mesh.degree=5"),
        (struct shape){6, 1, 5, 5, 15});
    test_random_regular();
    struct topology village =
        make(SET("mesh.topology=geometric", "mesh.nodes=200"));
    struct shape shape = shape_of(&village);
    ok(shape.parts == 1 && is_simple(&village),
        "geometric: the least reach that makes one mesh");
    printf("# degrees %u to %u, %zu edges\n", shape.least, shape.most,
        shape.edges);
    topology_clear(&village);
    test_disconnected_radius();
    test_file();
    return tap_done();
}
