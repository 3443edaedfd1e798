/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clustering and ways of meshes that one can work out by hand. */
#include "sim/overlay.h"

#include <stdlib.h>

#include "sim/scenario.h"
#include "tests/tap.h"

static uint64_t values[METRIC_COUNT];

static void measure_edges(
    uint32_t nodes, struct topology_edge *edges, size_t count)
{
    const struct topology mesh = {
        .nodes = nodes, .edges = edges, .edge_count = count};
    need(overlay_measure(&mesh, values) == STATUS_OK);
}

static bool is(uint64_t clustering_ppm, uint64_t path_ppm)
{
    return values[METRIC_CLUSTERING] == clustering_ppm &&
           values[METRIC_PATH_MEAN] == path_ppm;
}

static void test_small(void)
{
    struct topology_edge triangle[] = {{0, 1}, {1, 2}, {0, 2}};
    measure_edges(3, triangle, 3);
    ok(is(1000000, 1000000), "in a triangle all neighbours are neighbours");
    struct topology_edge again[] = {{0, 1}, {1, 0}, {1, 2}, {0, 2}, {0, 2}};
    measure_edges(3, again, 5);
    ok(is(1000000, 1000000), "an edge that is given twice counts once");
    /* A tail: 1 of 1, 1 of 1, 1 of 3 pairs, 0; ways 1 1 2, 1 1 2, 1 1 1,
     * 2 2 1. */
    struct topology_edge tail[] = {{0, 1}, {1, 2}, {0, 2}, {2, 3}};
    measure_edges(4, tail, 4);
    ok(is((1000000 + 1000000 + 333333) / 4, 16 * 1000000 / 12),
        "a tail has neither");
    measure_edges(6, tail, 4);
    ok(is((1000000 + 1000000 + 333333) / 4, 16 * 1000000 / 12),
        "who has no edge does not count");
    measure_edges(4, NULL, 0);
    ok(is(0, 0), "nothing is measured where there are no edges");
}

/* More nodes than ways are counted from: a ring looks the same from each. */
static void test_ring(void)
{
    enum { NODES = 1001 };
    struct topology_edge *ring = malloc(NODES * sizeof(*ring));
    need(ring);
    for (uint32_t i = 0; i < NODES; i++)
        ring[i] = (struct topology_edge){i, (i + 1) % NODES};
    measure_edges(NODES, ring, NODES);
    ok(is(0, UINT64_C(250500000)), "a sample of a ring is the ring");
    free(ring);
}

int main(void)
{
    test_small();
    test_ring();
    return tap_done();
}
