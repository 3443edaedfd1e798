/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything is looked at anew each second, so that nothing has to be kept in
 * step with the engines.  Each is asked for its edges once: in a large mesh its
 * memory is cold, and asking again for each neighbour's sake would cost as much
 * as all events together. */
#include "sim/graph.h"

#include <stdlib.h>
#include <string.h>

#include "relay/member.h"

#define MS UINT64_C(1000)

enum {
    GRAPH_CYCLES = 3,
    /* Silence is noticed after 45 s, an unanswered plea after 15. */
    GRAPH_ONE_SIDED_US = 75 * 1000000,
};

#define GRAPH_CALM_US (GRAPH_CYCLES * MEMBER_CYCLE_MS * MS * 6 / 5)

enum status graph_init(struct graph *graph, uint32_t nodes)
{
    *graph = (struct graph){.healed_us = UINT64_MAX};
    graph->above = malloc(nodes * sizeof(*graph->above));
    graph->first = malloc((nodes + 1) * sizeof(*graph->first));
    graph->below_since_us = calloc(nodes, sizeof(*graph->below_since_us));
    graph->is_counted = malloc(nodes);
    return graph->above && graph->first && graph->below_since_us &&
                   graph->is_counted
               ? STATUS_OK
               : STATUS_NO_MEMORY;
}

void graph_clear(struct graph *graph)
{
    free(graph->above);
    free(graph->first);
    free(graph->edges);
    free(graph->below_since_us);
    free(graph->is_counted);
    *graph = (struct graph){0};
}

/* Union-find with path halving, as for topologies. */
static uint32_t root_of(struct graph *graph, uint32_t node)
{
    while (graph->above[node] != node) {
        graph->above[node] = graph->above[graph->above[node]];
        node = graph->above[node];
    }
    return node;
}

static void join(struct graph *graph, uint32_t a, uint32_t b)
{
    a = root_of(graph, a);
    b = root_of(graph, b);
    graph->above[a > b ? a : b] = a > b ? b : a;
}

/* Room for the edges of one more node. */
static void make_room(struct graph *graph, size_t count)
{
    if (count + LIMIT_LINKS <= graph->capacity)
        return;
    size_t capacity = 2 * (count + LIMIT_LINKS);
    uint32_t *edges = realloc(graph->edges, capacity * sizeof(*edges));
    world_need(edges ? STATUS_OK : STATUS_NO_MEMORY);
    graph->edges = edges;
    graph->capacity = capacity;
}

static void ask_all(struct graph *graph, const struct world *world)
{
    size_t count = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        graph->first[i] = (uint32_t)count;
        make_room(graph, count);
        if (world->nodes[i].relay)
            count += relay_edges(world->nodes[i].relay, graph->edges + count);
    }
    graph->first[world->node_count] = (uint32_t)count;
}

static bool holds_edge(
    const struct graph *graph, uint32_t node, uint32_t number)
{
    for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++)
        if (graph->edges[i] == number)
            return true;
    return false;
}

/* An attacker's ids are no part of the mesh: they keep no band, and whom they
 * alone join is not joined. */
static bool is_left_out(const struct world *world, uint32_t node)
{
    return world->nodes[node].lot.role == ROLE_SYBIL;
}

static void look_at_edge(
    struct graph *graph, struct world *world, uint32_t index, uint32_t number)
{
    struct link *link = world_link(&world->nodes[index], number);
    if (!link || is_left_out(world, link->peer))
        return;
    if (holds_edge(graph, link->peer, link->peer_number)) {
        link->one_sided_us = 0;
        join(graph, index, link->peer);
        return;
    }
    graph->shape.one_sided++;
    if (link->one_sided_us == 0)
        link->one_sided_us = world->now_us;
    oracle_check(&world->oracle,
        world->now_us - link->one_sided_us <= GRAPH_ONE_SIDED_US, 2, index,
        world->now_us, "an edge has had one end only for too long");
}

/* Whom sybils cut off are a part of their own while they push: how many is for
 * expectations to judge. */
static bool is_besieged(const struct world *world)
{
    return world->scenario.role_ppm[ROLE_SYBIL] > 0 &&
           world->now_us >= world->scenario.attack_from_us;
}

static bool is_calm(const struct world *world)
{
    return !world->is_split && !is_besieged(world) &&
           world->now_us > world->fault_us + GRAPH_CALM_US;
}

