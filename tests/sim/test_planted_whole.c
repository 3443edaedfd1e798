/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulator checks of links, shelves, attackers and of the mesh as a
 * whole is planted as a run goes on, one thing at a time, and caught; or at its
 * end. */
#include "sim/adversary.h"
#include "sim/judged.h"
#include "sim/net.h"
#include "sim/people.h"
#include "sim/perform_vault.h"
#include "sim/pipe.h"
#include "tests/sim/act.h"

static void test_books(void)
{
    begin(false, SET("mesh.seed=1"));
    run(20);
    world->counts.frames_sent++;
    while (simulation.second < 23 && simulation_advance(&simulation))
        continue;
    caught(6, "a frame was neither received nor dropped");
    simulation_clear(&simulation);
}

/* What waits for a link that has a bandwidth. */
static void test_pipes(void)
{
    uint32_t number = begin_with_mail();
    struct link *link = world_link(&world->nodes[0], number);
    struct pipe *pipe = link->pipe = pipe_new();
    const struct net_load forward = {
        .type = FRAME_PUSH, .number = 0, .is_forward = true};
    pipe->free_us = world->now_us + 1000;
    need(net_push(world, 0, link, &forward) && pipe->lanes.bytes > 0);
    size_t bytes = pipe->lanes.bytes;
    pipe->lanes.bytes = LIMIT_LINK_QUEUE_BYTES;
    net_pass(world, 0, link);
    need(world->oracle.violation_count == 0);
    pipe->lanes.bytes = LIMIT_LINK_QUEUE_BYTES + 1;
    net_pass(world, 0, link);
    caught(6, "a link's queue is over its bound");
    pipe->lanes.bytes = bytes;
    world->now_us += LIMIT_FORWARD_STALE_MS * 1000;
    net_close(world, 0, link->peer, link->number, link);
    caught(6, "a forward was sent that had waited too long");
    simulation_clear(&simulation);
}

static void test_bytes(void)
{
    static const uint8_t garbage[] = {0xc1, 0xc1};
    uint32_t handle;
    begin(true, SET("mesh.seed=1"));
    run(20);
    const struct link *link = &world->nodes[0].links[0];
    need(parcels_add_bytes(&world->parcels,
             (struct span){garbage, sizeof(garbage)}, &handle) == STATUS_OK);
    world->frames_under_way++;
    world->counts.frames_sent++;
    world_schedule(
        world, world->now_us, 0, link->peer, EVENT_FRAME, link->number, handle);
    while (
        world->oracle.violation_count == 0 && simulation_advance(&simulation))
        continue;
    caught(0, "a frame cannot be read back as it was written");
    simulation_clear(&simulation);
}

/* All that is said is lost, while the mesh looks whole. */
static void test_loss(void)
{
    struct measures measures;
    begin(false, SET("links.loss=1.0", "mesh.duration=30min"));
    while (simulation_advance(&simulation))
        continue;
    need(world->oracle.violation_count == 0);
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    caught(1, "a letter did not arrive in a whole, calm mesh");
    simulation_clear(&simulation);
}

/* To the end, with a group and files, which all have come; and then an hour, in
 * which nothing happens. */
static void begin_with_more(void)
{
    begin(false, SET("workload.letters=0", "node.receipt=1s",
                     "mesh.duration=30min", "workload.groups=1",
                     "workload.group_size=3", "workload.group_letters=2",
                     "workload.files=2", "workload.file_size=70kB"));
    while (simulation_advance(&simulation))
        continue;
    need(world->oracle.violation_count == 0);
    need(world->circles.shown == 4 && world->shipments.whole == 2);
    world->now_us += UINT64_C(3600000000);
}

static void judge(void)
{
    struct measures measures;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
}

/* What came is taken for what did not, one thing at a time. */
static void test_more(void)
{
    begin_with_more();
    struct circle_copy *copy = circles_copy(&world->circles, 0, 1);
    struct shipment *shipment = &world->shipments.list[0];
    judge();
    need(world->oracle.violation_count == 0);
    copy->shown_count = 0;
    judge();
    caught(
        1, "a group letter did not arrive at a member in a whole, calm mesh");
    copy->shown_count = 1;
    shipment->whole_us = LETTERS_NEVER;
    judge();
    caught(1, "a file did not arrive in a whole, calm mesh");
    simulation_clear(&simulation);
}

