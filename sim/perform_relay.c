/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case an effect.  The oracle looks at each before it is done, with what
 * the simulator knows and no engine can: who stores what (perform_shelf.c), and
 * what each link has carried. */
#include "sim/perform_relay.h"

#include "sim/adversary.h"
#include "sim/bare.h"
#include "sim/net.h"
#include "sim/perform_inside.h"
#include "sim/postage.h"
#include "sim/words.h"

void perform_tell(struct place *place, const struct port_message *message)
{
    if (place->node->end && place->world->scenario.crypto == CRYPTO_NONE)
        bare_port(place->scene, message);
    else
        scene_port(place->scene, message);
}

static void queue_was_full(
    struct place *place, uint32_t number, const struct envelope_id *push)
{
    struct relay_event event = {
        .kind = RELAY_DROPPED, .dropped = {.link = number}};
    if (push) {
        event.dropped.is_push = true;
        event.dropped.id = *push;
    }
    scene_relay(place->scene, &event, false);
}

void perform_demoted(struct scene *scene, struct link *link)
{
    struct world *world = scene->world;
    uint32_t number;
    while (net_take_demoted(world, link, &number)) {
        struct relay_event event = {.kind = RELAY_DROPPED,
            .dropped = {.link = link->number,
                .is_push = true,
                .id = slab_item(&world->slab, number)->id}};
        sent_set_remove(&link->sent, number);
        scene_relay(scene, &event, false);
    }
}

static void send_load(
    struct place *place, struct link *link, const struct net_load *load)
{
    struct world *world = place->world;
    const struct envelope_id *push = NULL;
    bool is_sent = (world->has_adversaries &&
                       !adversary_pushes(world, place->index, link, load)) ||
                   net_push(world, place->index, link, load);
    perform_demoted(place->scene, link);
    if (is_sent)
        return;
    if (load->type == FRAME_PUSH) {
        push = &slab_item(&world->slab, load->number)->id;
        sent_set_remove(&link->sent, load->number);
    }
    queue_was_full(place, link->number, push);
}

/* It leaves its stem: the first time, as far as this part knows yet. */
static void show(struct world *world, uint32_t number)
{
    struct slab_item *item = slab_item(&world->slab, number);
    if (item->shown_us != 0 && item->shown_us <= world->now_us)
        return;
    item->shown_us = world->now_us;
    world_need(arrivals_add(&world->shown, number, world->now_us));
}

/* Of what was submitted before a restart alone nobody keeps count. */
static void give_own(struct place *place, uint32_t number)
{
    const struct slab_item *item = slab_item(&place->world->slab, number);
    if (item->origin == place->index && item->submitted == place->node->boots)
        place->given = number;
}

static void push(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    struct link *link = world_link(place->node, effect->link);
    uint32_t number;
    if (!perform_find(place, effect, &number) || !link)
        return;
    bool sent_before;
    world_need(sent_set_add(&link->sent, number,
        slab_first_held(&place->world->slab), &sent_before));
    enum ledger_state state = ledger_get(&place->node->shelf, number);
    oracle_pushed(
        &world->oracle, state, sent_before, place->index, world->now_us);
    oracle_shown_to_peer(&world->oracle,
        relay_hides(place->node->relay, &effect->id), place->index,
        world->now_us);
    show(world, number);
    give_own(place, number);
    const struct net_load load = {.type = FRAME_PUSH,
        .number = number,
        .from = effect->from,
        .urgent = effect->urgent,
        .is_forward = effect->is_forward};
    if (state == LEDGER_STORED)
        send_load(place, link, &load);
}

