/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An envelope crosses whole once, and by its id alone as long as it is sure to
 * be still there: who takes one holds it for KEPT_WINDOWS windows, which both
 * sides count, and who sends one knows when it last went whole.  Beside it goes
 * what this program knows of an envelope and no node does. */
#include "sim/crossing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net.h"

enum { KEPT_WINDOWS = 64, ALIGNMENT = 8 };

struct crossing_kept {
    uint32_t until; /* a window */
    uint32_t number;
};

struct head {
    struct queue_event event;
    uint64_t bytes; /* that follow, without the padding */
};

struct mail {
    struct envelope_id id;
    uint64_t shown_us;
    uint32_t origin;
    uint32_t forger;
    uint32_t is_pictured;
    uint32_t bytes; /* of the encoding that follows; 0: it is there already */
};

void crossing_init(struct crossing *crossing)
{
    *crossing = (struct crossing){.window = 1};
}

void crossing_clear(struct crossing *crossing)
{
    free(crossing->kept);
    *crossing = (struct crossing){0};
}

static void append(struct buf *out, const void *data, size_t size)
{
    world_need(buf_append(out, (struct span){data, size}));
}

static void pad(struct buf *out)
{
    static const uint8_t zeros[ALIGNMENT];
    append(out, zeros, (ALIGNMENT - out->size % ALIGNMENT) % ALIGNMENT);
}

/* Whether an envelope has to go whole; then it has gone so. */
static bool goes_whole(const struct crossing *crossing, struct world *world,
    const struct queue_event *event)
{
    uint32_t *given, part = partition_of(&world->partition, event->to);
    world_need(slab_given(&world->slab, event->handle, part, &given));
    if (*given != 0 && crossing->window <= *given + KEPT_WINDOWS)
        return false;
    *given = crossing->window;
    return true;
}

static void write_mail(struct world *world, bool is_whole, struct buf *out,
    const struct queue_event *event)
{
    const struct slab_item *item = slab_item(&world->slab, event->handle);
    const struct mail mail = {
        .id = item->id,
        .shown_us = item->shown_us,
        .origin = item->origin,
        .forger = item->forger,
        .is_pictured = item->is_pictured,
        .bytes = is_whole ? (uint32_t)item->envelope.encoding.size : 0,
    };
    const struct head head = {*event, sizeof(mail) + mail.bytes};
    append(out, &head, sizeof(head));
    append(out, &mail, sizeof(mail));
    append(out, item->envelope.encoding.data, mail.bytes);
    slab_drop(&world->slab, event->handle);
}

static void write_parcel(const struct parcel *parcel, struct buf *out,
    const struct queue_event *event)
{
    struct span span = parcel_span(parcel);
    struct head head = {*event, span.size};
    head.event.kind = EVENT_FRAME;
    append(out, &head, sizeof(head));
    append(out, span.data, span.size);
}

static void write_frame(
    struct world *world, struct buf *out, const struct queue_event *event)
{
    struct parcel *parcel = parcels_take(&world->parcels, event->handle);
    write_parcel(parcel, out, event);
    parcels_give_back(&world->parcels, parcel);
}

static void write_receipt(
    struct world *world, struct buf *out, const struct queue_event *event)
{
    const struct slab_item *item = slab_item(&world->slab, event->handle);
    struct parcel parcel = {.frame = {.type = FRAME_RECEIPT}};
    parcel.frame.receipt.id = item->id;
    parcel.frame.receipt.opening = item->opening;
    parcel.frame_bytes = (uint32_t)frame_bytes(&parcel.frame);
    write_parcel(&parcel, out, event);
}

static void write_taken(
    struct world *world, struct buf *out, const struct queue_event *event)
{
    struct head head = {*event, sizeof(struct envelope_id)};
    append(out, &head, sizeof(head));
    append(out, &slab_item(&world->slab, event->handle)->id,
        sizeof(struct envelope_id));
}

static void write_event(const struct crossing *crossing, struct world *world,
    const struct queue_event *event, struct buf *out)
{
    const struct head head = {*event, 0};
    if (event->kind == EVENT_PUSH || event->kind == EVENT_STEM)
        write_mail(world, goes_whole(crossing, world, event), out, event);
    else if (event->kind == EVENT_FRAME)
        write_frame(world, out, event);
    else if (event->kind == EVENT_RECEIPT)
        write_receipt(world, out, event);
    else if (event->kind == EVENT_TAKEN)
        write_taken(world, out, event);
    else /* of a link alone */
        append(out, &head, sizeof(head));
    pad(out);
}

