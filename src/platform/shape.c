/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules are nearly those of the simulator's own network (sim/net.c): a
 * frame leaves when the link has sent what was before it, whatever its rank,
 * travels for the latency and some of the jitter, and overtakes nothing; loss
 * is drawn when it is sent. All links have one list, in the order of arrival:
 * some thousand frames at most are under way, and nearly all are added at its
 * end. */
#include "platform/shape.h"

#include <stdlib.h>
#include <string.h>

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
    size_t waiting_bytes;
};

enum { SHAPE_LINKS = 2 * LIMIT_LINKS };

struct shape {
    struct shape_terms terms;
    struct random *random;
    struct shape_frame *first;
    struct shape_frame *taken; /* lent */
    size_t waiting_bytes;
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
    while (shape->first) {
        struct shape_frame *frame = shape->first;
        shape->first = frame->next;
        free(frame);
    }
    free(shape->taken);
    free(shape);
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
        if (link->waiting_bytes == 0 && link->free_us <= now_us)
            found = link;
    }
    if (found)
        *found = (struct shape_link){.number = number};
    return found;
}

static bool is_full(const struct shape *shape, const struct shape_link *link,
    size_t bytes, uint64_t now_us)
{
    uint64_t rate = shape->terms.bandwidth;
    if (shape->waiting_bytes + bytes > LIMIT_NODE_QUEUE_BYTES)
        return true;
    if (rate == 0 || link->free_us <= now_us)
        return false;
    return link->free_us - now_us >= LIMIT_LINK_QUEUE_BYTES * SECOND_US / rate;
}

static bool is_lost(struct shape *shape)
{
    return random_below(shape->random, SECOND_US) < shape->terms.loss_ppm;
}

/* When a frame that is sent now arrives. */
static uint64_t arrival_us(
    struct shape *shape, struct shape_link *link, size_t bytes, uint64_t now_us)
{
    const struct shape_terms *terms = &shape->terms;
    uint64_t at_us = now_us;
    if (terms->bandwidth) {
        if (link->free_us > at_us)
            at_us = link->free_us;
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

enum status shape_send(struct shape *shape, uint32_t number, struct lane lane,
    struct span bytes, uint64_t now_us)
{
    struct shape_link *link = find_link(shape, number, now_us);
    if (!link || is_full(shape, link, bytes.size, now_us))
        return STATUS_AGAIN;
    uint64_t at_us = arrival_us(shape, link, bytes.size, now_us);
    if (is_lost(shape))
        return STATUS_OK;
    struct shape_frame *frame = malloc(sizeof(*frame) + bytes.size);
    if (!frame)
        return STATUS_NO_MEMORY;
    *frame = (struct shape_frame){
        .at_us = at_us, .link = number, .lane = lane, .size = bytes.size};
    memcpy(frame->bytes, bytes.data, bytes.size);
    link->waiting_bytes += bytes.size;
    shape->waiting_bytes += bytes.size;
    insert(shape, frame);
    return STATUS_OK;
}

uint64_t shape_due_us(const struct shape *shape)
{
    return shape->first ? shape->first->at_us : UINT64_MAX;
}

bool shape_take(struct shape *shape, uint64_t now_us, struct shape_arrival *out)
{
    struct shape_frame *frame = shape->first;
    free(shape->taken);
    shape->taken = NULL;
    if (!frame || frame->at_us > now_us)
        return false;
    shape->first = frame->next;
    shape->taken = frame;
    shape->waiting_bytes -= frame->size;
    for (size_t i = 0; i < SHAPE_LINKS; i++)
        if (shape->links[i].number == frame->link)
            shape->links[i].waiting_bytes -= frame->size;
    *out = (struct shape_arrival){
        .link = frame->link, .lane = frame->lane, {frame->bytes, frame->size}};
    return true;
}

void shape_hurry(struct shape *shape, uint32_t link)
{
    struct shape_frame **at = &shape->first, *own = NULL, **end = &own;
    while (*at) {
        struct shape_frame *frame = *at;
        if (frame->link != link) {
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
