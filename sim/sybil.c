/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The attack on BASALT's and HyParView's kind of membership (Auvolat and others
 * 2021): push ids, fill lists with them, and refuse nobody.  Each id has a node
 * and an address of its own, the dearest that an attacker can have; cheaper
 * ones, many ids at one address, are what limits by network are for, and
 * tests/relay has those.
 *
 * What a sybil names by itself is bounded below what its engine remembers, so
 * that there is room to take those who come. */
#include "sim/sybil.h"

#include "sim/noise.h"

enum { SYBIL_NAMED = 128, SYBIL_LINKS = 48 };

bool sybil_pushes(const struct world *world, uint32_t node)
{
    return world->lots[node].role == ROLE_SYBIL &&
           world->now_us >= world->scenario.attack_from_us;
}

bool sybil_is_after(const struct world *world, uint32_t node)
{
    const struct scenario *s = &world->scenario;
    return world->lots[node].role == ROLE_HONEST &&
           noise_hits(noise(s->seed, node, NOISE_VICTIM, 0), s->victims_ppm);
}

/* The first from a random one on; from itself when there is no other. */
static uint32_t another_sybil(struct world *world, uint32_t node)
{
    uint32_t at = (uint32_t)world_draw_act(world, node, world->node_count);
    while (world->lots[at].role != ROLE_SYBIL)
        at = (at + 1) % world->node_count;
    return at;
}

static void insist(struct scene *scene, uint32_t peer)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    world_endpoint(peer, endpoint);
    struct relay_event event = {.kind = RELAY_CONNECT,
        .connect = {.endpoint = span_of_text(endpoint),
            .key = world_node_key(scene->world, peer),
            .origin = ORIGIN_PERSON}};
    scene_relay(scene, &event, false);
}

void sybil_acts(struct scene *scene, uint32_t node)
{
    struct world *world = scene->world;
    struct adversary *adversary = world->nodes[node].adversary;
    if (adversary->named >= SYBIL_NAMED ||
        world->nodes[node].link_count >= SYBIL_LINKS)
        return;
    uint32_t first = (uint32_t)world_draw_act(world, node, world->node_count);
    uint32_t peer = first;
    while (!sybil_is_after(world, peer)) {
        peer = (peer + 1) % world->node_count;
        if (peer == first)
            return;
    }
    adversary->named++;
    insist(scene, peer);
}

void sybil_is_dialled(struct scene *scene, uint32_t node, uint32_t by)
{
    if (sybil_pushes(scene->world, node))
        insist(scene, by);
}

static struct node_address own_kind(struct world *world, uint32_t node)
{
    uint32_t other = another_sybil(world, node);
    return (struct node_address){
        world_node_key(world, other), world_address(other)};
}

bool sybil_says(struct world *world, uint32_t node, struct frame *frame,
    struct node_address nodes[static LIMIT_FRAME_NODES])
{
    if (frame->type == FRAME_NEIGHBOR) {
        frame->neighbor.urgent = true;
        return true;
    }
    if (frame->type == FRAME_FORWARD_JOIN) {
        frame->forward_join.node = own_kind(world, node);
        return true;
    }
    if (!frame_nodes_of(frame))
        return false;
    for (size_t i = 0; i < LIMIT_FRAME_NODES; i++)
        nodes[i] = own_kind(world, node);
    const struct frame_nodes list = {LIMIT_FRAME_NODES, nodes};
    if (frame->type == FRAME_NEIGHBOR_REPLY)
        frame->neighbor_reply.list = list;
    else
        frame->shuffle.list = list;
    return true;
}
