/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An adversary is its engine and a manner of sending.  What it does by itself
 * it does in acts, at least 10 ms apart, each of as many frames as its rate
 * asks for.  Chance is drawn by (seed, node, how many it has done), as
 * everywhere.
 *
 * Sybils are as many nodes as ids: an id that answers from no address of its
 * own would be found out by the first who dials it.  What they do is in
 * sybil.c. */
#include "sim/adversary.h"

#include <stdlib.h>
#include <string.h>

#include "sim/flood.h"
#include "sim/forgery.h"
#include "sim/noise.h"
#include "sim/sybil.h"
#include "sim/units.h"

enum {
    KEPT_AT_MOST = 256,
    ACT_US = 10000, /* between acts, at least */
    /* The cost model of input that is refused: decoding a frame and hashing
     * what it carries.  Measured as processor time of frame_decode and
     * envelope_identify or opening_matches, over 10^5 frames on one core of a
     * server of 2 cores: 0.28 us for a receipt's 54 bytes, 0.69 us for a push
     * of class 0, 2.5, 9.6 and 38 us for one of class 1, 2 and 3.  A little
     * above that; what the transport spends, and the relay's look into its
     * tables, is not in it. */
    FRAME_NS = 250,
    KIB_NS = 1200,
};

static enum role role_of(const struct world *world, uint32_t node)
{
    return (enum role)world->lots[node].role;
}

static bool acts_by_itself(enum role role)
{
    switch (role) {
    case ROLE_REPLAYER:
    case ROLE_FORGER:
    case ROLE_FLOODER:
    case ROLE_SYBIL:
    case ROLE_GRINDER:
        return true;
    case ROLE_HONEST:
    case ROLE_DROPPER:
    case ROLE_ANNOUNCER:
    case ROLE_DELAYER:
    case ROLE_FLASH:
    case ROLE_SPY:
    case ROLE_COUNT:
        break;
    }
    return false;
}

static bool is_silent(const struct world *world, uint32_t node)
{
    enum role role = role_of(world, node);
    if (role == ROLE_GRINDER)
        return world->now_us >= world->scenario.attack_from_us;
    return role == ROLE_DROPPER || role == ROLE_SYBIL ||
           (role == ROLE_FLASH && world->now_us >= world->scenario.flash_at_us);
}

/* Whether a frame is about mail: what a silent dropper leaves unsaid. */
static bool is_of_mail(enum frame_type type)
{
    switch (type) {
    case FRAME_PUSH:
    case FRAME_IHAVE:
    case FRAME_RECONCILE:
    case FRAME_RECEIPT:
    case FRAME_STEM:
    case FRAME_STEM_RECEIPT:
    case FRAME_CLEARED:
        return true;
    case FRAME_HELLO:
    case FRAME_PING:
    case FRAME_PONG:
    case FRAME_DISCONNECT:
    case FRAME_JOIN:
    case FRAME_FORWARD_JOIN:
    case FRAME_NEIGHBOR:
    case FRAME_NEIGHBOR_REPLY:
    case FRAME_SHUFFLE:
    case FRAME_SHUFFLE_REPLY:
    case FRAME_TERMS:
    case FRAME_GRAFT:
    case FRAME_PRUNE:
    case FRAME_IDONTWANT:
    case FRAME_WANT:
    case FRAME_DECLINED:
    case FRAME_UNKEPT:
        break;
    }
    return false;
}

static void send_later(struct world *world, uint32_t node,
    const struct link *link, enum event_kind kind, uint32_t handle)
{
    world_schedule(world, world->now_us + world->scenario.attack_delay_us, node,
        node, kind, link->number, handle);
}

/* Whether a sybil has said something else in its place. */
static bool is_twisted(struct world *world, uint32_t node, struct link *link,
    const struct frame *frame)
{
    struct node_address nodes[LIMIT_FRAME_NODES];
    struct frame instead = *frame;
    if (!sybil_pushes(world, node) || !sybil_says(world, node, &instead, nodes))
        return false;
    net_send(world, node, link, &(struct net_word){.frame = &instead});
    return true;
}

bool adversary_sends(struct world *world, uint32_t node, struct link *link,
    const struct frame *frame)
{
    uint32_t handle;
    if (role_of(world, node) == ROLE_HONEST)
        return true;
    if (!is_of_mail(frame->type))
        return !is_twisted(world, node, link, frame);
    if (is_silent(world, node))
        return false;
    if (role_of(world, node) != ROLE_DELAYER)
        return true;
    world_need(parcels_add(
        &world->parcels, frame, (uint32_t)frame_bytes(frame), &handle));
    send_later(world, node, link, EVENT_LATE, handle);
    return false;
}

static void announce(
    struct world *world, uint32_t node, struct link *link, uint32_t number)
{
    struct frame frame = {
        .type = FRAME_IHAVE, .ids = {1, &slab_item(&world->slab, number)->id}};
    net_send(world, node, link, &(struct net_word){.frame = &frame});
}

