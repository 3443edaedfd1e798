/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an engine can find wrong with itself is planted there, and caught after
 * its next step, or when all of it is looked at. */
#include "sim/examiner.h"
#include "sim/node_inside.h"
#include "sim/perform_vault.h"
#include "tests/sim/act.h"

/* Its relay still thinks well of somebody, hours later: it is seen when that
 * peer has sent a frame, and each hour. */
static void test_esteem(bool hears)
{
    begin_with_mail();
    uint32_t node = 0;
    for (uint32_t i = 0; i < world->node_count; i++)
        if (relay_score_of(
                world->nodes[i].relay, world->nodes[i].links[0].number) > 0)
            node = i;
    world->now_us += 200 * 60 * UINT64_C(1000000);
    need(world->whole.calm_since_us > 0);
    examiner_look(world, node);
    need(world->oracle.violation_count == 0);
    world->now_us += 60 * UINT64_C(1000000);
    if (hears)
        examiner_heard(world, node, world->nodes[node].links[0].number);
    else
        examiner_event_passed(world, node);
    caught(12, "what a peer has earned is never forgotten");
    simulation_clear(&simulation);
}

static void test_engines(void)
{
    begin_with_mail();
    size_t most = plant_links_maximum(world->nodes[3].relay, 0);
    examiner_look(world, 2);
    need(world->oracle.violation_count == 0);
    examiner_look(world, 3);
    caught(0, "more links than allowed");
    plant_links_maximum(world->nodes[3].relay, most);
    simulation_clear(&simulation);
}

/* In a small mesh all that an engine holds is looked at after each of its
 * events, in another one if one says so. */
static void test_each_event(const char *nodes, bool says_so)
{
    begin(false, SET(nodes));
    run(90);
    plant_hour(world->nodes[5].relay, 1);
    world->examines_all = says_so;
    while (
        world->oracle.violation_count == 0 && simulation_advance(&simulation))
        continue;
    ok(world->oracle.first.node == 5 && world->now_us <= 111000000,
        "an engine is looked at after its own next event");
    caught(0, "an item would never be forgotten");
    plant_hour(world->nodes[5].relay, -1);
    simulation_clear(&simulation);
}

/* One step of node 5's relay. */
static void step(struct relay_event event)
{
    scene_begin(&simulation.scene, 5);
    scene_relay(&simulation.scene, &event, false);
    node_finish(&simulation.scene);
}

/* A mesh that is too large to look at all after each event, and one envelope
 * that everybody stores. */
static const struct slab_item *begin_large(void)
{
    begin(false, SET("mesh.nodes=100", "node.member=on", "mesh.seed=1"));
    run(90);
    need(ledger_get(&world->nodes[5].shelf, 0) == LEDGER_STORED);
    return slab_item(&world->slab, 0);
}

/* What must hold after each step is caught after the very step, whatever the
 * mesh. */
static void test_each_step(void)
{
    const struct relay_event tick = {.kind = RELAY_TICK};
    begin_large();
    for (const struct plant *plant = plants; plant->text; plant++) {
        step(tick);
        need(world->oracle.violation_count == 0);
        plant_do(world->nodes[5].relay, plant);
        step(tick);
        plant_undo(world->nodes[5].relay);
        need(world->oracle.first.node == 5);
        caught(0, plant->text);
    }
    simulation_clear(&simulation);
}

static void test_each_step_of_a_vault(void)
{
    begin_large();
    uint32_t writer = world->letters.list[0].from;
    struct vault *vault = world->nodes[writer].end->vault;
    const struct control_request ask = {.method = CONTROL_OUTBOX};
    plant_held(vault, 1);
    scene_begin(&simulation.scene, writer);
    scene_request(&simulation.scene, CLIENT_SETUP, &ask);
    plant_held(vault, -1);
    node_finish(&simulation.scene);
    need(world->oracle.first.node == writer);
    caught(0, "letters held back are miscounted");
    simulation_clear(&simulation);
}

/* So is what the step is about. */
static void test_its_envelope(void)
{
    const struct slab_item *item = begin_large();
    struct relay_event about = {.kind = RELAY_DROPPED};
    about.dropped.link = world->nodes[5].links[0].number;
    about.dropped.is_push = true;
    about.dropped.id = item->id;
    step(about);
    need(world->oracle.violation_count == 0);
    plant_cleared(world->nodes[5].relay, &item->id);
    step(about);
    caught(0, "an item is not marked as what it is");
    simulation_clear(&simulation);
}

/* And whom it knows, where the step was about nodes. */
static void test_its_nodes(void)
{
    const struct relay_event tick = {.kind = RELAY_TICK};
    const struct relay_event failed = {
        .kind = RELAY_DIAL_FAILED, .dial_failed.target = UINT32_MAX};
    begin_large();
    step(failed);
    need(world->oracle.violation_count == 0);
    plant_view(world->nodes[5].relay);
    step(failed);
    plant_no_view(world->nodes[5].relay);
    caught(0, "a node is twice in the view");
    step(tick);
    need(world->oracle.violation_count == 0);
    simulation_clear(&simulation);
}

/* And what has lain there for too long, when the hour is over. */
static void test_its_shelf(void)
{
    const struct relay_event tick = {.kind = RELAY_TICK};
    begin_large();
    slab_item(&world->slab, 0)->envelope.expires_h =
        WORLD_START_S / HOUR_S - LIMIT_CLOCK_SKEW_H;
    step(tick);
    need(world->oracle.violation_count == 0);
    world->now_us = UINT64_C(1000000) * (HOUR_S + 59);
    step(tick);
    need(world->oracle.violation_count == 0);
    world->now_us += UINT64_C(1000000);
    step(tick);
    caught(4, "an envelope is stored past its expiry");
    simulation_clear(&simulation);
}

/* What its node does not live to see. */
static void test_late_stamp(void)
{
    begin_large();
    node_leave(&simulation.scene, 5, false);
    world_schedule(world, world->now_us, 5, 5, EVENT_STAMP, 8, 0);
    run(100);
    ok(!world->nodes[5].relay, "a stamp that comes too late is nobody's");
    simulation_clear(&simulation);
}

int main(void)
{
    test_late_stamp();
    test_esteem(false);
    test_esteem(true);
    test_engines();
    test_each_event("mesh.nodes=32", false);
    test_each_event("mesh.nodes=100", true);
    test_each_step();
    test_each_step_of_a_vault();
    test_its_envelope();
    test_its_nodes();
    test_its_shelf();
    return tap_done();
}
