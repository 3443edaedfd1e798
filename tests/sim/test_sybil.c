/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sybils: what they make of what their engines say, whom they are after, and
 * that they take the neighbours of those who have no friends. */
#include <stdlib.h>
#include <string.h>

#include "sim/simulation.h"
#include "sim/sybil.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

static struct simulation simulation;

static void begin(const char *assignments[])
{
    setup_run(&simulation, false, assignments);
}
#define SET(...)                                                               \
    ((const char *[]){"mesh.nodes=60", "mesh.topology=join", "node.member=on", \
        "adversaries.sybils=0.5", "adversaries.from=2min",                     \
        "mesh.duration=30min", "workload.letters=0", __VA_ARGS__, NULL})

static uint32_t first_of(enum role role)
{
    uint32_t node = 0;
    while (simulation.world.lots[node].role != role)
        node++;
    return node;
}

static bool all_are_sybils(const struct frame_nodes *list)
{
    const struct world *world = &simulation.world;
    for (size_t i = 0; i < list->count; i++) {
        char endpoint[LIMIT_ENDPOINT_BYTES + 1];
        address_print(&list->nodes[i].address, endpoint);
        uint32_t node = world_node_at(world, endpoint);
        struct node_key key = world_node_key(world, node);
        if (world->lots[node].role != ROLE_SYBIL ||
            !node_key_equal(&key, &list->nodes[i].node))
            return false;
    }
    return list->count == LIMIT_FRAME_NODES;
}

static void test_words(void)
{
    struct node_address nodes[LIMIT_FRAME_NODES];
    begin(SET("mesh.seed=1"));
    struct world *world = &simulation.world;
    uint32_t sybil = first_of(ROLE_SYBIL), honest = first_of(ROLE_HONEST);
    ok(!sybil_pushes(world, sybil), "before its time a sybil is as any other");
    world->now_us = world->scenario.attack_from_us;
    ok(sybil_pushes(world, sybil) && !sybil_pushes(world, honest),
        "and then it pushes, and nobody else does");
    struct frame frame = {.type = FRAME_SHUFFLE, .shuffle = {.walk = 7}};
    ok(sybil_says(world, sybil, &frame, nodes) && frame.shuffle.walk == 7 &&
            all_are_sybils(&frame.shuffle.list),
        "a list names sybils, as many as may be");
    frame = (struct frame){
        .type = FRAME_NEIGHBOR_REPLY, .neighbor_reply = {.accepted = true}};
    ok(sybil_says(world, sybil, &frame, nodes) &&
            frame.neighbor_reply.accepted &&
            all_are_sybils(&frame.neighbor_reply.list),
        "so does an answer");
    frame = (struct frame){.type = FRAME_NEIGHBOR};
    ok(sybil_says(world, sybil, &frame, nodes) && frame.neighbor.urgent,
        "each plea is urgent");
    frame = (struct frame){.type = FRAME_FORWARD_JOIN};
    frame.forward_join.node.node = world_node_key(world, honest);
    need(sybil_says(world, sybil, &frame, nodes));
    struct node_key key = world_node_key(world, honest);
    ok(!node_key_equal(&frame.forward_join.node.node, &key),
        "a newcomer is not passed on");
    frame = (struct frame){.type = FRAME_PING};
    ok(!sybil_says(world, sybil, &frame, nodes), "a ping is a ping");
    simulation_clear(&simulation);
}

static void test_victims(void)
{
    uint32_t some = 0;
    begin(SET("adversaries.victims=0.5"));
    for (uint32_t i = 0; i < 60; i++)
        some += sybil_is_after(&simulation.world, i);
    ok(some > 5 && some < 25, "sybils are after some of the honest alone");
    simulation_clear(&simulation);
}

/* Else who has been told of an honest node would be taken for its friend. */
static void test_friends(void)
{
    uint64_t sybils = 0, honest = 0;
    begin(SET("node.pins=2"));
    for (uint32_t i = 0; i < 60; i++) {
        const struct lot *lot = &simulation.world.lots[i];
        *(lot->role == ROLE_SYBIL ? &sybils : &honest) += lot->friends;
    }
    ok(honest > 0 && sybils == 0, "no sybil is anybody's friend");
    simulation_clear(&simulation);
}

static uint64_t run(const char *pins, enum metric metric)
{
    struct measures measures;
    begin(SET(pins));
    while (simulation_advance(&simulation))
        continue;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    ok(simulation.world.oracle.violation_count == 0, "nothing is broken");
    uint64_t value = measures.values[metric];
    simulation_clear(&simulation);
    return value;
}

/* Half of all nodes is more than any mesh holds out against. */
static void test_eclipse(void)
{
    ok(run("node.pins=0", METRIC_ECLIPSED) > 0,
        "half of all nodes cut some off who have no friends");
    ok(run("node.pins=2", METRIC_ECLIPSED_PINNED) == 0,
        "and nobody who has two");
}

int main(void)
{
    test_words();
    test_victims();
    test_friends();
    test_eclipse();
    return tap_done();
}
