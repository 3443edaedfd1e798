/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulator checks of engines, disks and links as a run goes on is
 * planted there, one thing at a time, and caught in the act. */
#include <stdlib.h>
#include <string.h>

#include "sim/adversary.h"
#include "sim/examiner.h"
#include "sim/judged.h"
#include "sim/net.h"
#include "sim/node.h"
#include "sim/node_inside.h"
#include "sim/people.h"
#include "sim/perform_relay.h"
#include "sim/perform_vault.h"
#include "sim/pipe.h"
#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/simulation.h"
#include "tests/sim/plant.h"
#include "tests/tap.h"

static struct simulation simulation;
static struct world *const world = &simulation.world;

static void begin(bool wire, const char *assignments[])
{
    struct scenario scenario;
    struct complaint complaint;
    scenario_init(&scenario);
    for (; *assignments; assignments++)
        need(scenario_set(&scenario, "--set", *assignments, &complaint) ==
             STATUS_OK);
    need(scenario_check(&scenario, &complaint) == STATUS_OK);
    need(simulation_init(&simulation, &scenario, &(struct manner){.wire = wire},
             &complaint) == STATUS_OK);
}
#define SET(...)                                                               \
    ((const char *[]){"mesh.nodes=12", "mesh.degree=4", "mesh.duration=10min", \
        "workload.letters=6", "workload.pairs=3", "workload.urgent=1.0",       \
        "node.receipt=1d", __VA_ARGS__, NULL})

static void run(uint64_t second)
{
    while (simulation.second < second && simulation_advance(&simulation))
        continue;
    need(world->oracle.violation_count == 0);
}

static void caught(int invariant, const char *text)
{
    const struct oracle *oracle = &world->oracle;
    ok(oracle->violation_count > 0 && oracle->first.invariant == invariant &&
            strcmp(oracle->first.text, text) == 0,
        text);
    if (oracle->violation_count > 0)
        printf("# invariant %d: %s\n", oracle->first.invariant,
            oracle->first.text);
    world->oracle = (struct oracle){0};
}

/* Node 0 wants something done that no relay should. */
static void wants(const struct relay_effect *effect)
{
    struct relay_effects effects = {0};
    struct relay_effect list[] = {*effect};
    effects.list = list;
    effects.count = 1;
    scene_begin(&simulation.scene, 0);
    perform_relay(&simulation.scene, &effects, false);
    scene_end(&simulation.scene);
}

/* So does the vault of somebody who writes. */
static void vault_wants(struct vault_effect *effect)
{
    struct vault_effects effects = {.list = effect, .count = 1};
    scene_begin(&simulation.scene, world->letters.list[0].from);
    perform_vault(&simulation.scene, &effects);
    scene_end(&simulation.scene);
}

/* As if no stem had gone from node 0 before. */
static void forget_ways(void)
{
    struct node *node = &world->nodes[0];
    stem_ways_begin(&node->ways, world_now_ms(world));
    for (uint32_t i = 0; i < node->link_count; i++)
        node->links[i].stems = (struct stem_source){0};
}

/* All have six letters, and receipts wait. */
static uint32_t begin_with_mail(void)
{
    begin(false, SET("mesh.seed=1"));
    run(90);
    need(ledger_get(&world->nodes[0].shelf, 0) == LEDGER_STORED);
    need(world->nodes[0].link_count > 0);
    return world->nodes[0].links[0].number;
}

