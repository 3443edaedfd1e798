/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of links are never used twice, so a sum over those of a node's edges
 * says whether they are what they were, but for a chance in 2^64; it is made
 * after each event, when the node's memory is at hand.  Whoever has changed is
 * compared with what was there, end by end, and each end that came or went
 * tells its other end: so an edge is known to be whole without anybody looking
 * at it again.  Ends that are not stand in a list, and that is looked at each
 * second. */
#include "sim/edges.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/noise.h"

enum { NUMBERS = 1 << 30 };

enum status edges_init(struct edges *edges, uint32_t nodes)
{
    *edges = (struct edges){.node_count = nodes};
    edges->of = calloc(nodes, sizeof(struct edges_held *));
    return edges->of ? STATUS_OK : STATUS_NO_MEMORY;
}

void edges_clear(struct edges *edges)
{
    for (uint32_t i = 0; edges->of && i < edges->node_count; i++)
        free(edges->of[i]);
    free(edges->of);
    free(edges->lone);
    *edges = (struct edges){0};
}

static bool is_left_out(const struct world *world, uint32_t node)
{
    return world->lots[node].role == ROLE_SYBIL;
}

static void add_changed(struct changed *changed, uint32_t node)
{
    if (changed->count == changed->capacity) {
        size_t capacity = changed->capacity ? changed->capacity * 2 : 64;
        uint32_t *list =
            realloc(changed->list, capacity * sizeof(*changed->list));
        world_need(list ? STATUS_OK : STATUS_NO_MEMORY);
        changed->list = list;
        changed->capacity = capacity;
    }
    changed->list[changed->count++] = node;
}

/* 0: it is down. */
static uint64_t digest_of(const struct node *node)
{
    uint32_t numbers[LIMIT_LINKS];
    if (!node->relay)
        return 0;
    uint64_t digest = 1;
    for (size_t i = relay_edges(node->relay, numbers); i > 0; i--)
        digest += noise_mix(numbers[i - 1]);
    return digest;
}

void edges_note(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    if (world->scenario.member != SWITCH_ON || is_left_out(world, index))
        return;
    uint64_t digest = digest_of(node);
    if (digest == node->edges_digest)
        return;
    node->edges_digest = digest;
    if (!node->has_changed)
        add_changed(&world->changed, index);
    node->has_changed = true;
}

