/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a node's engines are made, and how they end.  What its disk holds stays
 * when it is down: the shelf, the nodes and the bad scores that it kept are fed
 * to a new relay, and the key slots to a new vault, before anything else is. No
 * neighbour is told of an end that is not graceful: each has to notice. */
#include "sim/node.h"

#include <stdlib.h>

#include "sim/bare.h"
#include "sim/edges.h"
#include "sim/net.h"
#include "sim/node_inside.h"
#include "sim/perform_vault.h"

static const char passphrase[] = "correct horse battery staple";

enum { BOOTED_S = 60 }; /* it has time to see what has expired meanwhile */

static void new_vault(struct scene *scene)
{
    struct end *end = node_of(scene)->end;
    struct vault_config config = {
        .cost = KEYSLOT_INTERACTIVE,
        .receipt_mean_ms = scene->world->scenario.receipt_mean_us / 1000,
        .sandbox = "none",
    };
    end->vault = vault_new(&config, &end->random.base);
    world_need(end->vault ? STATUS_OK : STATUS_NO_MEMORY);
    struct vault_event event = {.kind = VAULT_SLOTS,
        .found.slots = {end->disk.slots, end->disk.slots_size},
        .found.has_records = end->disk.slots_size > 0};
    scene_vault(scene, &event);
}

static void setup_request(struct scene *scene, struct control_request request)
{
    scene_request(scene, CLIENT_SETUP, &request);
    node_settle(scene);
}

void node_make_vault(struct scene *scene, uint32_t node)
{
    scene_begin(scene, node);
    new_vault(scene);
    setup_request(scene, (struct control_request){.method = CONTROL_INIT,
                             .passphrase = span_of_text(passphrase)});
    scene_end(scene);
}

void node_add_contact(struct scene *scene, uint32_t node, uint32_t other)
{
    char name[16];
    scene_begin(scene, node);
    setup_request(
        scene, (struct control_request){.method = CONTROL_ADD,
                   .name = node_contact_name(other, name),
                   .card = span_of_text(scene->world->nodes[other].end->card)});
    scene_end(scene);
}

/* What the node's disk knows of, by id. */
static uint32_t *known_in_order(const struct scene *scene)
{
    const struct ledger *shelf = &scene->world->nodes[scene->node].shelf;
    uint32_t *numbers = malloc((shelf->known + 1ul) * sizeof(*numbers));
    uint32_t count = 0;
    world_need(numbers ? STATUS_OK : STATUS_NO_MEMORY);
    for (uint32_t number = ledger_next(shelf, 0); number != SLAB_NONE;
         number = ledger_next(shelf, number + 1))
        numbers[count++] = number;
    slab_sort(&scene->world->slab, numbers, count);
    return numbers;
}

static void restore_shelf(struct scene *scene)
{
    struct node *node = node_of(scene);
    const struct slab *slab = &scene->world->slab;
    static const enum shelf_state states[] = {[LEDGER_STORED] = SHELF_STORED,
        [LEDGER_CLEARED] = SHELF_CLEARED,
        [LEDGER_EVICTED] = SHELF_EVICTED};
    uint32_t *numbers = known_in_order(scene);
    for (uint32_t i = 0; i < node->shelf.known; i++) {
        const struct slab_item *item = slab_item(slab, numbers[i]);
        struct relay_event event = {.kind = RELAY_RESTORED,
            .restored = {.id = item->id,
                .receipt_hash = item->envelope.receipt_hash,
                .opening = item->opening,
                .expires_h = item->envelope.expires_h,
                .bytes = (uint32_t)envelope_class_bytes(item->envelope.class_),
                .stamp_bits =
                    slab_bits(item, world_place(scene->world, scene->node)),
                .state = states[ledger_get(&node->shelf, numbers[i])]}};
        scene_relay(scene, &event, false);
    }
    free(numbers);
    node_settle(scene);
}

static void restore_node(struct scene *scene, const struct kept_node *kept)
{
    struct relay_event event = {
        .kind = RELAY_RESTORED_NODE, .restored_node = kept};
    scene_relay(scene, &event, false);
}

static void restore_scores(struct scene *scene)
{
    const struct node *node = node_of(scene);
    for (uint32_t i = 0; i < node->bad_count; i++) {
        struct relay_event event = {
            .kind = RELAY_RESTORED_SCORE, .restored_score = &node->bad[i]};
        scene_relay(scene, &event, false);
    }
}

static void restore_nodes(struct scene *scene)
{
    const struct node *node = node_of(scene);
    for (uint32_t i = 0; i < node->kept_count; i++)
        restore_node(scene, &node->kept[i]);
}