uint64_t crossing_write(
    struct crossing *crossing, struct world *world, struct buf *out)
{
    uint64_t first_us = UINT64_MAX;
    for (size_t i = 0; i < world->leaving.count; i++) {
        const struct queue_event *event = &world->leaving.list[i];
        uint32_t part = partition_of(&world->partition, event->to);
        if (event->at_us < first_us)
            first_us = event->at_us;
        write_event(crossing, world, event, &out[part]);
    }
    world->leaving.count = 0;
    return first_us;
}

static void grow_kept(struct crossing *crossing)
{
    size_t capacity =
        crossing->kept_capacity ? crossing->kept_capacity * 2 : 64;
    struct crossing_kept *kept = malloc(capacity * sizeof(*kept));
    if (!kept)
        world_end(STATUS_NO_MEMORY);
    for (size_t i = 0; i < crossing->kept_count; i++)
        kept[i] =
            crossing
                ->kept[(crossing->kept_first + i) % crossing->kept_capacity];
    free(crossing->kept);
    crossing->kept = kept;
    crossing->kept_first = 0;
    crossing->kept_capacity = capacity;
}

/* Hold an envelope that came whole in this window. */
static void keep(
    struct crossing *crossing, struct world *world, uint32_t number)
{
    if (crossing->kept_count == crossing->kept_capacity)
        grow_kept(crossing);
    slab_hold(&world->slab, number);
    size_t place = (crossing->kept_first + crossing->kept_count++) %
                   crossing->kept_capacity;
    crossing->kept[place] =
        (struct crossing_kept){crossing->window + KEPT_WINDOWS, number};
}

static void learn(struct slab_item *item, const struct mail *mail)
{
    item->origin = item->origin == SLAB_NONE ? mail->origin : item->origin;
    item->forger = item->forger == SLAB_NONE ? mail->forger : item->forger;
    item->is_pictured |= mail->is_pictured != 0;
    slab_show(item, mail->shown_us);
}

/* The envelope of a push, held once for its event. */
static uint32_t take_mail(
    struct crossing *crossing, struct world *world, const uint8_t *at)
{
    struct mail mail;
    uint32_t number = SLAB_NONE;
    memcpy(&mail, at, sizeof(mail));
    if (mail.bytes) {
        world_need(slab_intern(&world->slab, &mail.id,
            (struct span){at + sizeof(mail), mail.bytes}, &number));
        keep(crossing, world, number);
    } else {
        number = slab_find(&world->slab, &mail.id);
        assert(number != SLAB_NONE);
        slab_hold(&world->slab, number);
    }
    learn(slab_item(&world->slab, number), &mail);
    return number;
}

static void take(struct crossing *crossing, struct world *world,
    struct queue_event *event, struct span bytes)
{
    struct envelope_id id;
    if (event->kind == EVENT_PUSH || event->kind == EVENT_STEM) {
        event->handle = take_mail(crossing, world, bytes.data);
        if (world->wire)
            net_encode_mail(world, event);
    } else if (event->kind == EVENT_FRAME) {
        world_need(parcels_add_span(&world->parcels, bytes, &event->handle));
    } else if (event->kind == EVENT_TAKEN) {
        memcpy(&id, bytes.data, sizeof(id));
        event->handle = slab_find(&world->slab, &id);
        assert(event->handle != SLAB_NONE);
    }
    world_need(queue_push(world->queue, event));
}

void crossing_take(
    struct crossing *crossing, struct world *world, struct span events)
{
    for (size_t at = 0; at < events.size;) {
        struct head head;
        memcpy(&head, events.data + at, sizeof(head));
        at += sizeof(head);
        take(crossing, world, &head.event,
            (struct span){events.data + at, head.bytes});
        at += (head.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}

void crossing_pass(struct crossing *crossing, struct world *world)
{
    crossing->window++;
    while (crossing->kept_count > 0) {
        const struct crossing_kept *first =
            &crossing->kept[crossing->kept_first];
        if (first->until >= crossing->window)
            return;
        slab_drop(&world->slab, first->number);
        crossing->kept_first =
            (crossing->kept_first + 1) % crossing->kept_capacity;
        crossing->kept_count--;
    }
}
