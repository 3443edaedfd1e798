/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chance is drawn by (seed, sender, sequence), so whether a frame is lost
 * depends on nothing but which of its sender's it is.  Loss and partitions
 * are decided when a frame is sent: what is already under way arrives, unless
 * it waits yet where it came from. Opening and closing a connection is not lost
 * by chance, since a transport repeats it; a partition stops both. */
#include "sim/net.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "sim/noise.h"
#include "sim/pipe.h"
#include "sim/postage.h"
#include "sim/watch.h"

enum {
    DIAL_TIMEOUT_US = 5000000,
    DRAIN_US = 500000, /* of a link that its node ends */
};

bool net_reaches(const struct world *world, uint32_t from, uint32_t to)
{
    return !world->is_split ||
           world->lots[from].far_side == world->lots[to].far_side;
}

static uint64_t delay_us(const struct world *world, uint32_t from)
{
    const struct scenario *s = &world->scenario;
    if (s->jitter_us == 0)
        return s->latency_us;
    uint64_t bits =
        noise(s->seed, from, NOISE_JITTER, world->nodes[from].sequence);
    return s->latency_us + noise_below(bits, s->jitter_us + 1);
}

/* Bytes a second between two nodes; 0: without limit. */
static uint64_t bandwidth_of(
    const struct world *world, uint32_t one, uint32_t other)
{
    const struct scenario *s = &world->scenario;
    bool is_slow = world->lots[one].is_slow || world->lots[other].is_slow;
    if (is_slow && (s->bandwidth == 0 || s->slow_bandwidth < s->bandwidth))
        return s->slow_bandwidth;
    return s->bandwidth;
}

/* A link's pipe, made where it has none. */
static struct pipe *pipe_of(struct link *link)
{
    if (!link->pipe)
        link->pipe = pipe_new();
    world_need(link->pipe ? STATUS_OK : STATUS_NO_MEMORY);
    return link->pipe;
}

/* When something sent over a link now arrives: behind all that was sent
 * before. */
static uint64_t arrival_us(
    struct world *world, uint32_t from, struct link *link, uint32_t bytes)
{
    uint64_t leaves_us = world->now_us;
    uint64_t bandwidth = bandwidth_of(world, from, link->peer);
    if (bandwidth) {
        struct pipe *pipe = pipe_of(link);
        if (pipe->free_us > leaves_us)
            leaves_us = pipe->free_us;
        leaves_us += bytes * UINT64_C(1000000) / bandwidth;
        pipe->free_us = leaves_us;
    }
    uint64_t at_us = leaves_us + delay_us(world, from);
    if (at_us < link->last_us)
        at_us = link->last_us;
    link->last_us = at_us;
    return at_us;
}

void net_dial(struct world *world, uint32_t from, uint32_t to, uint32_t target)
{
    watch_link(world, from, "dials", to);
    struct link *link = world_link_add(&world->nodes[from]);
    link->peer = to;
    link->target = target;
    link->outbound = true;
    uint32_t number = link->number;
    world_schedule(world, world->now_us + DIAL_TIMEOUT_US, from, from,
        EVENT_DIAL_FAILED, number, 0);
    if (to == UINT32_MAX || !net_reaches(world, from, to) ||
        !world_in_touch(world, from, to))
        return;
    uint64_t at_us = world->now_us + delay_us(world, from);
    world_schedule(world, at_us, to, from, EVENT_DIAL, number, 0);
}

uint32_t net_accept(
    struct world *world, uint32_t node, uint32_t dialler, uint32_t number)
{
    struct link *link = world_link_add(&world->nodes[node]);
    link->peer = dialler;
    link->peer_number = number;
    if (net_reaches(world, node, dialler)) {
        uint64_t at_us = arrival_us(world, node, link, 0);
        world_schedule(
            world, at_us, dialler, node, EVENT_ACCEPT, number, link->number);
    }
    return link->number;
}

/* It leaves its node, whatever comes of it. */
static void count_bytes(
    struct world *world, enum frame_type type, uint32_t bytes)
{
    world->counts.sent_bytes += bytes;
    world->counts.kind_frames[type]++;
    world->counts.kind_bytes[type] += bytes;
    if (!frame_has_envelope(type))
        world->counts.control_bytes += bytes;
}

