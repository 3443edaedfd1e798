/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes events in their order and hands each to whose it is.  A run is over at
 * its duration, or earlier when every letter has arrived, no fault is to come
 * and the shelves have been cleared (or have had the time to). */
#include "sim/simulation.h"

#include "crypto/hash.h"
#include "sim/adversary.h"
#include "sim/blame.h"
#include "sim/examiner.h"
#include "sim/faults.h"
#include "sim/node.h"
#include "sim/painter.h"
#include "sim/stand_in.h"
#include "sim/survey.h"
#include "sim/together.h"
#include "sim/units.h"
#include "sim/warm.h"
#include "sim/watch.h"
#include "sim/workload.h"

enum {
    MINUTE_S = 60,
    EXAMINED_A_SECOND = 256,
    EVENTS_EXAMINED = 256,
    INVALID_WORK_PPM = 100000,
    EVENTS_AT_ONCE = 100000
};

static void plan(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    scene_init(&simulation->scene, world);
    world_need(graph_init(&simulation->graph, world->node_count));
    world_need(branches_init(&simulation->branches, world->node_count));
    world_need(sketch_init(&simulation->together.sketch, world->node_count));
    workload_make_vaults(&simulation->scene);
    together_share_cards(&simulation->together);
    workload_plan(&simulation->scene);
    faults_plan(world);
    adversary_plan(world);
    if (world->meetings.count > 0)
        world_schedule(world, world->meetings.list[0].at_us, WORLD_ITSELF,
            WORLD_ITSELF, EVENT_MEETING, 0, 0);
    world_schedule(
        world, SECOND_US, WORLD_ITSELF, WORLD_ITSELF, EVENT_SAMPLE, 0, 0);
    together_pass_window(&simulation->together, SECOND_US);
}

enum status simulation_init(struct simulation *simulation,
    const struct scenario *scenario, const struct manner *manner,
    struct complaint *complaint)
{
    struct world *world = &simulation->world;
    *simulation = (struct simulation){.second = 0};
    if (crypto_start() != 0) {
        complain(complaint, "libsodium cannot be started");
        return STATUS_IO;
    }
    if (stand_in_use(scenario->crypto == CRYPTO_STUB) != STATUS_OK)
        return blame(scenario, complaint, "node.crypto",
            "this program was built without the stub; leave it at real");
    together_init(&simulation->together, world, manner->exchange);
    enum status ours = world_init(world, scenario, manner, complaint);
    enum status status = together_agree(&simulation->together, ours);
    if (status && !ours) {
        world_clear(world);
        complain(complaint,
            "another part of the run could not begin, or has another scenario");
    }
    if (status)
        together_clear(&simulation->together);
    else
        plan(simulation);
    return status;
}

void simulation_clear(struct simulation *simulation)
{
    scene_clear(&simulation->scene);
    graph_clear(&simulation->graph);
    branches_clear(&simulation->branches);
    together_clear(&simulation->together);
    world_clear(&simulation->world);
}

/* All who meet or part at this moment; then wait for the next.  Who meets gives
 * on what may be old. */
static void have_meetings(struct scene *scene)
{
    struct world *world = scene->world;
    world_stir(world);
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

/* Of events that are traced by themselves. */
static const char *const event_words[] = {
    [EVENT_DIAL] = "dial",
    [EVENT_ACCEPT] = "accept",
    [EVENT_DIAL_FAILED] = "dial-failed",
    [EVENT_CLOSE] = "close",
    [EVENT_BOOT] = "boot",
    [EVENT_LEAVE] = "leave",
    [EVENT_CRASH] = "crash",
    [EVENT_WRITE] = "write",
    [EVENT_MEETING] = "meeting",
    [EVENT_SPLIT] = "split",
    [EVENT_HEAL] = "heal",
};

/* What happens to the mesh as a whole happens in every part, and is counted by
 * the first. */
static void trace(struct world *world, const struct queue_event *event)
{
    if (event->to != WORLD_ITSELF || world_is_first(world))
        trace_event(&world->trace, event, event_words[event->kind]);
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
        trace(scene->world, event);
        node_receive(scene, event);
        return;
    case EVENT_STAMP:
    case EVENT_TIMER:
    case EVENT_ACT:
    case EVENT_LATE:
    case EVENT_LATE_PUSH:
    case EVENT_LATE_STEM:
    case EVENT_TAKEN:
    case EVENT_CONFIRM:
    case EVENT_PIPE:
        node_receive(scene, event);
        return;
    case EVENT_BOOT:
    case EVENT_LEAVE:
    case EVENT_CRASH:
    case EVENT_SPLIT:
    case EVENT_HEAL:
        trace(scene->world, event);
        faults_happen(scene, event);
        return;
    case EVENT_MEETING:
        trace(scene->world, event);
        have_meetings(scene);
        return;
    case EVENT_WRITE:
        trace(scene->world, event);
        workload_write(scene, event);
        return;
    case EVENT_SAMPLE:
        return;
    }
}