/* What is hidden goes to one peer, and once. */
static void stem(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    struct link *link = world_link(place->node, effect->link);
    uint32_t number;
    if (!perform_find(place, effect, &number) || !link)
        return;
    enum ledger_state state = ledger_get(&place->node->shelf, number);
    oracle_check(&world->oracle, state == LEDGER_STORED, 5, place->index,
        world->now_us, "a node sent an envelope that it does not store");
    oracle_check(&world->oracle,
        !place->from_peer || !place->scene->by_stem ||
            effect->link != place->scene->by_link,
        8, place->index, world->now_us,
        "a stem goes back to where it came from");
    if (number != place->restamped)
        words_stemmed(place->scene, effect->link, FRAME_STEM, place->from_peer);
    give_own(place, number);
    const struct net_load load = {
        .type = FRAME_STEM, .number = number, .from = effect->from};
    if (state == LEDGER_STORED)
        send_load(place, link, &load);
}

/* What an envelope's stamp is worth is known at once, by the virtual clock;
 * what that costs is counted. */
static void check(struct place *place, const struct relay_effect *effect)
{
    struct frame push = {.type = effect->store.frame_type,
        .push = {.id = effect->id, .envelope = effect->store.envelope}};
    struct relay_event event = {.kind = RELAY_CHECKED,
        .frame = {.link = effect->link,
            .frame = &push,
            .bytes = effect->store.frame_bytes}};
    event.frame.is_genuine = postage_is_good(
        &effect->id, effect->store.envelope->stamp, &event.frame.cost_us);
    place->world->counts.checks++;
    if (!event.frame.is_genuine)
        place->world->counts.false_checks_us += event.frame.cost_us;
    const struct link *link = world_link(place->node, effect->link);
    if (link)
        adversary_costs(place->world, place->index, link->peer,
            (uint64_t)event.frame.cost_us * 1000);
    scene_relay(place->scene, &event, true);
}

/* A node has one worker, which makes one stamp after the other. */
static void stamp(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint64_t us = postage_make_us(effect->stamp.bits);
    uint32_t number;
    if (!perform_find(place, effect, &number))
        return;
    if (place->node->stamps_us < world->now_us)
        place->node->stamps_us = world->now_us;
    place->node->stamps_us += us;
    world->counts.stamps_us += us;
    world_schedule(world, place->node->stamps_us, place->index, place->index,
        EVENT_STAMP, effect->stamp.bits, number);
}

static void judge_handed(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint32_t number;
    if (!perform_find(place, effect, &number))
        return;
    struct slab_item *item = slab_item(&world->slab, number);
    const struct handed handed = {
        item->was_handed, effect->peers, world->node_count - 1};
    oracle_handed(&world->oracle, &handed, place->index, world->now_us);
    item->was_handed = effect->peers > 0;
}

static void no_longer_own(
    struct place *place, const struct relay_effect *effect)
{
    uint32_t number;
    if (perform_find(place, effect, &number))
        slab_item(&place->world->slab, number)->submitted = 0;
}

static void tell_vault(struct place *place, const struct relay_effect *effect)
{
    struct port_message message = {.type = PORT_REFUSED,
        .refused = {.id = effect->id, .reason = effect->reason}};
    if (effect->kind == RELAY_HANDED)
        judge_handed(place, effect);
    if (effect->kind == RELAY_REFUSED)
        no_longer_own(place, effect);
    if (effect->kind == RELAY_HANDED)
        message = (struct port_message){.type = PORT_HANDED,
            .handed = {.id = effect->id, .peers = effect->peers}};
    if (effect->kind == RELAY_WAITS)
        message = (struct port_message){.type = PORT_WAITS,
            .waits = {.id = effect->id, .bits = effect->stamp.bits}};
    if (effect->kind == RELAY_CLEARED)
        message = (struct port_message){.type = PORT_CLEARED,
            .receipt = {.id = effect->id, .opening = effect->opening}};
    perform_tell(place, &message);
}

static void hang_up(struct place *place, uint32_t number)
{
    struct link *link = world_link(place->node, number);
    if (!link)
        return;
    bool is_told = place->parting == number ||
                   (place->from_peer && place->scene->by_link == number);
    if (!is_told)
        oracle_gave_up(&place->world->oracle, link->heard_s, place->index,
            place->world->now_us);
    place->world->counts.links--;
    net_close(place->world, place->index, link->peer, link->number, link);
    net_remove(place->world, place->node, link);
}