/* Count a frame and draw its fate: whether it travels. */
static bool departs(struct world *world, uint32_t from, const struct link *link,
    const struct pipe_frame *frame)
{
    const struct scenario *s = &world->scenario;
    world->counts.frames_sent++;
    if (!net_reaches(world, from, link->peer)) {
        count_bytes(world, frame->type, frame->bytes);
        world->counts.frames_cut++;
        return false;
    }
    /* The sequence number is used up whatever the fate, or a lost frame would
     * be drawn with the next one's chance. */
    uint32_t sequence = world->nodes[from].sequence;
    if (s->loss_ppm > 0 &&
        noise_hits(noise(s->seed, from, NOISE_LOSS, sequence), s->loss_ppm)) {
        world->nodes[from].sequence++;
        count_bytes(world, frame->type, frame->bytes);
        world->counts.frames_lost++;
        return false;
    }
    world->frames_under_way++;
    return true;
}

static uint32_t encode(struct world *world, const struct frame *frame)
{
    uint8_t bytes[LIMIT_FRAME_BYTES];
    size_t size = 0;
    uint32_t handle = 0;
    world_need(frame_encode(frame, bytes, sizeof(bytes), &size));
    world_need(parcels_add_bytes(
        &world->parcels, (struct span){bytes, size}, &handle));
    return handle;
}

/* A true receipt says nothing that the slab does not hold: its number is
 * enough, and every third frame is such.  SLAB_NONE for any other frame. */
static uint32_t receipt_number(struct world *world, const struct frame *frame)
{
    if (frame->type != FRAME_RECEIPT || world->wire)
        return SLAB_NONE;
    uint32_t number = slab_find(&world->slab, &frame->receipt.id);
    if (number == SLAB_NONE)
        return SLAB_NONE;
    const struct slab_item *item = slab_item(&world->slab, number);
    bool is_true = item->is_opened &&
                   memcmp(item->opening.bytes, frame->receipt.opening.bytes,
                       sizeof(item->opening.bytes)) == 0;
    return is_true ? number : SLAB_NONE;
}

/* The cost of comparing shelves after a split. */
static void count_catchup(
    struct world *world, const struct frame *frame, uint32_t bytes)
{
    if (frame->type != FRAME_RECONCILE || !world->has_healed)
        return;
    struct counts *counts = &world->counts;
    uint64_t trips = frame->reconcile.round / 2 + 1;
    counts->catchup_bytes += bytes;
    if (trips > counts->catchup_trips)
        counts->catchup_trips = trips;
}

/* It is on its way. */
static void leave(
    struct world *world, struct link *link, const struct pipe_frame *frame)
{
    struct queue_event event = frame->event;
    count_bytes(world, frame->type, frame->bytes);
    event.at_us = arrival_us(world, event.from, link, frame->bytes);
    /* What crosses to another part is encoded on its way, and again there. */
    bool is_mail = event.kind == EVENT_PUSH || event.kind == EVENT_STEM;
    if (is_mail && world->wire && world_moves(world, event.to))
        net_encode_mail(world, &event);
    world_send(world, &event);
}

/* See to it that somebody looks when what waits is due. */
static void set_alarm(struct world *world, uint32_t node, struct link *link)
{
    uint64_t due_us = pipe_due_us(link->pipe);
    if (due_us >= link->pipe->wake_us)
        return;
    link->pipe->wake_us = due_us;
    world_schedule(world, due_us, node, node, EVENT_PIPE, link->number, 0);
}

/* All links of a node may have so much waiting, and no more. */
static struct lanes_terms terms_of(const struct world *world, uint32_t index)
{
    const struct node *node = &world->nodes[index];
    struct lanes_terms terms = {
        world_now_ms(world), LIMIT_LINK_QUEUE_BYTES, LIMIT_NODE_QUEUE_BYTES};
    for (uint32_t i = 0; i < node->link_count; i++)
        terms.spare -= pipe_bytes(node->links[i].pipe);
    return terms;
}

static void leave_or_wait(struct world *world, uint32_t node, struct link *link,
    const struct pipe_frame *frame)
{
    if (!pipe_is_busy(link->pipe, world->now_us)) {
        leave(world, link, frame);
        return;
    }
    const struct lanes_terms terms = terms_of(world, node);
    world_need(pipe_add(link->pipe, frame, &terms));
    set_alarm(world, node, link);
}

/* Whether it finds its link's queue full; then it is counted. */
static bool is_dropped(struct world *world, uint32_t node,
    const struct link *link, const struct pipe_frame *frame)
{
    if (!pipe_is_busy(link->pipe, world->now_us))
        return false;
    const struct lanes_terms terms = terms_of(world, node);
    bool is_full = !pipe_can_take(link->pipe, frame, &terms);
    world->counts.frames_dropped += is_full;
    return is_full;
}