/* Where nodes find their neighbours: whom they have by now. */
static void look_at_edges(struct simulation *simulation)
{
    if (simulation->world.scenario.member != SWITCH_ON)
        return;
    together_share_edges(&simulation->together, &simulation->graph);
    graph_look(&simulation->graph, &simulation->world);
}

/* Who looks at the links of the whole mesh, if anybody does in this second. */
static void look(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    bool is_due = branches_are_due(&simulation->branches, world);
    if (is_due || world->whole.pictures_due ||
        shelves_are_due(&simulation->shelves, world))
        together_draw(&simulation->together, is_due);
    branches_look(&simulation->branches, world, &simulation->together.sketch);
    shelves_look(&simulation->shelves, world, &simulation->together.sketch);
    painter_draw(world, &simulation->together.sketch);
}

/* Engines agree with themselves: some of them each second, in turn, and one
 * that knows much the more seldom, since its examination is the longer. */
static void examine_some(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    uint64_t events = world->whole.counts.events;
    /* An examination is worth many events: where little happens, few. */
    uint64_t due = (events - simulation->examined_events) / EVENTS_EXAMINED;
    simulation->examined_events += due * EVENTS_EXAMINED;
    if (due > EXAMINED_A_SECOND)
        due = EXAMINED_A_SECOND;
    if (due > world->node_count)
        due = world->node_count;
    for (uint64_t i = 0; i < due; i++) {
        uint64_t round = simulation->examined / world->node_count;
        uint32_t node = (uint32_t)(simulation->examined++ % world->node_count);
        if (world_moves(world, node) &&
            (round + node) % examiner_weight(world, node) == 0)
            examiner_look(world, node);
    }
}

/* What is checked of the whole mesh every virtual second: the books balance,
 * it is as it should be, and engines agree with themselves. */
static void examine(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    const struct counts *c = &world->whole.counts;
    uint64_t accounted = c->frames_arrived + c->frames_lost + c->frames_cut +
                         c->frames_stale + c->frames_demoted +
                         c->frames_stranded + world->whole.frames_under_way;
    if (world_is_first(world))
        oracle_check(&world->oracle, c->frames_sent == accounted, 6,
            WORLD_ITSELF, world->now_us,
            "a frame was neither received nor dropped");
    look_at_edges(simulation);
    look(simulation);
    examine_some(simulation);
}

/* What is measured of a mesh that has settled, summed up by the second. */
static void measure_second(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    const struct totals *whole = &world->whole;
    struct counts *counts = &world->counts;
    if (!world_is_first(world))
        return;
    if (simulation->second * SECOND_US <= world->settles_us) {
        bool settles = world->scenario.settle_us > 0;
        counts->early_arrived = settles ? whole->counts.payloads_arrived : 0;
        counts->early_new = settles ? whole->counts.payloads_new : 0;
        return;
    }
    counts->held_bytes += whole->counts.stored_bytes;
    counts->alone_bytes += whole->living_bytes * whole->counts.nodes_up;
}

static void take_sample(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    bool is_long = world->scenario.duration_us > DAY_S * UINT64_C(1000000);
    if (!world_is_first(world) ||
        (is_long && simulation->second % MINUTE_S != 0))
        return;
    const struct totals *whole = &world->whole;
    world_need(samples_add(&world->samples, simulation->second, &whole->counts,
        (uint32_t)whole->letters_sent, (uint32_t)whole->letters_shown));
}

