/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What engines want done that none should is planted, one thing at a time, and
 * caught as it is done: what they send, store, wipe, hide and part with. */
#include "sim/node_inside.h"
#include "sim/perform_vault.h"
#include "tests/sim/act.h"

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

int main(void)
{
    test_effects();
    test_hidden();
    test_stem();
    test_own();
    test_greed();
    test_silence();
    test_honour();
    test_ways();
    return tap_done();
}