/* A vault hands out a part that is not the file's. */
static void test_file(void)
{
    begin_with_more();
    struct shipment *shipment = &world->shipments.list[0];
    struct vault_effect effect = {.kind = VAULT_REPLY,
        .reply.client = people_client(PEOPLE_CONTENT, 0),
        .reply.reply = {.kind = CONTROL_PART,
            .part = {.data = span_of_text("00ff"), .next = 1}}};
    struct vault_effects effects = {.list = &effect, .count = 1};
    shipment->taken = 0;
    shipment->is_out = false;
    scene_begin(&simulation.scene, shipment->to);
    perform_vault(&simulation.scene, &effects);
    scene_end(&simulation.scene);
    caught(1, "a file came out changed, or not to its end");
    simulation_clear(&simulation);
}

/* A node loses an envelope long after all have it, and nobody is told. */
static void test_shelves(void)
{
    begin(false, SET("mesh.seed=1", "mesh.duration=30min", "mesh.quiet=20min"));
    run(500);
    need(world->oracle.checks_of_part[PART_SHELVES] > 0);
    need(ledger_get(&world->nodes[0].shelf, 0) == LEDGER_STORED);
    wants(&(struct relay_effect){
        .kind = RELAY_FORGET, .id = slab_item(&world->slab, 0)->id});
    while (
        world->oracle.violation_count == 0 && simulation_advance(&simulation))
        continue;
    ok(world->now_us <= 502 * UINT64_C(1000000),
        "in the second in which it is");
    caught(7, "peers have not come to store the same");
    simulation_clear(&simulation);
}

/* In a loss nobody can be held to that. */
static void test_not_judged(void)
{
    begin(false, SET("links.loss=0.01"));
    ok(judged_why_not(world, PART_SHELVES) &&
            strcmp(judged_why_not(world, PART_SHELVES), "loss") == 0,
        "what is not judged has a reason");
    world->scenario.loss_ppm = 0;
    ok(judged_is(world, PART_SHELVES), "where nothing is lost it is judged");
    world->scenario.slow_share_ppm = 1;
    ok(!judged_is(world, PART_REDUNDANCY) && !judged_is(world, PART_SHELVES),
        "but neither the trees of slow links nor what comes over them");
    simulation_clear(&simulation);
}

/* A fifth of a core for attackers, whatever it was before. */
static void test_busy(void)
{
    begin(false,
        SET("mesh.seed=1", "adversaries.forgers=0.1", "adversaries.from=10s"));
    run(60);
    uint32_t forger = 0, node = 0;
    while (world->lots[forger].role != ROLE_FORGER)
        forger++;
    while (world->lots[node].role != ROLE_HONEST)
        node++;
    for (int i = 0; i < 100; i++) {
        adversary_costs(world, node, forger, 10000000);
        world->now_us += 100000;
    }
    need(world->oracle.violation_count == 0);
    for (int i = 0; i < 100 && world->oracle.violation_count == 0; i++) {
        adversary_costs(world, node, forger, 20000000);
        world->now_us += 100000;
    }
    caught(9, "attackers keep a node busy for a tenth of a core and more");
    simulation_clear(&simulation);
}

static void test_work(void)
{
    struct measures measures;
    begin_with_mail();
    uint64_t since_us = world->now_us - world->scenario.attack_from_us;
    world->nodes[4].attack_ns = since_us * 1000 / 10;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    need(world->oracle.violation_count == 0);
    world->nodes[4].attack_ns = since_us * 1000 / 9;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    caught(9, "attackers' frames cost a node more than a tenth of a core");
    simulation_clear(&simulation);
}

int main(void)
{
    test_books();
    test_pipes();
    test_bytes();
    test_loss();
    test_more();
    test_file();
    test_shelves();
    test_not_judged();
    test_busy();
    test_work();
    return tap_done();
}