static void judge_end(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    if (simulation->second * SECOND_US >= world->scenario.duration_us)
        simulation->is_over = true;
    if (!workload_is_there(world) || !workload_is_done(world) ||
        !faults_are_over(world))
        return;
    if (simulation->quiet_second == 0)
        simulation->quiet_second = simulation->second;
    if (world->whole.counts.stored == 0 ||
        (simulation->second - simulation->quiet_second) * SECOND_US >=
            world->scenario.quiet_us)
        simulation->is_over = true;
}

/* The end of a virtual second. */
static void pass_second(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    simulation->second++;
    if (simulation->second % HOUR_S == 0)
        living_pass(&world->living, simulation->second / HOUR_S);
    together_add_up(&simulation->together);
    examine(simulation);
    measure_second(simulation);
    take_sample(simulation);
    judge_end(simulation);
    world_schedule(world, world->now_us + SECOND_US, WORLD_ITSELF, WORLD_ITSELF,
        EVENT_SAMPLE, 0, 0);
}

/* One event.  False at the end of a virtual second. */
static bool take_event(
    struct simulation *simulation, const struct queue_event *event)
{
    struct world *world = &simulation->world;
    world->now_us = event->at_us;
    world->counts.events += event->to != WORLD_ITSELF || world_is_first(world);
    if (event->kind == EVENT_SAMPLE) {
        pass_second(simulation);
        return false;
    }
    if (world->watch)
        watch_event(world, event);
    happen(&simulation->scene, event);
    if (world->watch)
        watch_letter(world);
    return true;
}

/* Nothing reaches another node in less; but who looks on wants to see all in
 * the order of time. */
static uint64_t window_us(const struct world *world)
{
    bool is_seen = world->watch || world->trace.journal;
    return is_seen ? 0 : world->scenario.latency_us;
}

bool simulation_advance(struct simulation *simulation)
{
    struct world *world = &simulation->world;
    struct together *together = &simulation->together;
    struct queue_event event;
    bool failed = false, goes_on = true;
    queue_set_window(world->queue, window_us(world));
    for (int i = 0;
         goes_on && (i < EVENTS_AT_ONCE || world_is_part(world)) &&
         queue_pop(world->queue, together->until_us, &event, &failed);
         i++) {
        warm_ahead(world);
        goes_on = take_event(simulation, &event) && !world->stands_still;
    }
    together->stops |= world->stands_still;
    world_need(failed ? STATUS_NO_MEMORY : STATUS_OK);
    if (!simulation->is_over)
        together_pass_window(together, (simulation->second + 1) * SECOND_US);
    simulation->is_over |= world->stands_still;
    return !simulation->is_over && !together->stops;
}

void simulation_stop(struct simulation *simulation)
{
    simulation->together.stops = true;
}

/* Judge and measure what all parts have told. */
static enum status measure_all(struct simulation *simulation,
    const struct survey_part *all, struct measures *out)
{
    struct world *world = &simulation->world;
    workload_judge(world, &simulation->together.sketch);
    oracle_judge(&world->oracle, &world->letters);
    oracle_judge_circles(&world->oracle, &world->circles);
    oracle_judge_shipments(&world->oracle, &world->shipments);
    enum status status = measure(
        &world->letters, &world->counts, world->node_count, world->now_us, out);
    if (!status)
        status = measure_more(
            &world->circles, &world->shipments, &world->counts, out);
    if (!status)
        graph_measure(&simulation->graph, out->values);
    if (!status)
        status = survey(world, &simulation->together.sketch, all, out);
    if (!status)
        oracle_check(&world->oracle,
            out->values[METRIC_INVALID_WORK] <= INVALID_WORK_PPM, 9,
            WORLD_ITSELF, world->now_us,
            "attackers' frames cost a node more than a tenth of a core");
    return status;
}

enum status simulation_finish(
    struct simulation *simulation, struct measures *out)
{
    struct survey_part all;
    together_tell_opened(&simulation->together);
    survey_take(&all, &simulation->world);
    together_add_up(&simulation->together);
    together_settle(&simulation->together, &all);
    together_draw(&simulation->together, false);
    *out = (struct measures){.missed = 0};
    return world_is_first(&simulation->world)
               ? measure_all(simulation, &all, out)
               : STATUS_OK;
}
