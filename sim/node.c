/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each function is one scene: it feeds an engine, performs what follows until
 * nothing does, and then asks both engines when they want to be called next.
 * A timer that comes too early, since the deadline has moved on, is set again
 * without a step. */
#include "sim/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/adversary.h"
#include "sim/net.h"
#include "sim/noise.h"
#include "sim/perform_relay.h"
#include "sim/perform_vault.h"
#include "sim/postage.h"
#include "sim/sybil.h"
#include "sim/watch.h"

static const char passphrase[] = "correct horse battery staple";

/* An examination may be hundreds of times the work of an event, in a large mesh
 * whose memory is cold, and more with what the node knows. */
enum { SMALL_MESH = 32, EXAMINE_EVERY = 1024, LIGHT_KNOWN = 512 };

static struct node *node_of(struct scene *scene)
{
    return &scene->world->nodes[scene->node];
}

static uint64_t deadline_us(const struct node *node)
{
    uint64_t deadline_ms = UINT64_MAX;
    if (node->relay)
        deadline_ms = relay_deadline_ms(node->relay);
    if (node->relay && node->end && node->end->vault) {
        uint64_t vault_ms = vault_deadline_ms(node->end->vault);
        deadline_ms = vault_ms < deadline_ms ? vault_ms : deadline_ms;
    }
    return deadline_ms > UINT64_MAX / 1000 ? UINT64_MAX : deadline_ms * 1000;
}

/* Timers under way are a stack, since one is only set when it comes before
 * all others.  When the stack is full the latest is forgotten: it will still
 * come, and find nothing to do. */
static void set_timer(struct scene *scene)
{
    struct node *node = node_of(scene);
    uint64_t at_us = deadline_us(node);
    if (at_us == UINT64_MAX ||
        (node->timer_count > 0 &&
            node->timers_us[node->timer_count - 1] <= at_us))
        return;
    if (at_us < scene->world->now_us)
        at_us = scene->world->now_us;
    if (node->timer_count == NODE_TIMERS)
        memmove(node->timers_us, node->timers_us + 1,
            --node->timer_count * sizeof(*node->timers_us));
    node->timers_us[node->timer_count++] = at_us;
    world_schedule(
        scene->world, at_us, scene->node, scene->node, EVENT_TIMER, 0, 0);
}

/* Perform until nothing is left to do. */
static void settle(struct scene *scene)
{
    struct batch *batch;
    while ((batch = scene_next(scene))) {
        if (batch->from_vault)
            perform_vault(scene, &batch->vault);
        else
            perform_relay(scene, &batch->relay, batch->from_peer);
        scene_performed(scene, batch);
    }
}

static void finish(struct scene *scene)
{
    settle(scene);
    set_timer(scene);
    scene_end(scene);
}

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
    struct vault_event event = {
        .kind = VAULT_SLOTS, .slots = {end->disk.slots, end->disk.slots_size}};
    scene_vault(scene, &event);
}

static void setup_request(struct scene *scene, struct control_request request)
{
    scene_request(scene, CLIENT_SETUP, &request);
    settle(scene);
}

void node_make_vault(struct scene *scene, uint32_t node)
{
    scene_begin(scene, node);
    new_vault(scene);
    setup_request(scene, (struct control_request){.method = CONTROL_INIT,
                             .passphrase = span_of_text(passphrase)});
    scene_end(scene);
}

/* Contacts are named by their node's number. */
static struct span contact_name(uint32_t node, char out[static 16])
{
    snprintf(out, 16, "n%" PRIu32, node);
    return span_of_text(out);
}

