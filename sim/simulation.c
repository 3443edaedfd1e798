/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes events in their order and hands each to whose it is.  A run is over at
 * its duration, or earlier when every letter has arrived, no fault is to come
 * and the shelves have been cleared (or have had the time to). */
#include "sim/simulation.h"

#include "crypto/hash.h"
#include "sim/adversary.h"
#include "sim/faults.h"
#include "sim/node.h"
#include "sim/survey.h"
#include "sim/watch.h"
#include "sim/workload.h"

enum {
    SECOND_US = 1000000,
    MINUTE_S = 60,
    EXAMINED_A_SECOND = 256,
    EVENTS_EXAMINED = 256,
    EVENTS_AT_ONCE = 100000
};

enum status simulation_init(struct simulation *simulation,
    const struct scenario *scenario, bool wire, struct complaint *complaint)
{
    *simulation = (struct simulation){0};
    if (crypto_start() != 0)
        return STATUS_IO;
    struct world *world = &simulation->world;
    enum status status = world_init(world, scenario, wire, complaint);
    if (status)
        return status;
    scene_init(&simulation->scene, world);
    world_need(graph_init(&simulation->graph, world->node_count));
    world_need(branches_init(&simulation->branches, world->node_count));
    workload_plan(&simulation->scene);
    faults_plan(world);
    adversary_plan(world);
    if (world->meetings.count > 0)
        world_schedule(world, world->meetings.list[0].at_us, WORLD_ITSELF,
            WORLD_ITSELF, EVENT_MEETING, 0, 0);
    world_schedule(
        world, SECOND_US, WORLD_ITSELF, WORLD_ITSELF, EVENT_SAMPLE, 0, 0);
    return STATUS_OK;
}

void simulation_clear(struct simulation *simulation)
{
    scene_clear(&simulation->scene);
    graph_clear(&simulation->graph);
    branches_clear(&simulation->branches);
    world_clear(&simulation->world);
}

/* All who meet or part at this moment; then wait for the next. */
static void have_meetings(struct scene *scene)
{
    struct world *world = scene->world;
    const struct meetings *meetings = &world->meetings;
    for (; world->next_meeting < meetings->count; world->next_meeting++) {
        const struct meeting *c = &meetings->list[world->next_meeting];
        if (c->at_us > world->now_us) {
            world_schedule(world, c->at_us, WORLD_ITSELF, WORLD_ITSELF,
                EVENT_MEETING, 0, 0);
            return;
        }
        if (c->meets)
            node_meet(scene, c->one, c->other);
        else
            node_part(scene, c->one, c->other);
    }
}

static void happen(struct scene *scene, const struct queue_event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_FRAME:
    case EVENT_PUSH:
    case EVENT_RECEIPT:
    case EVENT_STEM:
        node_receive(scene, event); /* which traces what the frame says */
        return;
    case EVENT_DIAL:
    case EVENT_ACCEPT:
    case EVENT_DIAL_FAILED:
    case EVENT_CLOSE:
        trace_add(&scene->world->trace, event, event->kind);
        node_receive(scene, event);
        return;
    case EVENT_STAMP:
    case EVENT_TIMER:
    case EVENT_ACT:
    case EVENT_LATE:
    case EVENT_LATE_PUSH:
    case EVENT_LATE_STEM:
        node_receive(scene, event);
        return;
    case EVENT_BOOT:
    case EVENT_LEAVE:
    case EVENT_CRASH:
    case EVENT_SPLIT:
    case EVENT_HEAL:
        trace_add(&scene->world->trace, event, event->kind);
        faults_happen(scene, event);
        return;
    case EVENT_MEETING:
        trace_add(&scene->world->trace, event, event->kind);
        have_meetings(scene);
        return;
    case EVENT_WRITE:
        trace_add(&scene->world->trace, event, event->kind);
        workload_write(scene, event);
        return;
    case EVENT_SAMPLE:
        return;
    }
}

/* What is checked of the whole mesh every virtual second: the books balance,
 * and engines agree with themselves (some of them, in scene, in a large mesh).
 */
static void examine(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    const struct counts *c = &world->counts;
    uint64_t accounted = c->frames_arrived + c->frames_lost + c->frames_cut +
                         c->frames_stale + world->frames_under_way;
    oracle_check(&world->oracle, c->frames_sent == accounted, 6, WORLD_ITSELF,
        world->now_us, "a frame was neither received nor dropped");
    if (world->scenario.member == SWITCH_ON)
        graph_look(&simulation->graph, world);
    branches_look(&simulation->branches, world);
    /* An examination is worth many events: where little happens, few. */
    uint64_t due = (c->events - simulation->examined_events) / EVENTS_EXAMINED;
    simulation->examined_events += due * EVENTS_EXAMINED;
    if (due > EXAMINED_A_SECOND)
        due = EXAMINED_A_SECOND;
    for (uint64_t spent = 0; spent < due && spent < world->node_count;) {
        uint32_t node = (uint32_t)(simulation->examined++ % world->node_count);
        node_examine(&simulation->scene, node);
        spent += node_weight(world, node);
    }
}

