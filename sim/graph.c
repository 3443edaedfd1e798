/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the mesh comes to is kept up by what nodes say that have changed, and
 * only what is out of order is looked at each second: whoever has too few
 * neighbours or too many, and ends that are alone.  Of all others, what held
 * when they were looked at holds, and is counted as if it had been looked at
 * again.  How nodes hang together is found anew when anything of that has
 * moved: to follow each edge that goes would take walks as long. */
#include "sim/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "relay/member.h"
#include "sim/union_find.h"

/* Silence is noticed after 45 s, an unanswered plea after 15. */
enum { GRAPH_ONE_SIDED_US = 75 * 1000000, CHECKS_A_NODE = 2 };

/* With no more nodes than that some find no neighbours enough. */
enum { FEW = 2 * MEMBER_HIGH };

enum status graph_init(struct graph *graph, uint32_t nodes)
{
    *graph = (struct graph){.healed_us = UINT64_MAX};
    graph->above = malloc(nodes * sizeof(*graph->above));
    graph->is_counted = malloc(nodes);
    graph->is_odd = calloc(nodes, sizeof(*graph->is_odd));
    if (!graph->above || !graph->is_counted || !graph->is_odd)
        return STATUS_NO_MEMORY;
    enum status status = acquainted_init(&graph->acquainted, nodes);
    return status ? status : edges_init(&graph->edges, nodes);
}

void graph_clear(struct graph *graph)
{
    free(graph->above);
    free(graph->is_counted);
    free(graph->is_odd);
    free(graph->odd);
    acquainted_clear(&graph->acquainted);
    edges_clear(&graph->edges);
    *graph = (struct graph){0};
}

/* Whom the others shun may have as few neighbours as it likes, or ask for
 * more. */
static bool is_honest(const struct world *world, uint32_t node)
{
    uint8_t role = world->lots[node].role;
    return role == ROLE_HONEST || role == ROLE_SPY;
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
           world->now_us > world->whole.fault_us + GRAPH_CALM_US;
}

/* Neighbours that a node may have. */
static size_t most_of(const struct world *world, uint32_t node)
{
    return MEMBER_HIGH + world->dial_from[node + 1] - world->dial_from[node] +
           world->lots[node].friends;
}

static bool is_out_of_order(
    const struct world *world, uint32_t node, const struct edges_held *held)
{
    return held->degree < MEMBER_LOW || held->degree > most_of(world, node);
}

/* A node counts for the shape, or no longer. */
static void count_node(
    struct graph *graph, const struct world *world, uint32_t node, bool counts)
{
    const struct edges_held *held = graph->edges.of[node];
    if (!held)
        return;
    const uint32_t by = counts ? 1 : UINT32_MAX;
    graph->shape.nodes += by;
    graph->shape.degrees[held->degree] += by;
    if (held->degree >= MEMBER_LOW && held->degree <= MEMBER_HIGH)
        graph->shape.in_band += by;
    if (!world_moves(world, node))
        return;
    uint64_t checks = held->end_count;
    if (is_honest(world, node))
        checks += CHECKS_A_NODE;
    graph->checks += counts ? checks : -checks;
}

static void add_odd(struct graph *graph, uint32_t node)
{
    if (graph->odd_count == graph->odd_capacity) {
        size_t capacity = graph->odd_capacity ? graph->odd_capacity * 2 : 64;
        struct graph_odd *odd =
            realloc(graph->odd, capacity * sizeof(*graph->odd));
        world_need(odd ? STATUS_OK : STATUS_NO_MEMORY);
        graph->odd = odd;
        graph->odd_capacity = capacity;
    }
    graph->is_odd[node] = 1;
    graph->odd[graph->odd_count++] = (struct graph_odd){.node = node};
}

static void take_node(struct graph *graph, const struct world *world,
    const struct edges_held *said)
{
    count_node(graph, world, said->node, false);
    world_need(edges_put(&graph->edges, said, world->now_us));
    if (said->is_up)
        acquainted_meet(&graph->acquainted, graph->edges.of[said->node]);
    count_node(graph, world, said->node, true);
    if (said->is_up && !graph->is_odd[said->node] &&
        world_moves(world, said->node) && is_honest(world, said->node) &&
        is_out_of_order(world, said->node, said))
        add_odd(graph, said->node);
}

void graph_take(
    struct graph *graph, const struct world *world, struct span part)
{
    for (size_t at = 0; at < part.size;) {
        const struct edges_held *said =
            (const struct edges_held *)(const void *)(part.data + at);
        assert(said->node < world->node_count);
        take_node(graph, world, said);
        at += edges_held_bytes(said);
    }
}

/* How long edges of our own have had one end only; returns how many were looked
 * at. */