static void check_degree(
    struct graph *graph, struct world *world, uint32_t index, size_t degree)
{
    size_t kept = world->dial_from[index + 1] - world->dial_from[index] +
                  world->nodes[index].friends;
    uint64_t *since_us = &graph->below_since_us[index];
    oracle_check(&world->oracle, degree <= MEMBER_HIGH + kept, 2, index,
        world->now_us, "a node has more neighbours than the band has");
    if (degree >= MEMBER_LOW || world->counts.nodes_up <= 2 * MEMBER_HIGH)
        *since_us = 0;
    else if (*since_us == 0)
        *since_us = world->now_us;
    oracle_check(&world->oracle,
        *since_us == 0 || !is_calm(world) ||
            world->now_us - *since_us <= GRAPH_CALM_US,
        2, index, world->now_us,
        "a node has had too few neighbours for three cycles of calm");
}

static bool is_honest(const struct node *node)
{
    return node->lot.role == ROLE_HONEST || node->lot.role == ROLE_SPY;
}

static void look_at_node(
    struct graph *graph, struct world *world, uint32_t index)
{
    if (!world->nodes[index].relay) {
        graph->below_since_us[index] = 0;
        return;
    }
    if (is_left_out(world, index)) {
        graph->shape.nodes--;
        graph->shape.components--;
        return;
    }
    const uint32_t *edges = graph->edges + graph->first[index];
    size_t degree = graph->first[index + 1] - graph->first[index];
    graph->shape.degrees[degree]++;
    graph->shape.in_band += degree >= MEMBER_LOW && degree <= MEMBER_HIGH;
    for (size_t i = 0; i < degree; i++)
        look_at_edge(graph, world, index, edges[i]);
    /* Whom the others shun may have as few as it likes, or ask for more. */
    if (is_honest(&world->nodes[index]))
        check_degree(graph, world, index, degree);
}

/* Adversaries by themselves are no part of the mesh. */
static uint32_t count_components(struct graph *graph, const struct world *world)
{
    uint32_t count = 0;
    memset(graph->is_counted, 0, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++) {
        if (!world->nodes[i].relay || !is_honest(&world->nodes[i]))
            continue;
        uint8_t *is_counted = &graph->is_counted[root_of(graph, i)];
        count += !*is_counted;
        *is_counted = 1;
    }
    return count;
}

static void check_whole(struct graph *graph, struct world *world)
{
    bool is_one = graph->shape.components <= 1;
    if (is_one)
        graph->apart_since_us = 0;
    else if (graph->apart_since_us == 0)
        graph->apart_since_us = world->now_us;
    if (!is_one || world->fault_us != graph->fault_us)
        graph->healed_us = UINT64_MAX;
    if (is_one && graph->healed_us == UINT64_MAX)
        graph->healed_us = world->now_us - world->fault_us;
    graph->fault_us = world->fault_us;
    oracle_check(&world->oracle,
        is_one || !is_calm(world) ||
            world->now_us - graph->apart_since_us <= GRAPH_CALM_US,
        2, WORLD_ITSELF, world->now_us,
        "the mesh is in parts, three cycles after the last fault");
}

void graph_look(struct graph *graph, struct world *world)
{
    graph->shape =
        (struct graph_shape){.nodes = (uint32_t)world->counts.nodes_up};
    ask_all(graph, world);
    for (uint32_t i = 0; i < world->node_count; i++)
        graph->above[i] = i;
    for (uint32_t i = 0; i < world->node_count; i++)
        look_at_node(graph, world, i);
    graph->shape.components = count_components(graph, world);
    check_whole(graph, world);
}

uint32_t graph_least(const struct graph_shape *shape)
{
    for (uint32_t degree = 0; degree < GRAPH_DEGREES; degree++)
        if (shape->degrees[degree] > 0)
            return degree;
    return 0;
}

uint32_t graph_most(const struct graph_shape *shape)
{
    for (uint32_t degree = GRAPH_DEGREES; degree-- > 0;)
        if (shape->degrees[degree] > 0)
            return degree;
    return 0;
}

uint64_t graph_mean_ppm(const struct graph_shape *shape)
{
    uint64_t sum = 0;
    for (uint32_t degree = 0; degree < GRAPH_DEGREES; degree++)
        sum += (uint64_t)degree * shape->degrees[degree];
    return shape->nodes ? sum * UINT64_C(1000000) / shape->nodes : 0;
}

void graph_measure(const struct graph *graph, uint64_t *values)
{
    const struct graph_shape *shape = &graph->shape;
    values[METRIC_DEGREE_LEAST] = graph_least(shape);
    values[METRIC_DEGREE_MEAN] = graph_mean_ppm(shape);
    values[METRIC_DEGREE_MOST] = graph_most(shape);
    values[METRIC_IN_BAND] =
        shape->nodes ? (uint64_t)shape->in_band * 1000000 / shape->nodes : 0;
    values[METRIC_COMPONENTS] = shape->components;
    values[METRIC_HEALED] = graph->healed_us;
}