/* What is measured of a mesh that has settled, summed up by the second. */
static void measure_second(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    const struct scenario *s = &world->scenario;
    struct counts *counts = &world->counts;
    if (simulation->second % HOUR_S == 0)
        living_pass(&world->living, simulation->second / HOUR_S);
    if (simulation->second * SECOND_US <= s->first_us + s->settle_us) {
        counts->early_arrived = s->settle_us ? counts->payloads_arrived : 0;
        counts->early_new = s->settle_us ? counts->payloads_new : 0;
        return;
    }
    counts->held_bytes += counts->stored_bytes;
    counts->alone_bytes += world->living.bytes * counts->nodes_up;
}

static void take_sample(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    bool is_long = world->scenario.duration_us > DAY_S * UINT64_C(1000000);
    if (is_long && simulation->second % MINUTE_S != 0)
        return;
    struct sample sample = {.second = simulation->second,
        .sent = world->letters.sent,
        .shown = world->letters.shown,
        .counts = world->counts};
    world_need(samples_add(&world->samples, &sample));
}

static void judge_end(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    if (simulation->second * SECOND_US >= world->scenario.duration_us)
        simulation->is_over = true;
    if (world->letters.count == 0 || !workload_is_done(world) ||
        !faults_are_over(world))
        return;
    if (simulation->quiet_second == 0)
        simulation->quiet_second = simulation->second;
    if (world->counts.stored == 0 ||
        (simulation->second - simulation->quiet_second) * SECOND_US >=
            world->scenario.quiet_us)
        simulation->is_over = true;
}

/* The end of a virtual second. */
static void pass_second(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    simulation->second++;
    examine(simulation);
    measure_second(simulation);
    take_sample(simulation);
    judge_end(simulation);
    world_schedule(world, world->now_us + SECOND_US, WORLD_ITSELF, WORLD_ITSELF,
        EVENT_SAMPLE, 0, 0);
}

/* What an event needs of its node is cold in a large mesh, and scattered: it is
 * sent for some events before its turn, each time what the last step made
 * known. */
enum { WARM_NODE = 9, WARM_RELAY = 6, WARM_ROOMS = 3 };

static const struct node *node_ahead(const struct world *world, size_t places)
{
    const struct queue_event *event = queue_ahead(world->queue, places);
    if (!event || event->to >= world->node_count)
        return NULL;
    return &world->nodes[event->to];
}

static void warm(const struct world *world)
{
    const struct node *node = node_ahead(world, WARM_NODE);
    if (node) {
        __builtin_prefetch(node);
        __builtin_prefetch((const char *)node + 64);
        __builtin_prefetch((const char *)node + 128);
    }
    node = node_ahead(world, WARM_RELAY);
    if (node && node->relay) {
        relay_warm(node->relay);
        for (uint32_t i = 0; i < node->link_count && i < 16; i++)
            __builtin_prefetch(&node->links[i]);
    }
    node = node_ahead(world, WARM_ROOMS);
    if (node && node->relay)
        relay_warm_rooms(node->relay);
}

bool simulation_advance(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    struct queue_event event;
    bool failed = false;
    for (int i = 0; i < EVENTS_AT_ONCE && !simulation->is_over; i++) {
        if (!queue_pop(world->queue, &event, &failed))
            world_need(STATUS_NO_MEMORY); /* a sample is always to come */
        world->now_us = event.at_us;
        world->counts.events++;
        warm(world);
        if (event.kind != EVENT_SAMPLE) {
            if (world->watch)
                watch_event(world, &event);
            happen(&simulation->scene, &event);
            if (world->watch)
                watch_letter(world);
            continue;
        }
        pass_second(simulation);
        break;
    }
    return !simulation->is_over;
}

enum status simulation_finish(
    struct simulation *simulation, struct measures *out)
{
    struct world *world = &simulation->world;
    workload_judge(world);
    enum status status = measure(
        &world->letters, &world->counts, world->node_count, world->now_us, out);
    if (!status)
        graph_measure(&simulation->graph, out->values);
    return status ? status : survey(world, out);
}