static void test_effects(void)
{
    uint32_t link = begin_with_mail();
    struct slab_item *item = slab_item(&world->slab, 0);
    const struct relay_effect push = {
        .kind = RELAY_PUSH, .link = link, .id = item->id};
    sent_set_clear(&world->nodes[0].links[0].sent);
    wants(&push);
    need(world->oracle.violation_count == 0);
    wants(&push);
    caught(4, "a node sent one payload twice over a link, unasked");
    wants(&(struct relay_effect){.kind = RELAY_STORE,
        .id = item->id,
        .store.envelope = &item->envelope});
    caught(5, "an envelope was stored twice");
    wants(&(struct relay_effect){.kind = RELAY_CLEAR, .id = item->id});
    caught(5, "an envelope was wiped without a matching opening");
    wants(&(struct relay_effect){
        .kind = RELAY_STEM, .link = link, .id = item->id});
    caught(5, "a node sent an envelope that it does not store");
    wants(&(struct relay_effect){.kind = RELAY_FORGET, .id = {{9}}});
    caught(0, "a relay named an envelope that nobody made");
    struct relay_effect late = {.kind = RELAY_SEND, .link = link};
    late.frame.type = FRAME_RECONCILE;
    late.frame.reconcile.round = 2 * LIMIT_RECONCILE_ROUNDS;
    wants(&late);
    caught(7, "a reconciliation is over its rounds");
    struct vault_effect mad = {.kind = VAULT_TO_PORT};
    mad.port.type = PORT_HANDED;
    vault_wants(&mad);
    caught(0, "a vault spoke as a relay");
    mad = (struct vault_effect){.kind = VAULT_ERASE};
    vault_wants(&mad);
    caught(0, "a vault was destroyed");
    world->scenario.shelf_bytes = 1;
    wants(&(struct relay_effect){.kind = RELAY_IMPORTED});
    caught(6, "a shelf is over its quota");
    simulation_clear(&simulation);
}

static void test_hidden(void)
{
    begin(false, SET("workload.urgent=0.0"));
    uint32_t node = 0;
    struct envelope_id id;
    bool hides = false;
    while (!hides && simulation_advance(&simulation))
        for (uint32_t i = 0; i < world->node_count && !hides; i++) {
            node = i;
            hides = world->nodes[i].relay &&
                    plant_hidden(world->nodes[i].relay, &id);
        }
    need(hides);
    struct relay_effect tell = {
        .kind = RELAY_SEND, .link = world->nodes[node].links[0].number};
    tell.frame.type = FRAME_IHAVE;
    tell.frame.ids.count = 1;
    tell.frame.ids.ids = &id;
    struct relay_effects effects = {.list = &tell, .count = 1};
    scene_begin(&simulation.scene, node);
    perform_relay(&simulation.scene, &effects, false);
    scene_end(&simulation.scene);
    caught(8, "a node told of an envelope that is on its stem");
    simulation_clear(&simulation);
}

/* What came by a stem is to go on by one, and back. */
static void test_stem(void)
{
    struct relay_effect back = {.kind = RELAY_STEM, .link = begin_with_mail()};
    back.id = slab_item(&world->slab, 0)->id;
    forget_ways();
    struct relay_effects effects = {.list = &back, .count = 1};
    scene_begin(&simulation.scene, 0);
    simulation.scene.by_stem = true;
    simulation.scene.by_link = back.link + 1;
    perform_relay(&simulation.scene, &effects, true);
    need(world->oracle.violation_count == 0);
    simulation.scene.by_link = back.link;
    perform_relay(&simulation.scene, &effects, true);
    scene_end(&simulation.scene);
    caught(8, "a stem goes back to where it came from");
    simulation_clear(&simulation);
}

/* A relay hands its vault's envelope over, and says nothing. */
static void test_own(void)
{
    uint32_t link = begin_with_mail();
    struct slab_item *item = slab_item(&world->slab, 0);
    const struct relay_effect push = {
        .kind = RELAY_PUSH, .link = link, .id = item->id};
    item->origin = 0;
    item->submitted = world->nodes[0].boots - 1;
    item->was_handed = false;
    sent_set_clear(&world->nodes[0].links[0].sent);
    wants(&push);
    item->submitted++;
    item->was_handed = true;
    sent_set_clear(&world->nodes[0].links[0].sent);
    wants(&push);
    need(world->oracle.violation_count == 0);
    item->was_handed = false;
    sent_set_clear(&world->nodes[0].links[0].sent);
    wants(&push);
    caught(11, "a vault is not told that its envelope was handed over");
    simulation_clear(&simulation);
}

