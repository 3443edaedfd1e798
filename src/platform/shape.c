/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules are those of the simulator's own network (sim/net.c, sim/pipe.c): a
 * frame leaves when its link has sent what was before it, by rank and in turns
 * as a transport's frames do; it travels for the latency and some of the
 * jitter, and overtakes nothing on its way; loss is drawn when it leaves.  What
 * is on its way is one list for all links, in the order of arrival: some
 * thousand frames at most, and nearly all are added at its end. */
#include "platform/shape.h"

#include <stdlib.h>
#include <string.h>

#include "platform/transport_queue.h"
#include "proto/limits.h"

#define SECOND_US UINT64_C(1000000)

struct shape_frame {
    struct shape_frame *next;
    uint64_t at_us;
    uint32_t link;
    struct lane lane;
    size_t size;
    uint8_t bytes[];
};

/* What of a link is known; forgotten when nothing of it is left to wait for. */
struct shape_link {
    uint32_t number; /* 0: free */
    uint64_t free_us;
    uint64_t last_us;
    size_t travelling_bytes;
    struct transport_queue queue;
};

enum { SHAPE_LINKS = 2 * LIMIT_LINKS };

struct shape {
    struct shape_terms terms;
    struct random *random;
    struct shape_frame *first;
    struct shape_frame *taken; /* lent */
    size_t held_bytes;         /* in queues, and on their way */
    struct shape_link links[SHAPE_LINKS];
};