void node_add_contact(struct scene *scene, uint32_t node, uint32_t other)
{
    char name[16];
    scene_begin(scene, node);
    setup_request(
        scene, (struct control_request){.method = CONTROL_ADD,
                   .name = contact_name(other, name),
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
    settle(scene);
}

static void restore_node(struct scene *scene, const struct kept_node *kept)
{
    struct relay_event event = {
        .kind = RELAY_RESTORED_NODE, .restored_node = kept};
    scene_relay(scene, &event, false);
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

/* Its configuration names that node. */
static void keep_peer(struct scene *scene, uint32_t peer)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    world_endpoint(peer, endpoint);
    struct relay_event event = {.kind = RELAY_CONNECT,
        .connect = {.endpoint = span_of_text(endpoint),
            .key = world_node_key(scene->world, peer),
            .origin = ORIGIN_CONFIG}};
    scene_relay(scene, &event, false);
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
        keep_peer(scene, peer);
    }
    settle(scene);
}

static void new_relay(struct scene *scene)
{
    struct node *node = node_of(scene);
    const struct scenario *s = &scene->world->scenario;
    struct relay_config config = {
        .node = world_node_key(scene->world, scene->node),
        .endpoint_count = 1,
        .shelf_quota_bytes = s->shelf_bytes,
        .link_maximum = (uint32_t)s->link_maximum,
        .life_maximum_h = (uint32_t)(s->life_maximum_us / 1000000 / HOUR_S),
        .reconcile_interval_ms = s->reconcile_us / 1000,
        .is_member = s->member == SWITCH_ON,
        .unspoken = (s->tree == SWITCH_ON ? 0 : FEATURE_TREE) |
                    (s->stem == SWITCH_ON ? 0 : FEATURE_STEM),
        .catalog = &scene->world->catalog,
    };
    world_endpoint(scene->node, config.endpoints[0]);
    node->relay = relay_new(&config, &node->random.base);
    world_need(node->relay ? STATUS_OK : STATUS_NO_MEMORY);
}

static void wake_vault(struct scene *scene)
{
    struct end *end = node_of(scene)->end;
    if (!end)
        return;
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
    scene->world->counts.boots++;
    scene->world->counts.nodes_up++;
    new_relay(scene);
    restore_shelf(scene);
    restore_nodes(scene);
    dial_neighbours(scene);
    wake_vault(scene);
    finish(scene);
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
        settle(scene);
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
        world_link_remove(node, link);
    }
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
    node->shelf_bytes = 0;
    ledger_clear(&node->shelf);
    node->kept_count = 0;
}

void node_write(struct scene *scene, uint32_t node, uint32_t letter)
{
    const struct world *world = scene->world;
    char text[LIMIT_TEXT_BYTES + 1], name[16];
    letters_text(&world->letters, letter, text);
    struct control_request request = {.method = CONTROL_SEND,
        .name = contact_name(world->letters.list[letter].to, name),
        .text = span_of_text(text),
        .life_h = world->letters.list[letter].life_h,
        .urgent = world->letters.list[letter].urgent};
    scene_begin(scene, node);
    scene_request(scene, (uint64_t)CLIENT_FIRST_LETTER + letter, &request);
    finish(scene);
}

static void come_due(struct scene *scene)
{
    struct node *node = node_of(scene);
    uint64_t now_ms = world_now_ms(scene->world);
    if (node->timer_count > 0 &&
        node->timers_us[node->timer_count - 1] <= scene->world->now_us)
        node->timer_count--;
    if (node->relay && relay_deadline_ms(node->relay) <= now_ms) {
        struct relay_event event = {.kind = RELAY_TICK};
        scene_relay(scene, &event, false);
        settle(scene);
    }
    if (node->relay && node->end && node->end->vault &&
        vault_deadline_ms(node->end->vault) <= now_ms) {
        struct vault_event event = {.kind = VAULT_TICK};
        scene_vault(scene, &event);
    }
}

/* A frame for a link that is gone: say so to whoever still believes in it. */
static void frame_lost(struct scene *scene, const struct queue_event *event)
{
    scene->world->counts.frames_stale++;
    if (node_of(scene)->relay)
        net_close(scene->world, scene->node, event->from, event->link, NULL);
}

/* An envelope of somebody's vault comes to an honest node. */
static bool is_honest_mail(
    struct scene *scene, const struct net_arrival *arrival)
{
    return arrival->number != SLAB_NONE &&
           scene->world->lots[scene->node].role == ROLE_HONEST &&
           slab_item(&scene->world->slab, arrival->number)->origin != SLAB_NONE;
}

