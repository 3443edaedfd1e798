/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each function is one scene: it feeds an engine, performs what follows until
 * nothing does, and then asks both engines when they want to be called next.
 * A timer that comes too early, since the deadline has moved on, is set again
 * without a step. */
#include "sim/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/adversary.h"
#include "sim/bare.h"
#include "sim/edges.h"
#include "sim/examiner.h"
#include "sim/net.h"
#include "sim/node_inside.h"
#include "sim/perform_relay.h"
#include "sim/perform_vault.h"
#include "sim/postage.h"
#include "sim/sybil.h"
#include "sim/watch.h"

/* A whole look may be hundreds of times the work of an event, in a large mesh
 * whose memory is cold, and more with what the node knows. */
enum { SMALL_MESH = 32, LOOK_EVERY = 1024 };

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

/* An engine that does nothing when it is due would be due for ever. */
static void note_due_again(struct scene *scene)
{
    struct world *world = scene->world;
    struct standstill *still = &world->standstill;
    if (still->at_us != world->now_us)
        *still = (struct standstill){.at_us = world->now_us};
    world->stands_still |= !oracle_due_again(&world->oracle,
        ++still->times / world->node_count, scene->node, world->now_us);
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
    if (at_us <= scene->world->now_us) {
        at_us = scene->world->now_us;
        note_due_again(scene);
    }
    if (node->timer_count == NODE_TIMERS)
        memmove(node->timers_us, node->timers_us + 1,
            --node->timer_count * sizeof(*node->timers_us));
    node->timers_us[node->timer_count++] = at_us;
    world_schedule(
        scene->world, at_us, scene->node, scene->node, EVENT_TIMER, 0, 0);
}

void node_settle(struct scene *scene)
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

void node_finish(struct scene *scene)
{
    node_settle(scene);
    set_timer(scene);
    scene_end(scene);
    edges_note(scene->world, scene->node);
    examiner_event_passed(scene->world, scene->node);
}

struct span node_contact_name(uint32_t node, char out[static 16])
{
    snprintf(out, 16, "n%" PRIu32, node);
    return span_of_text(out);
}

void node_keep_peer(struct scene *scene, uint32_t peer)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    world_endpoint(peer, endpoint);
    struct relay_event event = {.kind = RELAY_CONNECT,
        .connect = {.endpoint = span_of_text(endpoint),
            .key = world_node_key(scene->world, peer),
            .origin = ORIGIN_CONFIG}};
    scene_relay(scene, &event, false);
}

static void ask_vault(struct scene *scene, uint32_t letter)
{
    const struct world *world = scene->world;
    char text[LIMIT_TEXT_BYTES + 1], name[16];
    letters_text(&world->letters, letter, text);
    struct control_request request = {.method = CONTROL_SEND,
        .name = node_contact_name(world->letters.list[letter].to, name),
        .text = span_of_text(text),
        .life_h = world->letters.list[letter].life_h,
        .urgent = world->letters.list[letter].urgent};
    scene_request(scene, (uint64_t)CLIENT_FIRST_LETTER + letter, &request);
}

