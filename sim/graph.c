/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything is looked at anew each second, so that nothing has to be kept in
 * step with the engines.  The sketch has asked each for its edges once: in a
 * large mesh its memory is cold, and asking again for each neighbour's sake
 * would cost as much as all events together. */
#include "sim/graph.h"

#include <stdlib.h>
#include <string.h>

#include "relay/member.h"
#include "sim/union_find.h"

/* Silence is noticed after 45 s, an unanswered plea after 15. */
enum { GRAPH_ONE_SIDED_US = 75 * 1000000 };

enum status graph_init(struct graph *graph, uint32_t nodes)
{
    *graph = (struct graph){.healed_us = UINT64_MAX};
    graph->above = malloc(nodes * sizeof(*graph->above));
    graph->below_since_us = calloc(nodes, sizeof(*graph->below_since_us));
    graph->is_counted = malloc(nodes);
    return graph->above && graph->below_since_us && graph->is_counted
               ? STATUS_OK
               : STATUS_NO_MEMORY;
}

void graph_clear(struct graph *graph)
{
    free(graph->above);
    free(graph->below_since_us);
    free(graph->is_counted);
    *graph = (struct graph){0};
}

struct place { /* of one end of an edge */
    uint32_t node;
    const struct sketch_end *end;
    struct link *link; /* the same, where our world moves the node; or NULL */
};

/* An attacker's ids are no part of the mesh: they keep no band, and whom they
 * alone join is not joined. */
static bool is_left_out(const struct world *world, uint32_t node)
{
    return world->lots[node].role == ROLE_SYBIL;
}

/* How long an edge of our own has had one end only. */
static void check_edge(
    struct world *world, const struct place *place, bool is_whole)
{
    struct link *link = place->link;
    if (is_whole)
        link->one_sided_us = 0;
    else if (link->one_sided_us == 0)
        link->one_sided_us = world->now_us;
    oracle_check_part(&world->oracle,
        is_whole || world->now_us - link->one_sided_us <= GRAPH_ONE_SIDED_US,
        PART_BAND, place->node, world->now_us,
        "an edge has had one end only for too long");
}

/* The next open link of a node, as ends of a sketch stand in their order: none
 * need be looked for by its number. */
static struct link *open_link(const struct node *node, uint32_t *at)
{
    while (*at < node->link_count) {
        struct link *link = &node->links[(*at)++];
        if (link->peer_number != 0)
            return link;
    }
    return NULL;
}

static void look_at_edge(struct graph *graph, struct world *world,
    const struct sketch *sketch, const struct place *place)
{
    const struct sketch_end *end = place->end;
    bool is_whole = sketch_holds(sketch, end->peer, end->peer_number);
    if (is_whole)
        union_find_join(graph->above, place->node, end->peer);
    else
        graph->shape.one_sided++;
    if (place->link && place->link->number == end->number)
        check_edge(world, place, is_whole);
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

static void check_degree(
    struct graph *graph, struct world *world, uint32_t index, size_t degree)
{
    size_t kept = world->dial_from[index + 1] - world->dial_from[index] +
                  world->lots[index].friends;
    uint64_t *since_us = &graph->below_since_us[index];
    oracle_check_part(&world->oracle, degree <= MEMBER_HIGH + kept, PART_BAND,
        index, world->now_us, "a node has more neighbours than the band has");
    if (degree >= MEMBER_LOW || world->whole.counts.nodes_up <= 2 * MEMBER_HIGH)
        *since_us = 0;
    else if (*since_us == 0)
        *since_us = world->now_us;
    oracle_check_part(&world->oracle,
        *since_us == 0 || !is_calm(world) ||
            world->now_us - *since_us <= GRAPH_CALM_US,
        PART_BAND, index, world->now_us,
        "a node has had too few neighbours for three cycles of calm");
}

static bool is_honest(const struct world *world, uint32_t node)
{
    uint8_t role = world->lots[node].role;
    return role == ROLE_HONEST || role == ROLE_SPY;
}

static void look_at_node(struct graph *graph, struct world *world,
    const struct sketch *sketch, uint32_t index)
{
    const struct sketch_node *node = sketch->of[index];
    if (!node) {
        graph->below_since_us[index] = 0;
        return;
    }
    if (is_left_out(world, index)) {
        graph->shape.nodes--;
        return;
    }
    graph->shape.degrees[node->degree]++;
    graph->shape.in_band +=
        node->degree >= MEMBER_LOW && node->degree <= MEMBER_HIGH;
    bool is_ours = world_moves(world, index);
    for (uint32_t i = 0, at = 0; i < node->end_count; i++) {
        const struct place place = {index, &node->ends[i],
            is_ours ? open_link(&world->nodes[index], &at) : NULL};
        if (node->ends[i].is_edge && !is_left_out(world, node->ends[i].peer))
            look_at_edge(graph, world, sketch, &place);
    }
    /* Whom the others shun may have as few as it likes, or ask for more. */
    if (is_ours && is_honest(world, index))
        check_degree(graph, world, index, node->degree);
}

/* Adversaries by themselves are no part of the mesh. */
static uint32_t count_components(
    struct graph *graph, const struct world *world, const struct sketch *sketch)
{
    uint32_t count = 0;
    memset(graph->is_counted, 0, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++) {
        if (!sketch->of[i] || !is_honest(world, i))
            continue;
        uint8_t *is_counted =
            &graph->is_counted[union_find_root(graph->above, i)];
        count += !*is_counted;
        *is_counted = 1;
    }
    return count;
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
            world->now_us - graph->apart_since_us <= GRAPH_CALM_US,
        PART_BAND, WORLD_ITSELF, world->now_us,
        "the mesh is in parts, three cycles after the last fault");
}

void graph_look(
    struct graph *graph, struct world *world, const struct sketch *sketch)
{
    graph->shape =
        (struct graph_shape){.nodes = (uint32_t)world->whole.counts.nodes_up};
    union_find_init(graph->above, world->node_count);
    for (uint32_t i = 0; i < world->node_count; i++)
        look_at_node(graph, world, sketch, i);
    graph->shape.components = count_components(graph, world, sketch);
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