static bool is_among(const uint32_t *numbers, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static uint32_t find_ends(const struct world *world, const struct node *node,
    struct edges_held *held, struct edge_end *ends)
{
    uint32_t numbers[LIMIT_LINKS], count = 0;
    held->degree = (uint32_t)relay_edges(node->relay, numbers);
    for (uint32_t i = 0; i < node->link_count; i++) {
        const struct link *link = &node->links[i];
        if (is_left_out(world, link->peer) ||
            !is_among(numbers, held->degree, link->number))
            continue;
        assert(link->number < NUMBERS && count < LIMIT_LINKS);
        ends[count++] = (struct edge_end){.peer = link->peer,
            .peer_number = link->peer_number,
            .number = link->number & (NUMBERS - 1)};
    }
    return count;
}

static enum status write_node(
    const struct world *world, uint32_t index, struct buf *out)
{
    const struct node *node = &world->nodes[index];
    struct edges_held held = {.node = index, .is_up = node->relay != NULL};
    struct edge_end ends[LIMIT_LINKS];
    if (node->relay)
        held.end_count = find_ends(world, node, &held, ends);
    enum status status =
        buf_append(out, (struct span){(const uint8_t *)&held, sizeof(held)});
    return status ? status
                  : buf_append(out, (struct span){(const uint8_t *)ends,
                                        held.end_count * sizeof(*ends)});
}

enum status edges_write(struct world *world, struct buf *out)
{
    enum status status = STATUS_OK;
    struct changed *changed = &world->changed;
    for (size_t i = 0; i < changed->count && !status; i++) {
        world->nodes[changed->list[i]].has_changed = false;
        status = write_node(world, changed->list[i], out);
    }
    changed->count = 0;
    return status;
}

static struct edge_end *find_end(
    const struct edges *edges, uint32_t node, uint32_t number)
{
    struct edges_held *held = edges->of[node];
    for (uint32_t i = 0; held && i < held->end_count; i++)
        if (held->ends[i].number == number)
            return &held->ends[i];
    return NULL;
}

/* An end that was put in, at a node, in that second. */
struct placing {
    struct edges *edges;
    uint32_t node;
    uint64_t now_us;
    enum status status;
};

static void be_lone(
    struct placing *placing, uint32_t node, struct edge_end *end)
{
    struct edges *edges = placing->edges;
    if (end->is_lone)
        return;
    if (edges->lone_count == edges->lone_capacity) {
        size_t capacity = edges->lone_capacity ? edges->lone_capacity * 2 : 64;
        struct edges_lone *lone =
            realloc(edges->lone, capacity * sizeof(*edges->lone));
        if (!lone) {
            placing->status = STATUS_NO_MEMORY;
            return;
        }
        edges->lone = lone;
        edges->lone_capacity = capacity;
    }
    end->is_lone = 1;
    edges->lone[edges->lone_count++] =
        (struct edges_lone){placing->now_us, node, end->number};
}

static void end_went(struct placing *placing, const struct edge_end *end)
{
    if (!end->is_whole)
        return;
    struct edge_end *mate =
        find_end(placing->edges, end->peer, end->peer_number);
    assert(mate && mate->is_whole);
    mate->is_whole = 0;
    be_lone(placing, end->peer, mate);
    placing->edges->is_regrouped = true;
}

static void end_came(struct placing *placing, struct edge_end *end)
{
    struct edge_end *mate =
        find_end(placing->edges, end->peer, end->peer_number);
    if (!mate || mate->peer != placing->node ||
        mate->peer_number != end->number) {
        be_lone(placing, placing->node, end);
        return;
    }
    end->is_whole = mate->is_whole = 1;
    placing->edges->is_regrouped = true;
}

static bool is_same(const struct edge_end *one, const struct edge_end *other)
{
    return one->peer == other->peer && one->peer_number == other->peer_number;
}

/* Both are in the order of their numbers. */
static void compare(struct placing *placing, const struct edges_held *before,
    struct edges_held *now)
{
    const struct edge_end *old = before ? before->ends : NULL;
    const struct edge_end *old_end = old ? old + before->end_count : NULL;
    struct edge_end *end = now ? now->ends : NULL;
    struct edge_end *end_end = end ? end + now->end_count : NULL;
    while (old != old_end || end != end_end) {
        bool is_new =
            old == old_end || (end != end_end && end->number < old->number);
        bool is_gone =
            end == end_end || (old != old_end && old->number < end->number);
        bool has_stayed = !is_new && !is_gone && is_same(old, end);
        if (!is_new && !is_gone)
            end->is_lone = old->is_lone;
        if (has_stayed)
            end->is_whole = old->is_whole;
        if (!is_new && !has_stayed)
            end_went(placing, old);
        if (!is_gone && !has_stayed)
            end_came(placing, end);
        old += !is_new;
        end += !is_gone;
    }
}

enum status edges_put(
    struct edges *edges, const struct edges_held *said, uint64_t now_us)
{
    struct placing placing = {.edges = edges, .node = said->node};
    struct edges_held *before = edges->of[said->node], *now = NULL;
    placing.now_us = now_us;
    if (said->is_up) {
        now = malloc(edges_held_bytes(said));
        if (!now)
            return STATUS_NO_MEMORY;
        memcpy(now, said, edges_held_bytes(said));
    }
    edges->of[said->node] = now;
    edges->is_regrouped |= !before != !now;
    compare(&placing, before, now);
    free(before);
    return placing.status;
}

void edges_sweep(struct edges *edges)
{
    size_t kept = 0;
    for (size_t i = 0; i < edges->lone_count; i++) {
        const struct edges_lone *lone = &edges->lone[i];
        struct edge_end *end = find_end(edges, lone->node, lone->number);
        if (end && !end->is_whole)
            edges->lone[kept++] = *lone;
        else if (end)
            end->is_lone = 0;
    }
    edges->lone_count = kept;
}