bool adversary_pushes(struct world *world, uint32_t node, struct link *link,
    const struct net_load *load)
{
    enum role role = role_of(world, node);
    if (role == ROLE_HONEST)
        return true;
    if (is_silent(world, node))
        return false;
    if (role == ROLE_ANNOUNCER) {
        announce(world, node, link, load->number);
        return false;
    }
    if (role != ROLE_DELAYER)
        return true;
    slab_hold(&world->slab, load->number);
    send_later(world, node, link,
        load->type == FRAME_STEM ? EVENT_LATE_STEM : EVENT_LATE_PUSH,
        load->number);
    return false;
}

/* A delayed frame leaves now, if its link is still there. */
static void leave_late(struct world *world, const struct queue_event *event)
{
    struct link *link = world_link(&world->nodes[event->to], event->link);
    if (event->kind != EVENT_LATE) {
        const struct net_load load = {
            .type = event->kind == EVENT_LATE_STEM ? FRAME_STEM : FRAME_PUSH,
            .number = event->handle};
        if (link)
            net_push(world, event->to, link, &load);
        slab_drop(&world->slab, event->handle);
        return;
    }
    struct parcel *parcel = parcels_take(&world->parcels, event->handle);
    if (link)
        net_send(world, event->to, link,
            &(struct net_word){.frame = &parcel->frame});
    parcels_give_back(&world->parcels, parcel);
}

static void keep(struct world *world, struct node *node, uint32_t number)
{
    struct adversary *adversary = node->adversary;
    if (!adversary->kept) {
        adversary->kept = malloc(KEPT_AT_MOST * sizeof(*adversary->kept));
        world_need(adversary->kept ? STATUS_OK : STATUS_NO_MEMORY);
    }
    uint32_t *place = &adversary->kept[adversary->kept_next];
    if (adversary->kept_count == KEPT_AT_MOST)
        slab_drop(&world->slab, *place);
    else
        adversary->kept_count++;
    slab_hold(&world->slab, number);
    *place = number;
    adversary->kept_next = (adversary->kept_next + 1) % KEPT_AT_MOST;
}

/* As much as a tenth of a core does leaves by itself. */
static void judge_work(struct world *world, uint32_t index, uint64_t work_ns)
{
    struct node *node = &world->nodes[index];
    uint64_t done_ns =
        (world->now_us - node->attack_ahead_us) * 1000 / ORACLE_WORK_SHARE;
    node->attack_ahead_us = world->now_us;
    node->attack_ahead_ns -=
        done_ns < node->attack_ahead_ns ? done_ns : node->attack_ahead_ns;
    node->attack_ahead_ns += work_ns;
    oracle_worked(&world->oracle, node->attack_ahead_ns, index, world->now_us);
}

void adversary_costs(
    struct world *world, uint32_t node, uint32_t from, uint64_t work_ns)
{
    if (!world->has_adversaries)
        return;
    enum role role = role_of(world, from);
    if (role_of(world, node) != ROLE_HONEST || !acts_by_itself(role) ||
        world->now_us < world->scenario.attack_from_us)
        return;
    world->nodes[node].attack_ns += work_ns;
    judge_work(world, node, work_ns);
}

/* What a frame without an envelope tells a spy: who has what, who confirms. */
static void overhear(struct world *world, const struct queue_event *event,
    const struct frame *frame)
{
    const struct sighting sighting = {event->at_us, event->to, event->from};
    bool names = frame->type == FRAME_IHAVE || frame->type == FRAME_IDONTWANT;
    for (size_t i = 0; names && i < frame->ids.count; i++)
        world_need(
            sightings_add(&world->mail_seen, &frame->ids.ids[i], &sighting));
    if (frame_has_envelope(frame->type))
        world_need(
            sightings_add(&world->mail_seen, &frame->push.id, &sighting));
    if (frame->type == FRAME_RECEIPT || frame->type == FRAME_STEM_RECEIPT)
        world_need(sightings_add(
            &world->receipts_seen, &frame->receipt.id, &sighting));
}

void adversary_meets(struct world *world, uint32_t node,
    const struct queue_event *event, const struct net_arrival *arrival)
{
    adversary_costs(world, node, event->from,
        FRAME_NS + (uint64_t)KIB_NS * arrival->bytes / KIB);
    enum role role = role_of(world, node);
    if (role == ROLE_SPY)
        overhear(world, event, arrival->frame);
    if (arrival->number == SLAB_NONE)
        return;
    struct slab_item *item = slab_item(&world->slab, arrival->number);
    if ((role == ROLE_REPLAYER || role == ROLE_FORGER) &&
        item->origin != SLAB_NONE)
        keep(world, &world->nodes[node], arrival->number);
}