/* Give back what a frame holds that does not leave, and the frame. */
static void give_back(struct world *world, struct pipe_frame *frame)
{
    const struct queue_event *event = &frame->event;
    world->frames_under_way--;
    if (event->kind == EVENT_PUSH || event->kind == EVENT_STEM)
        slab_drop(&world->slab, event->handle);
    if (event->kind == EVENT_FRAME)
        parcels_give_back(
            &world->parcels, parcels_take(&world->parcels, event->handle));
    free(frame);
}

/* What is looked at as a frame was none yet: a push of what the slab has. */
static void show_push_of(const struct world *world, enum watch_way way,
    const struct link *link, const struct queue_event *event)
{
    struct frame push = {
        .type = event->kind == EVENT_STEM ? FRAME_STEM : FRAME_PUSH,
        .push = {.id = slab_item(&world->slab, event->handle)->id}};
    if (world->watch)
        watch_frame(world, way, event->from, link->peer, &push);
}

/* Of what was encoded the watch is not told: it would be decoded for that. */
static void cut_off(
    struct world *world, const struct link *link, struct pipe_frame *frame)
{
    const struct queue_event *event = &frame->event;
    count_bytes(world, frame->type, frame->bytes);
    world->counts.frames_cut++;
    if (event->kind == EVENT_PUSH || event->kind == EVENT_STEM)
        show_push_of(world, WATCH_LOST, link, event);
    give_back(world, frame);
}

/* All whose turn comes by then. */
static void leave_by(
    struct world *world, uint32_t node, struct link *link, uint64_t until_us)
{
    struct pipe_frame *frame;
    while ((frame = pipe_take(link->pipe, until_us))) {
        oracle_check(&world->oracle, !pipe_is_stale(frame, world_now_ms(world)),
            6, node, world->now_us,
            "a forward was sent that had waited too long");
        if (net_reaches(world, node, link->peer)) {
            leave(world, link, frame);
            free(frame);
        } else {
            cut_off(world, link, frame);
        }
    }
}

void net_pass(struct world *world, uint32_t node, struct link *link)
{
    if (!link->pipe)
        return;
    oracle_check(&world->oracle,
        link->pipe->lanes.bytes <= LIMIT_LINK_QUEUE_BYTES, 6, node,
        world->now_us, "a link's queue is over its bound");
    if (link->pipe->wake_us <= world->now_us)
        link->pipe->wake_us = UINT64_MAX;
    lanes_pass_time(&link->pipe->lanes, world_now_ms(world));
    leave_by(world, node, link, world->now_us);
    set_alarm(world, node, link);
}

void net_close(struct world *world, uint32_t from, uint32_t to, uint32_t number,
    struct link *link)
{
    watch_link(world, from, "ends its link with", to);
    if (!net_reaches(world, from, to))
        return;
    if (link)
        leave_by(world, from, link, world->now_us + DRAIN_US);
    uint64_t at_us = link ? arrival_us(world, from, link, 0)
                          : world->now_us + delay_us(world, from);
    world_schedule(world, at_us, to, from, EVENT_CLOSE, 0, number);
}

void net_remove(struct world *world, struct node *node, struct link *link)
{
    struct pipe_frame *frame;
    while ((frame = pipe_take_any(link->pipe))) {
        world->counts.frames_stranded++;
        give_back(world, frame);
    }
    world_link_remove(node, link);
}

bool net_take_demoted(struct world *world, struct link *link, uint32_t *number)
{
    struct pipe_frame *frame = pipe_take_demoted(link->pipe);
    if (!frame)
        return false;
    *number = frame->event.handle;
    world->counts.frames_demoted++;
    show_push_of(world, WATCH_DEMOTED, link, &frame->event);
    give_back(world, frame);
    return true;
}

bool net_send(struct world *world, uint32_t node, struct link *link,
    const struct net_word *word)
{
    const struct frame *frame = word->frame;
    struct pipe_frame sent = {.type = frame->type,
        .bytes = (uint32_t)frame_bytes(frame),
        .item = {.lane = lanes_of(frame->type, false, word->from)},
        .event = {.to = link->peer,
            .from = node,
            .kind = EVENT_FRAME,
            .link = link->peer_number}};
    if (is_dropped(world, node, link, &sent))
        return false;
    count_catchup(world, frame, sent.bytes);
    bool travels = departs(world, node, link, &sent);
    if (world->watch)
        watch_frame(
            world, travels ? WATCH_SENT : WATCH_LOST, node, link->peer, frame);
    if (!travels)
        return true;
    uint32_t *handle = &sent.event.handle;
    *handle = receipt_number(world, frame);
    if (*handle != SLAB_NONE)
        sent.event.kind = EVENT_RECEIPT;
    else if (world->wire)
        *handle = encode(world, frame);
    else
        world_need(parcels_add(&world->parcels, frame, sent.bytes, handle));
    leave_or_wait(world, node, link, &sent);
    return true;
}

