/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case an effect.  The oracle looks at each before it is done, with what
 * the simulator knows and no engine can: who stores what, and what each link
 * has carried. */
#include "sim/perform_relay.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/stamp.h"
#include "sim/adversary.h"
#include "sim/flood.h"
#include "sim/net.h"
#include "sim/postage.h"

struct place { /* where an effect happens */
    struct scene *scene;
    struct world *world;
    struct node *node;
    uint32_t index;
    bool from_peer;
    uint32_t parting; /* a link over which it has said goodbye */
    uint32_t given;   /* an envelope of its own vault's, or SLAB_NONE */
};

static uint64_t item_bytes(const struct slab_item *item)
{
    return envelope_class_bytes(item->envelope.class_);
}

/* Change what a node's disk has of an envelope, and the books with it. */
static void move_to(
    struct place *place, uint32_t number, enum ledger_state state)
{
    struct world *world = place->world;
    struct node *node = place->node;
    enum ledger_state before = ledger_get(&node->shelf, number);
    uint64_t bytes = item_bytes(slab_item(&world->slab, number));
    if (before == LEDGER_STORED) {
        world->counts.stored--;
        world->counts.stored_bytes -= bytes;
        node->shelf_bytes -= bytes;
        slab_forget_hops(
            &world->slab, number, world_place(world, place->index));
        slab_drop(&world->slab, number);
    }
    world->counts.cleared -= before == LEDGER_CLEARED;
    world->counts.cleared += state == LEDGER_CLEARED;
    if (state == LEDGER_STORED) {
        slab_hold(&world->slab, number);
        world->counts.stored++;
        world->counts.stored_bytes += bytes;
        node->shelf_bytes += bytes;
        if (node->shelf_bytes > world->counts.shelf_peak_bytes)
            world->counts.shelf_peak_bytes = node->shelf_bytes;
    }
    world_need(ledger_set(&node->shelf, number, state));
}

/* The envelope that an effect names.  A relay can only name what it was
 * given, so not knowing it is the relay's fault. */
static bool find(
    struct place *place, const struct relay_effect *effect, uint32_t *number)
{
    *number = slab_find(&place->world->slab, &effect->id);
    oracle_check(&place->world->oracle, *number != SLAB_NONE, INVARIANT_LOCAL,
        place->index, place->world->now_us,
        "a relay named an envelope that nobody made");
    return *number != SLAB_NONE;
}

static void pushed_on(const struct place *place, uint32_t number)
{
    struct world *world = place->world;
    if (!place->scene->by_stem &&
        world_has_settled(world, slab_item(&world->slab, number)->shown_us))
        world_need(arrivals_add(&world->arrivals, number, world->now_us));
}

/* A flooder is told, later, that a peer took what it made. */
static void tell_flooder(
    struct place *place, const struct slab_item *item, uint32_t number)
{
    struct world *world = place->world;
    uint32_t from = place->scene->from;
    if (item->origin == SLAB_NONE && world->lots[from].role == ROLE_FLOODER &&
        world->scenario.flood != FLOOD_STAMPS)
        world_schedule(world, world->now_us + FLOOD_TOLD_US, from, place->index,
            EVENT_TAKEN, 0, number);
}

/* An envelope is new to a node, one link farther than where it came from; on
 * its stem it goes no way yet. */
static void travelled(struct place *place, uint32_t number)
{
    struct world *world = place->world;
    struct slab_item *item = slab_item(&world->slab, number);
    bool is_honest = world->lots[place->index].role == ROLE_HONEST;
    bool is_new = is_honest && item->origin != SLAB_NONE;
    world->counts.payloads_new += is_new;
    if (is_honest && item->origin == SLAB_NONE)
        world->counts.flood_bytes += item_bytes(item);
    world->counts.catchup_new += is_new && world->has_healed;
    if (is_new)
        pushed_on(place, number);
    uint16_t before = place->scene->hops;
    if (before == 0)
        return;
    world_need(
        slab_set_hops(&world->slab, number, world_place(world, place->index),
            place->scene->by_stem ? 1 : before + 1));
    if (!place->scene->by_stem && before > item->hops_most)
        item->hops_most = before;
}

/* What came: not all who hold it may have the same. */
static void note_stamp(
    struct place *place, uint32_t number, const struct relay_effect *effect)
{
    struct world *world = place->world;
    world_need(
        slab_restamp(&world->slab, number, world_place(world, place->index),
            stamp_bits(effect->store.envelope->stamp)));
}

/* What is stored from a link is not to go back over it; but for what came on
 * its stem, which goes everywhere when that ends. */
static void came_by(struct place *place, uint32_t number)
{
    struct link *link = world_link(place->node, place->scene->by_link);
    bool was_there;
    if (link && !place->scene->by_stem)
        world_need(sent_set_add(&link->sent, number, &was_there));
}