static void replay(struct world *world, uint32_t index, struct link *link)
{
    const struct adversary *adversary = world->nodes[index].adversary;
    if (adversary->kept_count == 0)
        return;
    uint64_t which = world_draw_act(world, index, adversary->kept_count);
    net_push(world, index, link,
        &(struct net_load){
            .type = FRAME_PUSH, .number = adversary->kept[which]});
}

/* Valid mail, as the peer would have it. */
static void flood_mail(struct world *world, uint32_t index, struct link *link)
{
    uint32_t number = flood_next(
        world, index, relay_least_of(world->nodes[index].relay, link->number));
    if (number != SLAB_NONE)
        net_push(world, index, link,
            &(struct net_load){.type = FRAME_PUSH, .number = number});
}

static void flood(struct world *world, uint32_t index, struct link *link)
{
    uint32_t number =
        forgery_make(world, world_draw_act(world, index, FORGERIES));
    net_push(world, index, link,
        &(struct net_load){.type = FRAME_PUSH, .number = number});
    slab_drop(&world->slab, number);
}

static void forge_receipt(
    struct world *world, uint32_t index, struct link *link)
{
    const struct adversary *adversary = world->nodes[index].adversary;
    if (adversary->kept_count == 0)
        return;
    uint32_t number =
        adversary->kept[world_draw_act(world, index, adversary->kept_count)];
    struct frame frame = {.type = FRAME_RECEIPT};
    frame.receipt.id = slab_item(&world->slab, number)->id;
    forgery_opening(world, adversary->acts, &frame.receipt.opening);
    net_send(world, index, link, &(struct net_word){.frame = &frame});
}

/* One frame over a link by chance. */
static void attack(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    if (node->link_count == 0)
        return;
    struct link *link =
        &node->links[world_draw_act(world, index, node->link_count)];
    enum role role = role_of(world, index);
    if (link->peer_number == 0)
        return;
    if (role == ROLE_REPLAYER)
        replay(world, index, link);
    else if (role == ROLE_FLOODER && world->scenario.flood != FLOOD_STAMPS)
        flood_mail(world, index, link);
    else if (role == ROLE_FLOODER || world_draw_act(world, index, 2) == 0)
        flood(world, index, link);
    else
        forge_receipt(world, index, link);
}

/* One that shapes the trees goes to all neighbours at once. */
static void grind(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    uint32_t life_h =
        (uint32_t)(world->scenario.flood_life_us / SECOND_US / HOUR_S);
    uint32_t number = forgery_make_shaping(world, index, life_h);
    for (uint32_t i = 0; i < node->link_count; i++)
        if (node->links[i].peer_number != 0)
            net_push(world, index, &node->links[i],
                &(struct net_load){.type = FRAME_PUSH, .number = number});
    slab_drop(&world->slab, number);
}

static uint64_t act_period_us(const struct world *world, enum role role)
{
    uint64_t rate = world->scenario.attack_rate;
    if (role == ROLE_SYBIL || role == ROLE_GRINDER)
        return SECOND_US;
    return rate * ACT_US > SECOND_US ? ACT_US : SECOND_US / rate;
}

/* How many frames are due in this act, so that the rate holds over all. */
static uint64_t frames_due(const struct world *world, uint32_t index)
{
    const struct scenario *s = &world->scenario;
    uint64_t period_us = act_period_us(world, role_of(world, index));
    uint64_t before_us = world->now_us - world->nodes[index].attack_began_us;
    return (before_us + period_us) * s->attack_rate / SECOND_US -
           before_us * s->attack_rate / SECOND_US;
}

static void act(struct scene *scene, uint32_t index)
{
    struct world *world = scene->world;
    struct node *node = &world->nodes[index];
    enum role role = role_of(world, index);
    if (node->relay && role == ROLE_SYBIL)
        sybil_acts(scene, index);
    else if (node->relay && role == ROLE_GRINDER)
        grind(world, index);
    else if (node->relay)
        for (uint64_t i = frames_due(world, index); i > 0; i--)
            attack(world, index);
    if (!node->is_dead)
        world_schedule(world, world->now_us + act_period_us(world, role), index,
            index, EVENT_ACT, 0, 0);
}

void adversary_happens(struct scene *scene, const struct queue_event *event)
{
    if (event->kind == EVENT_ACT)
        act(scene, event->to);
    else if (event->kind == EVENT_TAKEN)
        flood_was_taken(scene->world, event);
    else
        leave_late(scene->world, event);
}

void adversary_plan(struct world *world)
{
    for (uint32_t i = world->first_node; i < world->end_node; i++) {
        struct node *node = &world->nodes[i];
        enum role role = role_of(world, i);
        if (!acts_by_itself(role))
            continue;
        node->adversary = calloc(1, sizeof(*node->adversary));
        world_need(node->adversary ? STATUS_OK : STATUS_NO_MEMORY);
        node->attack_began_us =
            world->scenario.attack_from_us +
            world_draw_act(world, i, act_period_us(world, role) + 1);
        world_schedule(world, node->attack_began_us, i, i, EVENT_ACT, 0, 0);
    }
}