static bool read_number(const char *text, uint64_t *out)
{
    char *end;
    if (*text < '0' || *text > '9' || strlen(text) > 18)
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

enum status shape_read(const char *text, struct shape_terms *out)
{
    struct shape_terms terms = {0};
    const struct {
        const char *name;
        uint64_t *value;
    } names[] = {{"latency_us=", &terms.latency_us},
        {"jitter_us=", &terms.jitter_us}, {"loss_ppm=", &terms.loss_ppm},
        {"bandwidth=", &terms.bandwidth}};
    char word[48];
    while (*text) {
        size_t size = strcspn(text, ","), which = 0;
        if (size == 0 || size >= sizeof(word))
            return STATUS_INVALID;
        memcpy(word, text, size);
        word[size] = '\0';
        while (which < 4 &&
               strncmp(word, names[which].name, strlen(names[which].name)) != 0)
            which++;
        if (which == 4 ||
            !read_number(word + strlen(names[which].name), names[which].value))
            return STATUS_INVALID;
        text += size + (text[size] == ',');
    }
    if (terms.loss_ppm > SECOND_US)
        return STATUS_INVALID;
    *out = terms;
    return STATUS_OK;
}

struct shape *shape_new(const struct shape_terms *terms, struct random *random)
{
    struct shape *shape = calloc(1, sizeof(*shape));
    if (shape) {
        shape->terms = *terms;
        shape->random = random;
    }
    return shape;
}

void shape_free(struct shape *shape)
{
    if (!shape)
        return;
    for (size_t i = 0; i < SHAPE_LINKS; i++)
        transport_queue_clear(&shape->links[i].queue);
    while (shape->first) {
        struct shape_frame *frame = shape->first;
        shape->first = frame->next;
        free(frame);
    }
    free(shape->taken);
    free(shape);
}

static bool is_idle(const struct shape_link *link, uint64_t now_us)
{
    return link->travelling_bytes == 0 && link->free_us <= now_us &&
           transport_queue_is_empty(&link->queue) && !link->queue.lanes.demoted;
}

/* Its place, or a free one: one that has nothing to remember is free. */
static struct shape_link *find_link(
    struct shape *shape, uint32_t number, uint64_t now_us)
{
    struct shape_link *found = NULL;
    for (size_t i = 0; i < SHAPE_LINKS; i++) {
        struct shape_link *link = &shape->links[i];
        if (link->number == number)
            return link;
        if (is_idle(link, now_us))
            found = link;
    }
    if (found)
        *found = (struct shape_link){.number = number};
    return found;
}

static bool is_lost(struct shape *shape)
{
    return random_below(shape->random, SECOND_US) < shape->terms.loss_ppm;
}

/* When a frame arrives whose turn comes then. */
static uint64_t arrival_us(struct shape *shape, struct shape_link *link,
    size_t bytes, uint64_t turn_us)
{
    const struct shape_terms *terms = &shape->terms;
    uint64_t at_us = turn_us;
    if (terms->bandwidth) {
        at_us += bytes * SECOND_US / terms->bandwidth;
        link->free_us = at_us;
    }
    at_us +=
        terms->latency_us + random_below(shape->random, terms->jitter_us + 1);
    if (at_us < link->last_us)
        at_us = link->last_us;
    link->last_us = at_us;
    return at_us;
}

/* Behind all that arrive no later. */
static void insert(struct shape *shape, struct shape_frame *frame)
{
    struct shape_frame **at = &shape->first;
    while (*at && (*at)->at_us <= frame->at_us)
        at = &(*at)->next;
    frame->next = *at;
    *at = frame;
}

/* A frame is on its way, or lost. */
static enum status leave(struct shape *shape, struct shape_link *link,
    struct lane lane, struct span bytes, uint64_t turn_us)
{
    uint64_t at_us = arrival_us(shape, link, bytes.size, turn_us);
    if (is_lost(shape))
        return STATUS_OK;
    struct shape_frame *frame = malloc(sizeof(*frame) + bytes.size);
    if (!frame)
        return STATUS_NO_MEMORY;
    *frame = (struct shape_frame){
        .at_us = at_us, .link = link->number, .lane = lane, .size = bytes.size};
    memcpy(frame->bytes, bytes.data, bytes.size);
    link->travelling_bytes += bytes.size;
    shape->held_bytes += bytes.size;
    insert(shape, frame);
    return STATUS_OK;
}

static void recount(
    struct shape *shape, const struct shape_link *link, size_t before)
{
    shape->held_bytes += link->queue.lanes.bytes;
    shape->held_bytes -= before;
}

/* All whose turn comes by then. */
static void leave_by(
    struct shape *shape, struct shape_link *link, uint64_t until_us)
{
    struct transport_queue *queue = &link->queue;
    while (!transport_queue_is_empty(queue) && link->free_us <= until_us) {
        size_t before = queue->lanes.bytes;
        (void)!leave(shape, link, transport_queue_lane(queue),
            transport_queue_first(queue), link->free_us);
        transport_queue_pop(queue);
        recount(shape, link, before);
    }
}

static enum status wait_turn(struct shape *shape, struct shape_link *link,
    struct lane lane, const struct transport_frame *frame, uint64_t now_us)
{
    size_t before = link->queue.lanes.bytes;
    const struct lanes_terms terms = {now_us / 1000, LIMIT_LINK_QUEUE_BYTES,
        LIMIT_NODE_QUEUE_BYTES - shape->held_bytes};
    enum status status =
        transport_queue_push(&link->queue, lane, frame, &terms);
    recount(shape, link, before);
    return status;
}

enum status shape_send(struct shape *shape, uint32_t number, struct lane lane,
    const struct transport_frame *frame, uint64_t now_us)
{
    struct shape_link *link = find_link(shape, number, now_us);
    if (!link || frame->bytes.size > LIMIT_NODE_QUEUE_BYTES - shape->held_bytes)
        return STATUS_AGAIN;
    leave_by(shape, link, now_us);
    return link->free_us > now_us
               ? wait_turn(shape, link, lane, frame, now_us)
               : leave(shape, link, lane, frame->bytes, now_us);
}

/* When something of a link's queue leaves, or is stale. */
static uint64_t turn_us(const struct shape_link *link)
{
    if (transport_queue_is_empty(&link->queue))
        return UINT64_MAX;
    uint64_t stale_ms = lanes_stale_ms(&link->queue.lanes);
    return stale_ms < link->free_us / 1000 ? stale_ms * 1000 : link->free_us;
}

uint64_t shape_due_us(const struct shape *shape)
{
    uint64_t due_us = shape->first ? shape->first->at_us : UINT64_MAX;
    for (size_t i = 0; i < SHAPE_LINKS; i++) {
        uint64_t link_us = turn_us(&shape->links[i]);
        due_us = link_us < due_us ? link_us : due_us;
    }
    return due_us;
}

static void pass_time(struct shape *shape, uint64_t now_us)
{
    for (size_t i = 0; i < SHAPE_LINKS; i++) {
        struct shape_link *link = &shape->links[i];
        size_t before = link->queue.lanes.bytes;
        lanes_pass_time(&link->queue.lanes, now_us / 1000);
        recount(shape, link, before);
        leave_by(shape, link, now_us);
    }
}

bool shape_take(struct shape *shape, uint64_t now_us, struct shape_arrival *out)
{
    pass_time(shape, now_us);
    struct shape_frame *frame = shape->first;
    free(shape->taken);
    shape->taken = NULL;
    if (!frame || frame->at_us > now_us)
        return false;
    shape->first = frame->next;
    shape->taken = frame;
    shape->held_bytes -= frame->size;
    for (size_t i = 0; i < SHAPE_LINKS; i++)
        if (shape->links[i].number == frame->link)
            shape->links[i].travelling_bytes -= frame->size;
    *out = (struct shape_arrival){
        .link = frame->link, .lane = frame->lane, {frame->bytes, frame->size}};
    return true;
}

bool shape_take_demoted(
    struct shape *shape, uint32_t *link, struct envelope_id *out)
{
    for (size_t i = 0; i < SHAPE_LINKS; i++)
        if (transport_queue_take_demoted(&shape->links[i].queue, out)) {
            *link = shape->links[i].number;
            return true;
        }
    return false;
}

void shape_hurry(struct shape *shape, uint32_t number)
{
    for (size_t i = 0; i < SHAPE_LINKS; i++)
        if (shape->links[i].number == number)
            leave_by(shape, &shape->links[i], UINT64_MAX);
    struct shape_frame **at = &shape->first, *own = NULL, **end = &own;
    while (*at) {
        struct shape_frame *frame = *at;
        if (frame->link != number) {
            at = &frame->next;
            continue;
        }
        *at = frame->next;
        frame->at_us = 0;
        *end = frame;
        end = &frame->next;
    }
    *end = shape->first;
    shape->first = own;
}