/* What the shelf was to this envelope, as far as that forbids to store it: one
 * that was evicted may return by its own vault, and for a stamp. */
static enum ledger_state state_before(const struct place *place,
    const struct relay_effect *effect, uint32_t number)
{
    enum ledger_state before = ledger_get(&place->node->shelf, number);
    bool may_return =
        !place->from_peer || !stamp_is_none(effect->store.envelope->stamp);
    return before == LEDGER_EVICTED && may_return ? LEDGER_UNKNOWN : before;
}

static void store(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint32_t number;
    if (!find(place, effect, &number))
        return;
    struct slab_item *item = slab_item(&world->slab, number);
    oracle_stored(&world->oracle, item, state_before(place, effect, number),
        world_node_clock_s(world, place->index), place->index, world->now_us);
    if (item->references == 0)
        return; /* it borrowed what nobody holds: reported by the checks */
    if (place->from_peer) {
        came_by(place, number);
        travelled(place, number);
        tell_flooder(place, item, number);
        const struct topology_edge way = {place->scene->from, place->index};
        if (item->is_pictured)
            picture_came(world->picture, &way, world->now_us);
    }
    note_stamp(place, number, effect);
    move_to(place, number, LEDGER_STORED);
}

static void restamp(struct place *place, const struct relay_effect *effect)
{
    uint32_t number;
    if (find(place, effect, &number))
        note_stamp(place, number, effect);
}

static void clear(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint32_t number;
    if (!find(place, effect, &number))
        return;
    struct slab_item *item = slab_item(&world->slab, number);
    oracle_cleared(
        &world->oracle, item, &effect->opening, place->index, world->now_us);
    item->is_opened = true;
    if (!item->is_proven)
        item->opening = effect->opening;
    move_to(place, number, LEDGER_CLEARED);
}