static uint64_t check_lone(struct graph *graph, struct world *world)
{
    uint64_t checks = 0;
    edges_sweep(&graph->edges);
    for (size_t i = 0; i < graph->edges.lone_count; i++) {
        const struct edges_lone *lone = &graph->edges.lone[i];
        if (!world_moves(world, lone->node))
            continue;
        checks++;
        oracle_check_part(&world->oracle,
            world->now_us - lone->since_us <= GRAPH_ONE_SIDED_US, PART_BAND,
            lone->node, world->now_us,
            "an edge has had one end only for too long");
    }
    return checks;
}

/* Whether there are not enough nodes that it could know of. */
static bool is_lonely(struct graph *graph, struct world *world, uint32_t node)
{
    return acquainted_with(&graph->acquainted, world, node) <= FEW;
}

static void check_degree(struct graph *graph, struct world *world,
    struct graph_odd *odd, uint32_t degree)
{
    oracle_check_part(&world->oracle, degree <= most_of(world, odd->node),
        PART_BAND, odd->node, world->now_us,
        "a node has more neighbours than the band has");
    if (degree >= MEMBER_LOW || world->whole.counts.nodes_up <= FEW)
        odd->below_since_us = 0;
    else if (odd->below_since_us == 0)
        odd->below_since_us = world->now_us;
    oracle_check_part(&world->oracle,
        odd->below_since_us == 0 || !is_calm(world) ||
            world->now_us - odd->below_since_us <= GRAPH_CALM_US ||
            is_lonely(graph, world, odd->node),
        PART_BAND, odd->node, world->now_us,
        "a node has had too few neighbours for three cycles of calm");
}

/* The same of those of our own whose neighbours are too few or too many; who is
 * in order again is looked at no longer. */
static uint64_t check_odd(struct graph *graph, struct world *world)
{
    size_t kept = 0;
    for (size_t i = 0; i < graph->odd_count; i++) {
        struct graph_odd odd = graph->odd[i];
        const struct edges_held *held = graph->edges.of[odd.node];
        if (!held || !is_out_of_order(world, odd.node, held)) {
            graph->is_odd[odd.node] = 0;
            continue;
        }
        check_degree(graph, world, &odd, held->degree);
        graph->odd[kept++] = odd;
    }
    graph->odd_count = kept;
    return kept * CHECKS_A_NODE;
}

static void join_whole(struct graph *graph, const struct edges_held *held)
{
    for (uint32_t i = 0; i < held->end_count; i++)
        if (held->ends[i].is_whole && held->node < held->ends[i].peer)
            union_find_join(graph->above, held->node, held->ends[i].peer);
}

/* How many parts honest nodes that are up belong to.  Adversaries by themselves
 * are no part of the mesh. */
static uint32_t count_parts(
    struct graph *graph, const struct world *world, uint32_t *above)
{
    uint32_t count = 0;
    memset(graph->is_counted, 0, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++) {
        if (!graph->edges.of[i] || !is_honest(world, i))
            continue;
        uint8_t *is_counted = &graph->is_counted[union_find_root(above, i)];
        count += !*is_counted;
        *is_counted = 1;
    }
    return count;
}

static uint32_t count_components(struct graph *graph, const struct world *world)
{
    union_find_init(graph->above, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++)
        if (graph->edges.of[i])
            join_whole(graph, graph->edges.of[i]);
    return count_parts(graph, world, graph->above);
}

/* Whether the mesh is in no more parts than it must be, by who could know of
 * whom. */
static bool is_as_one(struct graph *graph, const struct world *world)
{
    uint32_t *above = acquainted_above(&graph->acquainted, world);
    return graph->shape.components <= count_parts(graph, world, above);
}

void graph_note(
    struct graph *graph, uint64_t now_us, uint64_t fault_us, bool is_one)
{
    if (is_one)
        graph->apart_since_us = 0;
    else if (graph->apart_since_us == 0)
        graph->apart_since_us = now_us;
    if (!is_one || fault_us != graph->fault_us)
        graph->healed_us = UINT64_MAX;
    if (is_one && graph->healed_us == UINT64_MAX)
        graph->healed_us = now_us - fault_us;
    graph->fault_us = fault_us;
}

static void check_whole(struct graph *graph, struct world *world)
{
    bool is_one = graph->shape.components <= 1;
    graph_note(graph, world->now_us, world->whole.fault_us, is_one);
    if (!world_is_first(world))
        return;
    oracle_check_part(&world->oracle,
        is_one || !is_calm(world) ||
            world->now_us - graph->apart_since_us <= GRAPH_CALM_US ||
            is_as_one(graph, world),
        PART_BAND, WORLD_ITSELF, world->now_us,
        "the mesh is in parts, three cycles after the last fault");
}

void graph_look(struct graph *graph, struct world *world)
{
    uint64_t looked_at = check_lone(graph, world) + check_odd(graph, world);
    oracle_hold_part(&world->oracle, graph->checks - looked_at, PART_BAND);
    graph->shape.one_sided = (uint32_t)graph->edges.lone_count;
    if (graph->edges.is_regrouped)
        graph->shape.components = count_components(graph, world);
    graph->edges.is_regrouped = false;
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