static void undial(struct place *place, uint32_t target)
{
    struct node *node = place->node;
    for (uint32_t i = 0; i < node->link_count; i++)
        if (node->links[i].outbound && node->links[i].peer_number == 0 &&
            node->links[i].target == target) {
            net_remove(place->world, node, &node->links[i]);
            return;
        }
}

static void send(struct place *place, const struct relay_effect *effect)
{
    struct link *link = world_link(place->node, effect->link);
    const struct net_word word = {&effect->frame, effect->from};
    words_sent(place->scene, &effect->frame);
    if (effect->frame.type == FRAME_STEM_RECEIPT && link)
        words_stemmed(
            place->scene, effect->link, FRAME_STEM_RECEIPT, place->from_peer);
    if (effect->frame.type == FRAME_DISCONNECT)
        place->parting = effect->link;
    if (link &&
        (!place->world->has_adversaries ||
            adversary_sends(
                place->world, place->index, link, &effect->frame)) &&
        !net_send(place->world, place->index, link, &word))
        queue_was_full(place, link->number, NULL);
    if (link)
        perform_demoted(place->scene, link);
}

static void perform(struct place *place, const struct relay_effect *effect)
{
    switch (effect->kind) {
    case RELAY_SEND:
        send(place, effect);
        return;
    case RELAY_PUSH:
        push(place, effect);
        return;
    case RELAY_STEM:
        stem(place, effect);
        return;
    case RELAY_STORE:
        perform_store(place, effect);
        return;
    case RELAY_CLEAR:
        perform_clear(place, effect);
        return;
    case RELAY_EVICT:
        perform_change(place, effect, LEDGER_EVICTED);
        return;
    case RELAY_FORGET:
        perform_change(place, effect, LEDGER_UNKNOWN);
        return;
    case RELAY_RESTAMP:
        perform_restamp(place, effect);
        return;
    case RELAY_CHECK:
        check(place, effect);
        return;
    case RELAY_STAMP:
        stamp(place, effect);
        return;
    case RELAY_DELIVER:
        perform_deliver(place, effect);
        return;
    case RELAY_FIND:
        perform_find_tag(place, effect);
        return;
    case RELAY_HANDED:
    case RELAY_CLEARED:
    case RELAY_REFUSED:
    case RELAY_WAITS:
        tell_vault(place, effect);
        return;
    case RELAY_DIAL:
        net_dial(place->world, place->index,
            world_node_at(place->world, effect->dial.endpoint),
            effect->dial.target);
        return;
    case RELAY_HANGUP:
        hang_up(place, effect->link);
        return;
    case RELAY_IMPORTED:
        return; /* nobody carries bundles here */
    case RELAY_UNDIAL:
        undial(place, effect->dial.target);
        return;
    case RELAY_KEEP_NODES:
        world_keep_nodes(place->node, effect->keep.count, effect->keep.nodes);
        return;
    case RELAY_KEEP_SCORES:
        world_keep_scores(
            place->node, effect->keep_scores.count, effect->keep_scores.scores);
        return;
    }
}

void perform_relay(
    struct scene *scene, const struct relay_effects *effects, bool from_peer)
{
    struct place place = {
        .scene = scene,
        .world = scene->world,
        .node = &scene->world->nodes[scene->node],
        .index = scene->node,
        .from_peer = from_peer,
        .given = SLAB_NONE,
        .restamped = SLAB_NONE,
    };
    for (size_t i = 0; i < effects->count; i++)
        perform(&place, &effects->list[i]);
    if (place.given != SLAB_NONE)
        oracle_gave_own(&place.world->oracle,
            slab_item(&place.world->slab, place.given)->was_handed, place.index,
            place.world->now_us);
    oracle_check(&scene->world->oracle,
        place.node->shelf_bytes <= scene->world->scenario.shelf_bytes, 6,
        scene->node, scene->world->now_us, "a shelf is over its quota");
}