static void change(struct place *place, const struct relay_effect *effect,
    enum ledger_state state)
{
    uint32_t number;
    if (state == LEDGER_EVICTED)
        place->node->evicted_s = world_second(place->world) + 1;
    if (find(place, effect, &number))
        move_to(place, number, state);
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

static void send_load(
    struct place *place, struct link *link, const struct net_load *load)
{
    if (adversary_pushes(place->world, place->index, link, load) &&
        !net_push(place->world, place->index, link, load))
        queue_was_full(place, link->number,
            load->type == FRAME_PUSH
                ? &slab_item(&place->world->slab, load->number)->id
                : NULL);
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
    if (!find(place, effect, &number) || !link)
        return;
    bool sent_before;
    world_need(sent_set_add(&link->sent, number, &sent_before));
    enum ledger_state state = ledger_get(&place->node->shelf, number);
    oracle_pushed(
        &world->oracle, state, sent_before, place->index, world->now_us);
    oracle_shown_to_peer(&world->oracle,
        relay_hides(place->node->relay, &effect->id), place->index,
        world->now_us);
    show(world, number);
    give_own(place, number);
    const struct net_load load = {FRAME_PUSH, number};
    if (state == LEDGER_STORED)
        send_load(place, link, &load);
}

/* What is hidden goes to one peer, and once. */
static void stem(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    struct link *link = world_link(place->node, effect->link);
    uint32_t number;
    if (!find(place, effect, &number) || !link)
        return;
    enum ledger_state state = ledger_get(&place->node->shelf, number);
    oracle_check(&world->oracle, state == LEDGER_STORED, 5, place->index,
        world->now_us, "a node sent an envelope that it does not store");
    oracle_check(&world->oracle,
        !place->from_peer || !place->scene->by_stem ||
            effect->link != place->scene->by_link,
        8, place->index, world->now_us,
        "a stem goes back to where it came from");
    give_own(place, number);
    const struct net_load load = {FRAME_STEM, number};
    if (state == LEDGER_STORED)
        send_load(place, link, &load);
}

static void hand_over(struct place *place, uint32_t number)
{
    struct slab_item *item = slab_item(&place->world->slab, number);
    if (ledger_get(&place->node->shelf, number) != LEDGER_STORED)
        return;
    slab_hold(&place->world->slab, number);
    scene_hold(place->scene, number);
    struct port_message message = {.type = PORT_ENVELOPE,
        .envelope = {.id = item->id, .envelope = &item->envelope}};
    scene_port(place->scene, &message);
}

static void deliver(struct place *place, const struct relay_effect *effect)
{
    uint32_t number;
    if (find(place, effect, &number))
        hand_over(place, number);
}

/* Those under a tag that the node has, by id.  Returns how many; out may be
 * NULL, to count them. */
static size_t with_tag(
    const struct place *place, const struct tag *tag, uint32_t *out)
{
    const struct slab *slab = &place->world->slab;
    size_t count = 0;
    for (uint32_t number = slab_find_tag(slab, tag); number != SLAB_NONE;
         number = slab_item(slab, number)->next_same_tag) {
        if (ledger_get(&place->node->shelf, number) != LEDGER_STORED)
            continue;
        if (out)
            out[count] = number;
        count++;
    }
    return count;
}

static void find_tag(struct place *place, const struct relay_effect *effect)
{
    size_t count = with_tag(place, &effect->tag, NULL);
    uint32_t *numbers = count ? malloc(count * sizeof(*numbers)) : NULL;
    if (count == 0)
        return;
    world_need(numbers ? STATUS_OK : STATUS_NO_MEMORY);
    with_tag(place, &effect->tag, numbers);
    slab_sort(&place->world->slab, numbers, count);
    for (size_t i = 0; i < count; i++)
        hand_over(place, numbers[i]);
    free(numbers);
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
    if (!find(place, effect, &number))
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
    if (!find(place, effect, &number))
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
    if (find(place, effect, &number))
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
    scene_port(place->scene, &message);
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
    world_link_remove(place->node, link);
}

static void undial(struct place *place, uint32_t target)
{
    struct node *node = place->node;
    for (uint32_t i = 0; i < node->link_count; i++)
        if (node->links[i].outbound && node->links[i].peer_number == 0 &&
            node->links[i].target == target) {
            world_link_remove(node, &node->links[i]);
            return;
        }
}

/* Whether a frame names something that its sender hides, to others than those
 * who brought it. */
static bool names_hidden(const struct relay *relay, const struct frame *frame)
{
    bool names = false;
    for (size_t i = 0; frame_has_ids(frame->type) && i < frame->ids.count; i++)
        names |= frame->type != FRAME_WANT && frame->type != FRAME_GRAFT &&
                 frame->type != FRAME_DECLINED &&
                 relay_hides(relay, &frame->ids.ids[i]);
    if (frame->type != FRAME_RECONCILE)
        return names;
    for (size_t i = 0; i < frame->reconcile.range_count; i++) {
        const struct reconcile_range *range = &frame->reconcile.ranges[i];
        for (size_t j = 0; j < range->item_count; j++)
            names |= relay_hides(relay, &range->items[j].id);
    }
    return names;
}

static void look_at_wants(struct place *place, const struct frame_ids *ids)
{
    struct world *world = place->world;
    uint32_t evicted_s = place->node->evicted_s;
    for (size_t i = 0; evicted_s > 0 && i < ids->count; i++) {
        uint32_t number = slab_find(&world->slab, &ids->ids[i]);
        oracle_asked(&world->oracle,
            number == SLAB_NONE ? LEDGER_UNKNOWN
                                : ledger_get(&place->node->shelf, number),
            world_second(world) + 1 - evicted_s, place->index, world->now_us);
    }
}

static void look_at_words(struct place *place, const struct frame *frame)
{
    struct scene *scene = place->scene;
    if (frame->type == FRAME_WANT)
        look_at_wants(place, &frame->ids);
    if (frame->type == FRAME_SHUFFLE || frame->type == FRAME_SHUFFLE_REPLY)
        scene->walks_on |= frame->shuffle.walk == scene->walk;
}

static void send(struct place *place, const struct relay_effect *effect)
{
    struct link *link = world_link(place->node, effect->link);
    oracle_shown_to_peer(&place->world->oracle,
        names_hidden(place->node->relay, &effect->frame), place->index,
        place->world->now_us);
    look_at_words(place, &effect->frame);
    if (effect->frame.type == FRAME_DISCONNECT)
        place->parting = effect->link;
    if (effect->frame.type == FRAME_RECONCILE)
        oracle_compared(&place->world->oracle, effect->frame.reconcile.round,
            place->index, place->world->now_us);
    if (link &&
        adversary_sends(place->world, place->index, link, &effect->frame) &&
        !net_send(place->world, place->index, link, &effect->frame))
        queue_was_full(place, link->number, NULL);
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
        store(place, effect);
        return;
    case RELAY_CLEAR:
        clear(place, effect);
        return;
    case RELAY_EVICT:
        change(place, effect, LEDGER_EVICTED);
        return;
    case RELAY_FORGET:
        change(place, effect, LEDGER_UNKNOWN);
        return;
    case RELAY_RESTAMP:
        restamp(place, effect);
        return;
    case RELAY_CHECK:
        check(place, effect);
        return;
    case RELAY_STAMP:
        stamp(place, effect);
        return;
    case RELAY_DELIVER:
        deliver(place, effect);
        return;
    case RELAY_FIND:
        find_tag(place, effect);
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