static void frame_came(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    struct net_arrival arrival;
    bool whole = net_arrive(world, event, &arrival);
    oracle_check(&world->oracle, whole, INVARIANT_LOCAL, scene->node,
        world->now_us, "a frame cannot be read back as it was written");
    struct link *link = world_link(node_of(scene), event->link);
    if (whole) {
        trace_frame(&world->trace, event, &arrival.frame);
        if (world->watch)
            watch_frame(world, link ? WATCH_CAME : WATCH_STALE, event->from,
                scene->node, &arrival.frame);
    }
    if (!whole || !link) {
        frame_lost(scene, event);
        net_done(world, &arrival);
        return;
    }
    world->counts.frames_arrived++;
    world->counts.payloads_arrived += is_honest_mail(scene, &arrival);
    adversary_meets(world, scene->node, event, &arrival);
    scene->from = event->from;
    scene->hops = event->hops;
    scene->by_link = event->link;
    scene->by_stem = arrival.frame.type == FRAME_STEM;
    if (arrival.frame.type == FRAME_WANT || arrival.frame.type == FRAME_GRAFT ||
        arrival.frame.type == FRAME_RECONCILE ||
        arrival.frame.type == FRAME_DECLINED)
        sent_set_empty(&link->sent);
    struct relay_event step = {.kind = RELAY_FRAME,
        .frame = {.link = event->link,
            .frame = &arrival.frame,
            .bytes = arrival.bytes}};
    scene_relay(scene, &step, true);
    settle(scene);
    net_done(world, &arrival);
}

static bool is_friend(const struct world *world, uint32_t of, uint32_t node)
{
    for (uint32_t i = world->dial_from[of]; i < world->dial_from[of + 1]; i++)
        if (world->topology.edges[i].to == node && world_is_pin(world, of, i))
            return true;
    return false;
}

static void dial_came(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    if (!node_of(scene)->relay)
        return; /* nobody answers: the dialler's own timeout ends it */
    uint32_t number = net_accept(world, scene->node, event->from, event->link);
    world->counts.links++;
    struct relay_event step = {.kind = RELAY_LINK_UP,
        .link_up = {.link = number,
            .key = world_node_key(world, event->from),
            .from = world_address(event->from)}};
    scene_relay(scene, &step, false);
    if (is_friend(world, event->from, scene->node))
        keep_peer(scene, event->from);
    sybil_is_dialled(scene, scene->node, event->from);
}

static void accept_came(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    struct link *link = world_link(node_of(scene), event->link);
    if (!link) {
        if (node_of(scene)->relay)
            net_close(world, scene->node, event->from, event->link, NULL);
        return;
    }
    link->peer_number = event->handle;
    world->counts.links++;
    struct relay_event step = {.kind = RELAY_LINK_UP,
        .link_up = {.link = link->number,
            .key = world_node_key(world, event->from),
            .outbound = true,
            .target = link->target}};
    scene_relay(scene, &step, false);
}

static void dial_timed_out(struct scene *scene, const struct queue_event *event)
{
    struct link *link = world_link(node_of(scene), event->link);
    if (!link || link->peer_number != 0)
        return;
    struct relay_event step = {
        .kind = RELAY_DIAL_FAILED, .dial_failed = {.target = link->target}};
    world_link_remove(node_of(scene), link);
    scene_relay(scene, &step, false);
}

/* Whether others may have it as it was. */
static bool is_out(const struct relay *relay, const struct envelope_id *id)
{
    enum shelf_state state;
    return relay_hides(relay, id) || relay_knows(relay, id, &state);
}

static void stamp_came(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    struct slab_item *item = slab_item(&world->slab, event->handle);
    struct relay_event step = {
        .kind = RELAY_STAMPED, .stamped = {.id = item->id}};
    struct envelope stamped;
    if (ledger_get(&node_of(scene)->shelf, event->handle) == LEDGER_STORED) {
        uint8_t made[ENVELOPE_STAMP_BYTES];
        postage_make(&item->id, (uint8_t)event->link, made);
        if (!is_out(node_of(scene)->relay, &item->id))
            slab_stamp(&world->slab, event->handle, made);
        stamped = item->envelope;
        memcpy(stamped.stamp, made, sizeof(made));
        step.stamped.envelope = &stamped;
    }
    scene_relay(scene, &step, false);
    settle(scene);
}

static void close_came(struct scene *scene, const struct queue_event *event)
{
    struct link *link =
        world_link_of_peer(node_of(scene), event->from, event->handle);
    if (!link)
        return;
    scene->world->counts.links--;
    struct relay_event step = {
        .kind = RELAY_LINK_DOWN, .link = {.link = link->number}};
    world_link_remove(node_of(scene), link);
    scene_relay(scene, &step, false);
}

static bool is_to_be_examined(
    const struct world *world, const struct queue_event *event)
{
    uint32_t every = world->node_count <= SMALL_MESH ? 1 : EXAMINE_EVERY;
    return world->examines_all ||
           event->sequence % (every * node_weight(world, event->to)) == 0;
}