static void test_greed(void)
{
    struct relay_effect want = {.kind = RELAY_SEND, .link = begin_with_mail()};
    want.frame.type = FRAME_WANT;
    want.frame.ids.count = 1;
    want.frame.ids.ids = &slab_item(&world->slab, 0)->id;
    world->nodes[0].evicted_s = 1;
    world->now_us += 200 * UINT64_C(1000000);
    wants(&want);
    need(world->oracle.violation_count == 0);
    need(ledger_set(&world->nodes[0].shelf, 0, LEDGER_EVICTED) == STATUS_OK);
    wants(&want);
    caught(7, "a node asks for what it has evicted");
    simulation_clear(&simulation);
}

static void test_silence(void)
{
    uint32_t link = begin_with_mail();
    need(world->nodes[0].links[0].heard_s > 0);
    wants(&(struct relay_effect){.kind = RELAY_HANGUP, .link = link});
    caught(2, "a node ends a link that is not silent");
    simulation_clear(&simulation);
}

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

/* It parts with one who has done no wrong. */
static void test_honour(void)
{
    struct relay_effect bye = {.kind = RELAY_SEND, .link = begin_with_mail()};
    bye.frame.type = FRAME_DISCONNECT;
    bye.frame.disconnect.reason = DISCONNECT_ASKED;
    wants(&bye);
    bye.frame.disconnect.reason = DISCONNECT_SCORE;
    world->has_adversaries = true;
    wants(&bye);
    need(world->oracle.violation_count == 0);
    world->has_adversaries = false;
    wants(&bye);
    caught(12, "a node parts with an honest one for its score");
    simulation_clear(&simulation);
}

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

/* What a relay's own stems say of it, in the course of a run. */
static void test_ways(void)
{
    uint32_t link = begin_with_mail();
    struct node *node = &world->nodes[0];
    struct slab_item *item = slab_item(&world->slab, 0);
    const struct relay_effect stem = {
        .kind = RELAY_STEM, .link = link, .id = item->id};
    need(node->link_count > 1);
    item->was_handed = true;
    forget_ways();
    wants(&stem);
    wants(&stem);
    need(world->oracle.violation_count == 0);
    struct relay_effect astray = stem;
    astray.link = node->links[1].number;
    wants(&astray);
    caught(8, "a stem takes another way than the others of its epoch");
    forget_ways();
    wants(&stem);
    const struct relay_effect effects[] = {
        {.kind = RELAY_RESTAMP,
            .id = item->id,
            .store.envelope = &item->envelope},
        astray};
    scene_begin(&simulation.scene, 0);
    perform_relay(&simulation.scene,
        &(struct relay_effects){
            .list = (struct relay_effect *)effects, .count = 2},
        false);
    scene_end(&simulation.scene);
    need(world->oracle.violation_count == 0);
    struct relay_effect receipt = {.kind = RELAY_SEND, .link = link};
    receipt.frame.type = FRAME_STEM_RECEIPT;
    forget_ways();
    for (uint32_t i = 0; i < 3; i++) {
        receipt.link = node->links[i].number;
        wants(&receipt);
    }
    caught(8, "a stem takes another way than the others of its epoch");
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
    test_effects();
    test_hidden();
    test_stem();
    test_own();
    test_greed();
    test_silence();
    test_esteem(false);
    test_esteem(true);
    test_honour();
    test_books();
    test_pipes();
    test_engines();
    test_each_event("mesh.nodes=32", false);
    test_each_event("mesh.nodes=100", true);
    test_each_step();
    test_each_step_of_a_vault();
    test_its_envelope();
    test_its_nodes();
    test_its_shelf();
    test_bytes();
    test_loss();
    test_more();
    test_file();
    test_shelves();
    test_not_judged();
    test_ways();
    test_busy();
    test_work();
    return tap_done();
}
