/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times are taken here, at this end of both sockets: from the moment at which a
 * sender's node is first asked until the moment at which a recipient's is heard
 * to have it.  A request is known by its node and its number on that node's
 * vault's socket. */
#include "config.h"

#include "sim/live/errand.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "sim/live/course_state.h"
#include "sim/outside.h"

/* A request and what it is for; found by the first two. */
struct asked {
    uint64_t request;
    uint32_t node;
    uint32_t asker;
    uint32_t number;
};
enum { ASKED_KEY_BYTES = offsetof(struct asked, asker) };
static_assert(ASKED_KEY_BYTES == sizeof(uint64_t) + sizeof(uint32_t),
    "a key is without holes");

struct span errand_name(uint32_t node, char out[static ERRAND_NAME_CHARS])
{
    snprintf(out, ERRAND_NAME_CHARS, "n%" PRIu32, node);
    return span_of_text(out);
}

void errand_init(struct table *asked, size_t most)
{
    table_init(asked, ASKED_KEY_BYTES, sizeof(struct asked), most, 0);
}

bool errand_is_up(const struct course *course, uint32_t node)
{
    return course->fleet.nodes[node].stage == STAGE_UP;
}

void errand_ask(struct course *course, const struct errand *errand,
    struct control_request *request)
{
    void *added;
    fleet_ask(&course->fleet, errand->node, request);
    const struct asked asked = {.request = request->id,
        .node = errand->node,
        .asker = (uint32_t)errand->asker,
        .number = errand->number};
    world_need(table_add(&course->folk.asked, &asked, &added));
    *(struct asked *)added = asked;
}

void errand_begin(struct course *course, struct folk_writing *writing)
{
    struct world *world = course_world(course);
    world->calm_since_us = world->now_us;
    if (writing->times++ == 0)
        writing->asked_us = course_state_now_us(course);
}

void errand_refused(
    struct course *course, uint32_t node, const struct control_reply *reply)
{
    struct world *world = course_world(course);
    if (world->refusal.text[0] != '\0' || reply->kind != CONTROL_ERROR)
        return;
    world->refusal.at_us = world->now_us;
    world->refusal.node = node;
    snprintf(world->refusal.text, sizeof(world->refusal.text), "%.*s",
        (int)reply->error.message.size,
        (const char *)reply->error.message.data);
}

bool errand_is_in_time(const struct course *course, uint32_t writer,
    const struct folk_writing *writing, const struct control_letter *letter)
{
    enum { APART_S = 2 }; /* seconds are cut off on both sides */
    uint64_t ago_us = course_state_now_us(course) - writing->asked_us;
    int64_t now_s = (int64_t)outside_clock_s();
    int64_t said_s =
        (int64_t)letter->sent_at_s - course->fleet.nodes[writer].skew_s;
    return said_s <= now_s + APART_S &&
           said_s >= now_s - (int64_t)(ago_us / 1000000) - APART_S;
}

static struct errand errand_of(const struct asked *asked)
{
    return (struct errand){
        asked->node, (enum errand_asker)asked->asker, asked->number};
}

bool errand_end(
    struct course *course, uint32_t node, uint64_t request, struct errand *out)
{
    struct table *table = &course->folk.asked;
    const struct asked key = {.request = request, .node = node};
    const struct asked *found = table_find(table, &key);
    if (!found)
        return false;
    *out = errand_of(found);
    table_remove(table, &key);
    return true;
}

bool errand_drop(struct course *course, uint32_t node, struct errand *out)
{
    struct table *table = &course->folk.asked;
    size_t cursor = 0;
    const struct asked *asked;
    while ((asked = table_next(table, &cursor)))
        if (asked->node == node) {
            const struct asked key = *asked;
            *out = errand_of(asked);
            table_remove(table, &key);
            return true;
        }
    return false;
}