void node_receive(struct scene *scene, const struct queue_event *event)
{
    scene_begin(scene, event->to);
    switch ((enum event_kind)event->kind) {
    case EVENT_FRAME:
    case EVENT_PUSH:
    case EVENT_RECEIPT:
    case EVENT_STEM:
        frame_came(scene, event);
        break;
    case EVENT_DIAL:
        dial_came(scene, event);
        break;
    case EVENT_ACCEPT:
        accept_came(scene, event);
        break;
    case EVENT_DIAL_FAILED:
        dial_timed_out(scene, event);
        break;
    case EVENT_CLOSE:
        close_came(scene, event);
        break;
    case EVENT_STAMP:
        stamp_came(scene, event);
        break;
    case EVENT_TIMER:
        come_due(scene);
        break;
    case EVENT_ACT:
    case EVENT_LATE:
    case EVENT_LATE_PUSH:
    case EVENT_LATE_STEM:
    case EVENT_TAKEN:
        adversary_happens(scene, event);
        break;
    case EVENT_BOOT:
    case EVENT_LEAVE:
    case EVENT_CRASH:
    case EVENT_WRITE:
    case EVENT_MEETING:
    case EVENT_SPLIT:
    case EVENT_HEAL:
    case EVENT_SAMPLE:
        break; /* not for one node's engines: simulation.c has them */
    }
    finish(scene);
    if (is_to_be_examined(scene->world, event))
        node_examine(scene, event->to);
}

/* As a person would: so that it is dialled at once, and forgotten at once. */
static void name_peer(struct scene *scene, uint32_t node, uint32_t peer,
    enum relay_event_kind kind)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    world_endpoint(peer, endpoint);
    struct relay_event step = {.kind = kind,
        .connect = {.endpoint = span_of_text(endpoint),
            .key = world_node_key(scene->world, peer),
            .origin = ORIGIN_PERSON}};
    scene_begin(scene, node);
    scene_relay(scene, &step, false);
    finish(scene);
}

void node_meet(struct scene *scene, uint32_t one, uint32_t other)
{
    world_touch(scene->world, one, other, true);
    if (world_moves(scene->world, one))
        name_peer(scene, one, other, RELAY_CONNECT);
}

static void link_went_down(struct scene *scene, uint32_t node, uint32_t peer)
{
    struct node *n = &scene->world->nodes[node];
    for (uint32_t i = 0; i < n->link_count; i++) {
        struct link *link = &n->links[i];
        if (link->peer != peer)
            continue;
        struct relay_event step = {
            .kind = RELAY_LINK_DOWN, .link = {.link = link->number}};
        bool was_up = link->peer_number != 0;
        world_link_remove(n, link);
        if (!was_up)
            return;
        scene->world->counts.links--;
        scene_begin(scene, node);
        scene_relay(scene, &step, false);
        finish(scene);
        return;
    }
}

void node_part(struct scene *scene, uint32_t one, uint32_t other)
{
    world_touch(scene->world, one, other, false);
    if (world_moves(scene->world, one))
        link_went_down(scene, one, other);
    if (world_moves(scene->world, other))
        link_went_down(scene, other, one);
    if (world_moves(scene->world, one))
        name_peer(scene, one, other, RELAY_DISCONNECT);
}

uint32_t node_weight(const struct world *world, uint32_t node)
{
    return 1 + world->nodes[node].shelf.known / LIGHT_KNOWN;
}

/* That nothing lies on a shelf long after its expiry. */
static void examine_shelf(struct world *world, uint32_t index)
{
    const struct ledger *shelf = &world->nodes[index].shelf;
    uint64_t clock_s = world_node_clock_s(world, index);
    for (uint32_t number = ledger_next(shelf, 0); number != SLAB_NONE;
         number = ledger_next(shelf, number + 1))
        if (ledger_get(shelf, number) == LEDGER_STORED)
            oracle_kept(&world->oracle, slab_item(&world->slab, number),
                clock_s, index, world->now_us);
}

void node_examine(struct scene *scene, uint32_t index)
{
    struct world *world = scene->world;
    struct node *node = &world->nodes[index];
    if (node->relay)
        examine_shelf(world, index);
    const char *relay = node->relay ? relay_violation(node->relay) : NULL;
    oracle_check(
        &world->oracle, !relay, INVARIANT_LOCAL, index, world->now_us, relay);
    if (!node->end || !node->end->vault)
        return;
    const char *vault = vault_violation(node->end->vault);
    oracle_check(
        &world->oracle, !vault, INVARIANT_LOCAL, index, world->now_us, vault);
}