void node_write(struct scene *scene, uint32_t node, uint32_t letter)
{
    scene_begin(scene, node);
    if (scene->world->scenario.crypto == CRYPTO_NONE)
        bare_write(scene, letter);
    else
        ask_vault(scene, letter);
    node_finish(scene);
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
        node_settle(scene);
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

/* Whether a push finds its envelope here.  What is on its stem is not: one push
 * at least has to end that. */
static void count_mail(struct scene *scene, const struct net_arrival *arrival)
{
    struct world *world = scene->world;
    const struct node *node = node_of(scene);
    if (!is_honest_mail(scene, arrival))
        return;
    world->counts.payloads_arrived++;
    if (arrival->frame->type != FRAME_PUSH ||
        counts_may_renew(&arrival->frame->push.id))
        return;
    bool is_here =
        ledger_get(&node->shelf, arrival->number) != LEDGER_UNKNOWN &&
        !(node->relay && relay_hides(node->relay, &arrival->frame->push.id));
    world->counts.pushes_first += !is_here;
    world->counts.pushes_again += is_here;
}

static bool is_edge(const struct relay *relay, uint32_t link)
{
    uint32_t edges[LIMIT_LINKS];
    bool is_one = false;
    for (size_t i = relay_edges(relay, edges); i > 0; i--)
        is_one |= edges[i - 1] == link;
    return is_one;
}

/* A shuffle that is to go on, or to be answered, unless its peer has sent more
 * than anybody has to walk: then it is counted as refused. */
static bool is_walk(struct scene *scene, const struct queue_event *event,
    const struct frame *frame)
{
    const struct relay *relay = node_of(scene)->relay;
    return frame->type == FRAME_SHUFFLE && relay &&
           !scene->world->has_adversaries && is_edge(relay, event->link);
}

static uint64_t walks_refused(struct scene *scene)
{
    const struct relay *relay = node_of(scene)->relay;
    return relay ? relay_refused(relay, REFUSAL_MEMBER) : 0;
}

/* An event that carries an envelope's number spares all the look-ups of its
 * id, here and in the relay's rooms: they begin with what was found last. */
static void foretell(struct world *world, const struct queue_event *event)
{
    if (event->kind == EVENT_FRAME)
        return;
    slab_hint(&world->slab, event->handle);
    catalog_hint(
        &world->catalog, slab_item(&world->slab, event->handle)->numbered);
}

static void learn_number(struct world *world, const struct queue_event *event)
{
    if (event->kind == EVENT_FRAME)
        return;
    struct slab_item *item = slab_item(&world->slab, event->handle);
    item->numbered = catalog_find(&world->catalog, &item->id);
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
        trace_frame(&world->trace, event, arrival.frame);
        if (world->watch)
            watch_frame(world, link ? WATCH_CAME : WATCH_STALE, event->from,
                scene->node, arrival.frame);
    }
    if (!whole || !link) {
        frame_lost(scene, event);
        net_done(world, &arrival);
        return;
    }
    world->counts.frames_arrived++;
    count_mail(scene, &arrival);
    if (world->has_adversaries)
        adversary_meets(world, scene->node, event, &arrival);
    scene->from = event->from;
    scene->hops = event->hops;
    scene->by_link = event->link;
    scene->by_stem = arrival.frame->type == FRAME_STEM;
    scene->by_stem_receipt = arrival.frame->type == FRAME_STEM_RECEIPT;
    if (arrival.frame->type == FRAME_WANT ||
        arrival.frame->type == FRAME_GRAFT ||
        arrival.frame->type == FRAME_RECONCILE ||
        arrival.frame->type == FRAME_DECLINED)
        sent_set_clear(&link->sent);
    if (link->heard_s || arrival.frame->type == FRAME_HELLO)
        link->heard_s = world_second(world) + 1;
    bool walks = is_walk(scene, event, arrival.frame);
    scene->walk = walks ? arrival.frame->shuffle.walk : 0;
    scene->walks_on = false;
    uint64_t refused = walks ? walks_refused(scene) : 0;
    struct relay_event step = {.kind = RELAY_FRAME,
        .frame = {.link = event->link,
            .frame = arrival.frame,
            .bytes = arrival.bytes}};
    foretell(world, event);
    scene_relay(scene, &step, true);
    learn_number(world, event);
    node_settle(scene);
    examiner_heard(world, scene->node, event->link);
    if (walks)
        oracle_walked(&world->oracle,
            scene->walks_on || walks_refused(scene) > refused, scene->node,
            world->now_us);
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
        node_keep_peer(scene, event->from);
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
    net_remove(scene->world, node_of(scene), link);
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
    if (!node_of(scene)->relay) /* it went down over it */
        return;
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
    node_settle(scene);
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
    net_remove(scene->world, node_of(scene), link);
    scene_relay(scene, &step, false);
}

static void pipe_is_due(struct scene *scene, const struct queue_event *event)
{
    struct link *link = world_link(node_of(scene), event->link);
    if (!link)
        return;
    net_pass(scene->world, scene->node, link);
    perform_demoted(scene, link);
}

static bool is_looked_at(
    const struct world *world, const struct queue_event *event)
{
    if (world->examines_all)
        return true;
    /* All but a few are out by the first look, which divides by no variable. */
    bool is_large = world->node_count > SMALL_MESH;
    if (is_large && event->sequence % LOOK_EVERY != 0)
        return false;
    uint32_t turn = is_large ? event->sequence / LOOK_EVERY : event->sequence;
    return turn % examiner_weight(world, event->to) == 0;
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
    case EVENT_PIPE:
        pipe_is_due(scene, event);
        break;
    case EVENT_CONFIRM:
        bare_confirm(scene, event->handle);
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
    node_finish(scene);
    if (is_looked_at(scene->world, event))
        examiner_look(scene->world, event->to);
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
    node_finish(scene);
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
        net_remove(scene->world, n, link);
        if (!was_up)
            return;
        scene->world->counts.links--;
        scene_begin(scene, node);
        scene_relay(scene, &step, false);
        node_finish(scene);
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