bool net_push(struct world *world, uint32_t node, struct link *link,
    const struct net_load *load)
{
    struct slab_item *item = slab_item(&world->slab, load->number);
    struct pipe_frame sent = {.type = load->type,
        .bytes = item->frame_bytes,
        .item = {.lane = lanes_of(load->type, load->urgent, load->from)},
        .event = {.to = link->peer,
            .from = node,
            .kind = load->type == FRAME_STEM ? EVENT_STEM : EVENT_PUSH,
            .link = link->peer_number,
            .handle = load->number}};
    sent.item.item.yields = load->is_forward;
    if (is_dropped(world, node, link, &sent))
        return false;
    bool travels = departs(world, node, link, &sent);
    show_push_of(world, travels ? WATCH_SENT : WATCH_LOST, link, &sent.event);
    if (!travels)
        return true;
    slab_hold(&world->slab, load->number);
    sent.event.bits = slab_bits(item, world_place(world, node));
    sent.event.hops =
        slab_hops(&world->slab, load->number, world_place(world, node));
    leave_or_wait(world, node, link, &sent);
    return true;
}

void net_encode_mail(struct world *world, struct queue_event *event)
{
    uint32_t number = event->handle;
    struct slab_item *item = slab_item(&world->slab, number);
    struct frame push = {
        .type = event->kind == EVENT_STEM ? FRAME_STEM : FRAME_PUSH,
        .push = {.id = item->id, .envelope = &item->envelope}};
    event->kind = EVENT_FRAME;
    event->handle = encode(world, &push);
    slab_drop(&world->slab, number);
}

/* As it was at who sent it: there it may have been stamped anew. */
static void show_push(struct world *world, enum frame_type type, uint8_t bits,
    struct net_arrival *out)
{
    struct slab_item *item = slab_item(&world->slab, out->number);
    struct arriving *made = &world->arriving;
    out->bytes = item->frame_bytes;
    out->frame = &made->frame;
    made->frame.type = type;
    made->frame.push = (struct frame_push){item->id, &item->envelope};
    if (bits == stamp_bits(item->envelope.stamp))
        return;
    made->stamped = item->envelope;
    postage_make_any(&item->id, bits, made->stamped.stamp);
    made->frame.push.envelope = &made->stamped;
}

/* Decode what travelled as bytes. */
static bool read_back(
    struct world *world, uint8_t bits, struct net_arrival *out)
{
    struct span bytes = {out->parcel->bytes, out->parcel->size};
    struct frame *read = &world->arriving.frame;
    if (frame_decode(bytes, world->scratch, read) != STATUS_OK)
        return false;
    out->frame = read;
    if (!frame_has_envelope(read->type))
        return true;
    struct span encoding = read->push.envelope->encoding;
    struct envelope_id id;
    envelope_identify(encoding, &id);
    if (slab_intern(&world->slab, &id, encoding, &out->number) != STATUS_OK)
        return false;
    show_push(world, read->type, bits, out);
    return true;
}

static void show_receipt(
    struct world *world, const struct slab_item *item, struct net_arrival *out)
{
    struct frame *made = &world->arriving.frame;
    made->type = FRAME_RECEIPT;
    made->receipt = (struct frame_receipt){item->id, item->opening};
    out->frame = made;
    out->bytes = (uint32_t)frame_bytes(made);
}

bool net_arrive(struct world *world, const struct queue_event *event,
    struct net_arrival *out)
{
    *out = (struct net_arrival){.number = SLAB_NONE};
    world->frames_under_way--;
    if (event->kind == EVENT_PUSH || event->kind == EVENT_STEM) {
        out->number = event->handle;
        show_push(world, event->kind == EVENT_STEM ? FRAME_STEM : FRAME_PUSH,
            event->bits, out);
        return true;
    }
    if (event->kind == EVENT_RECEIPT) {
        show_receipt(world, slab_item(&world->slab, event->handle), out);
        return true;
    }
    out->parcel = parcels_take(&world->parcels, event->handle);
    out->bytes = out->parcel->frame_bytes;
    if (out->parcel->size)
        return read_back(world, event->bits, out);
    out->frame = &out->parcel->frame;
    return true;
}

void net_done(struct world *world, struct net_arrival *arrival)
{
    parcels_give_back(&world->parcels, arrival->parcel);
    if (arrival->number != SLAB_NONE)
        slab_drop(&world->slab, arrival->number);
}