/* Somebody has told it of a node, as a file that came with it would. */
static void know_contact(struct scene *scene, uint32_t peer)
{
    const struct kept_node kept = {
        .at = {world_node_key(scene->world, peer), world_address(peer)}};
    restore_node(scene, &kept);
}

static void dial_neighbours(struct scene *scene)
{
    const struct world *world = scene->world;
    for (uint32_t i = world->dial_from[scene->node];
         i < world->dial_from[scene->node + 1]; i++) {
        uint32_t peer = world->topology.edges[i].to;
        if (world->scenario.topology == TOPOLOGY_JOIN &&
            !world_is_pin(world, scene->node, i)) {
            know_contact(scene, peer);
            continue;
        }
        node_keep_peer(scene, peer);
    }
    node_settle(scene);
}

static void new_relay(struct scene *scene)
{
    struct node *node = node_of(scene);
    const struct scenario *s = &scene->world->scenario;
    struct relay_config config = {
        .node = world_node_key(scene->world, scene->node),
        .endpoint_count = 1,
        .shelf_quota_bytes = s->shelf_bytes,
        .push_rate_bytes_s = (uint32_t)s->peer_rate,
        .link_maximum = (uint32_t)s->link_maximum,
        .life_maximum_h = (uint32_t)(s->life_maximum_us / 1000000 / HOUR_S),
        .reconcile_interval_ms = s->reconcile_us / 1000,
        .is_member = s->member == SWITCH_ON,
        .unspoken = (s->tree == SWITCH_ON ? 0 : FEATURE_TREE) |
                    (s->stem == SWITCH_ON ? 0 : FEATURE_STEM),
        .catalog = &scene->world->catalog,
    };
    world_endpoint(scene->node, config.endpoints[0]);
    stem_ways_begin(&node->ways, world_now_ms(scene->world));
    node->relay = relay_new(&config, &node->random.base);
    world_need(node->relay ? STATUS_OK : STATUS_NO_MEMORY);
}

static void wake_vault(struct scene *scene)
{
    struct end *end = node_of(scene)->end;
    if (!end)
        return;
    if (scene->world->scenario.crypto == CRYPTO_NONE) {
        bare_wake(scene);
        return;
    }
    if (!end->vault) {
        new_vault(scene);
        setup_request(scene, (struct control_request){.method = CONTROL_UNLOCK,
                                 .passphrase = span_of_text(passphrase)});
    }
    struct vault_event event = {.kind = VAULT_PORT_UP};
    scene_vault(scene, &event);
}

void node_boot(struct scene *scene, uint32_t node)
{
    if (scene->world->nodes[node].relay)
        return;
    scene_begin(scene, node);
    scene->world->nodes[node].boots++;
    scene->world->nodes[node].due_s =
        (uint32_t)world_node_clock_s(scene->world, node) + BOOTED_S;
    scene->world->counts.boots++;
    scene->world->counts.nodes_up++;
    new_relay(scene);
    restore_shelf(scene);
    restore_scores(scene);
    restore_nodes(scene);
    dial_neighbours(scene);
    wake_vault(scene);
    node_finish(scene);
}

void node_leave(struct scene *scene, uint32_t index, bool graceful)
{
    struct node *node = &scene->world->nodes[index];
    if (!node->relay)
        return;
    scene_begin(scene, index);
    if (graceful) {
        struct relay_event event = {.kind = RELAY_STOP};
        scene_relay(scene, &event, false);
        node_settle(scene);
    }
    scene_end(scene);
    relay_free(node->relay);
    node->relay = NULL;
    if (node->end) {
        vault_free(node->end->vault);
        node->end->vault = NULL;
    }
    while (node->link_count > 0) {
        struct link *link = &node->links[node->link_count - 1];
        scene->world->counts.links -= link->peer_number != 0;
        net_remove(scene->world, node, link);
    }
    edges_note(scene->world, index);
    scene->world->counts.nodes_up--;
    scene->world->counts.departures++;
}

void node_lose_shelf(struct scene *scene, uint32_t index)
{
    struct world *world = scene->world;
    struct node *node = &world->nodes[index];
    for (uint32_t number = ledger_next(&node->shelf, 0); number != SLAB_NONE;
         number = ledger_next(&node->shelf, number + 1)) {
        enum ledger_state state = ledger_get(&node->shelf, number);
        world->counts.cleared -= state == LEDGER_CLEARED;
        if (state != LEDGER_STORED)
            continue;
        world->counts.stored--;
        world->counts.stored_bytes -= envelope_class_bytes(
            slab_item(&world->slab, number)->envelope.class_);
        slab_forget_hops(&world->slab, number, world_place(world, index));
        slab_drop(&world->slab, number);
    }
    node->shelf_bytes = node->shelf_digest = 0;
    ledger_clear(&node->shelf);
    node->kept_count = node->bad_count = 0;
}
