/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters and faults come from the same queue, planned by the same code, as in
 * a virtual run; what differs is who does them.  An event that was taken off
 * the queue waits here for its time: since a sample is due every second, it is
 * never more than a second early, and what is planned meanwhile lies behind it.
 *
 * Links are made before the scenario's time begins, since a machine that starts
 * two hundred nodes is busy with nothing else; so nodes do not boot one by one
 * within the scenario's start, as virtual ones do. */
#include "config.h"

#include "sim/live/course.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/faults.h"
#include "sim/live/folk.h"
#include "sim/live/mail.h"
#include "sim/outside.h"
#include "sim/together.h"
#include "sim/units.h"
#include "sim/workload.h"

enum {
    TURN_MS = 50,
    SAMPLES_LATE = 2, /* how things stand is known so many samples later */
    ANSWER_US = 30 * 1000000,
    LINK_US = 120 * 1000000,
};

static bool goes_on(struct course *course)
{
    course->has_failed |= course->fleet.has_failed;
    course->interrupted |= outside_is_interrupted();
    return !course->has_failed && !course->interrupted;
}

static void start_wanted(struct course *course)
{
    uint32_t under_way = fleet_starting(&course->fleet);
    for (uint32_t i = 0;
         i < course->fleet.config.count && under_way < course->starts; i++) {
        if (!course->wanted[i] || course->fleet.nodes[i].stage != STAGE_DOWN)
            continue;
        course->wanted[i] = false;
        fleet_start(&course->fleet, i);
        under_way++;
    }
}

/* One turn of the machine's time: false when the run is not to go on. */
static bool turn(struct course *course, int wait_ms)
{
    start_wanted(course);
    fleet_turn(&course->fleet, wait_ms);
    course_world(course)->now_us = course_state_now_us(course);
    return goes_on(course);
}

static void connect_edges(struct course *course, uint32_t node)
{
    const struct world *world = course_world(course);
    for (uint32_t i = world->dial_from[node]; i < world->dial_from[node + 1];
         i++) {
        const char *to =
            course->fleet.nodes[world->topology.edges[i].to].endpoint;
        struct control_request request = {
            .method = CONTROL_CONNECT, .endpoint = span_of_text(to)};
        fleet_ask(&course->fleet, node, &request);
    }
}

static void note_fault(struct world *world)
{
    world->calm_since_us = world->fault_us = world->now_us;
}

static void came_up(void *context, uint32_t node)
{
    struct course *course = context;
    struct world *world = course_world(course);
    world->counts.nodes_up++;
    world->counts.boots++;
    world->nodes[node].boots++;
    if (course->zero_us == 0)
        return;
    note_fault(world);
    faults_plan_departure(world, node);
    connect_edges(course, node);
    folk_catch_up(course, node);
}

static void take_down(struct course *course, uint32_t node)
{
    struct tally *present = &course->present[node];
    tally_add(&course->past[node], present);
    *present = (struct tally){0};
    neighbours_forget(&course->neighbours, node);
    course_world(course)->counts.nodes_up--;
}

static void ended(void *context, uint32_t node)
{
    struct course *course = context;
    course->has_failed = true;
    take_down(course, node);
}

static void read_status(struct course *course, uint32_t node,
    const struct control_relay_status *status)
{
    tally_read(status, &course->present[node]);
    world_need(neighbours_read(&course->neighbours, node, status));
}

static void came(void *context, uint32_t node, enum control_service service,
    const struct control_message *message)
{
    struct course *course = context;
    const struct control_reply *reply = &message->reply;
    if (service == CONTROL_VAULT && folk_came(course, node, reply))
        return;
    if (reply->kind == CONTROL_RELAY_STATUS)
        read_status(course, node, &reply->relay);
    else if (reply->kind == CONTROL_ERROR && !course->has_failed) {
        complain(course->complaint, "node %" PRIu32 ": %.*s", node,
            (int)reply->error.message.size,
            (const char *)reply->error.message.data);
        course->has_failed = true;
    }
}

static bool allocate(struct course *course)
{
    const struct world *world = course_world(course);
    uint32_t nodes = world->node_count;
    course->wanted = calloc(nodes, sizeof(*course->wanted));
    course->past = calloc(nodes, sizeof(*course->past));
    course->present = calloc(nodes, sizeof(*course->present));
    course->before = calloc(nodes, sizeof(*course->before));
    return neighbours_init(&course->neighbours, nodes) == STATUS_OK &&
           folk_init(&course->folk, world) == STATUS_OK && course->wanted &&
           course->past && course->present && course->before;
}

static void forget(struct course *course)
{
    neighbours_clear(&course->neighbours);
    free(course->wanted);
    free(course->past);
    free(course->present);
    free(course->before);
    folk_clear(&course->folk);
}

enum status course_init(struct course *course,
    const struct course_config *config, struct complaint *complaint)
{
    *course = (struct course){.simulation = config->simulation,
        .spaces = config->spaces,
        .starts = config->starts,
        .complaint = complaint};
    struct world *world = course_world(course);
    const struct fleet_config fleet = {.scenario = &world->scenario,
        .program = config->program,
        .shape = config->shape,
        .slow_shape = config->slow_shape,
        .spaces = config->spaces ? config->spaces->list : NULL,
        .clocks = config->clocks,
        .count = world->node_count,
        .up = came_up,
        .ended = ended,
        .came = came,
        .context = course};
    if (!allocate(course)) {
        complain(complaint, "no memory");
        forget(course);
        return STATUS_NO_MEMORY;
    }
    enum status status = fleet_init(&course->fleet, &fleet, complaint);
    if (status) {
        forget(course);
        return status;
    }
    for (uint32_t i = 0; i < world->node_count; i++) {
        course->wanted[i] = true;
        course->fleet.nodes[i].has_vault = world->nodes[i].end != NULL;
        course->fleet.nodes[i].is_slow = world->lots[i].is_slow;
        course->fleet.nodes[i].skew_s = world->lots[i].skew_s;
    }
    course->simulation->graph.healed_us = UINT64_MAX;
    progress_init(&course->progress);
    return STATUS_OK;
}

void course_clear(struct course *course, bool keep)
{
    fleet_clear(&course->fleet, keep);
    forget(course);
    *course = (struct course){0};
}

static bool fail(struct course *course, const char *what)
{
    if (!course->has_failed)
        complain(course->complaint, "%s", what);
    course->has_failed = true;
    return false;
}

static size_t asked(const struct course *course)
{
    size_t count = 0;
    for (uint32_t i = 0; i < course->fleet.config.count; i++)
        count += course->fleet.nodes[i].asked;
    return count;
}

/* Until every request has its answer. */
static bool wait_answers(struct course *course)
{
    uint64_t until_us = outside_wall_us() + ANSWER_US;
    while (asked(course) > 0) {
        if (!turn(course, TURN_MS))
            return false;
        if (outside_wall_us() > until_us)
            return fail(course, "a node does not answer");
    }
    return goes_on(course);
}

static bool start_all(struct course *course)
{
    const struct world *world = course_world(course);
    while (world->counts.nodes_up < world->node_count) {
        progress_say(&course->progress, outside_wall_us(), "nodes up",
            world->counts.nodes_up, world->node_count);
        if (!turn(course, TURN_MS))
            return false;
    }
    return true;
}

static void ask_statuses(struct course *course)
{
    for (uint32_t i = 0; i < course->fleet.config.count; i++) {
        struct control_request request = {.method = CONTROL_STATUS};
        const struct fleet_node *node = &course->fleet.nodes[i];
        if (node->stage == STAGE_UP && node->relay)
            fleet_ask(&course->fleet, i, &request);
    }
}

/* Whether the mesh is linked: each planned link from both its ends; or, where
 * nodes find their neighbours, each node with somebody. */
static bool is_linked(const struct course *course, uint64_t *done)
{
    const struct world *world = course_world(course);
    uint64_t ends = 0, alone = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        ends += course->present[i].links;
        alone += course->present[i].links == 0;
    }
    *done = ends / 2;
    return world->scenario.member == SWITCH_ON
               ? alone == 0
               : ends >= 2 * world->topology.edge_count;
}

static bool link_all(struct course *course)
{
    const struct world *world = course_world(course);
    uint64_t until_us = outside_wall_us() + LINK_US, done = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        connect_edges(course, i);
        if (i % course->starts == 0 && !wait_answers(course))
            return false;
    }
    do {
        ask_statuses(course);
        if (!wait_answers(course) || !turn(course, TURN_MS))
            return false;
        if (outside_wall_us() > until_us)
            return fail(course, "the mesh is not linked after two minutes");
        progress_say(&course->progress, outside_wall_us(), "links", done,
            world->topology.edge_count);
    } while (!is_linked(course, &done));
    return true;
}

bool course_assemble(struct course *course)
{
    return start_all(course) && mail_introduce(course) &&
           wait_answers(course) && link_all(course);
}

static void plan(struct course *course)
{
    struct world *world = course_world(course);
    faults_plan(world);
    for (uint32_t i = 0; i < world->node_count; i++)
        faults_plan_departure(world, i);
    workload_plan_writing(world);
    world_schedule(
        world, SECOND_US, WORLD_ITSELF, WORLD_ITSELF, EVENT_SAMPLE, 0, 0);
}

static void crash(struct course *course, const struct queue_event *event)
{
    struct world *world = course_world(course);
    bool is_up = course->fleet.nodes[event->to].stage == STAGE_UP;
    folk_forget_asked(course, event->to);
    fleet_crash(&course->fleet, event->to, event->handle == CRASH_DISK_LOST);
    if (is_up)
        take_down(course, event->to);
    note_fault(world);
    if (event->handle == CRASH_FOR_GOOD) {
        world->dead_count += !world->nodes[event->to].is_dead;
        world->nodes[event->to].is_dead = true;
        return;
    }
    course_schedule(course, event->at_us + world->scenario.crash_for_us,
        event->to, EVENT_BOOT, 0, 0);
}

/* A node that churns goes, and will come back; nothing where a crash came
 * first. */
static void leave(struct course *course, const struct queue_event *event)
{
    struct world *world = course_world(course);
    uint32_t node = event->to;
    if (course->fleet.nodes[node].stage != STAGE_UP ||
        world->nodes[node].boots != event->link)
        return;
    folk_forget_asked(course, node);
    if (event->handle)
        fleet_leave(&course->fleet, node);
    else
        fleet_crash(&course->fleet, node, false);
    take_down(course, node);
    world->counts.departures++;
    note_fault(world);
    world_schedule(world, world->now_us + faults_away_us(world, node), node,
        WORLD_ITSELF, EVENT_BOOT, 0, 0);
}

static void boot(struct course *course, uint32_t node)
{
    course->wanted[node] |= course->fleet.nodes[node].stage == STAGE_DOWN &&
                            !course_world(course)->nodes[node].is_dead;
}

static void turn_split(struct course *course, bool is_split)
{
    course_world(course)->is_split = is_split;
    note_fault(course_world(course));
    if (course->spaces &&
        spaces_split(is_split, course->complaint) != STATUS_OK)
        course->has_failed = true;
}

/* What the mesh has counted, by what its relays last said. */
static void count(struct course *course)
{
    struct world *world = course_world(course);
    struct counts *counts = &world->counts;
    struct counts fresh = {.nodes_up = counts->nodes_up,
        .boots = counts->boots,
        .early_arrived = counts->early_arrived,
        .early_new = counts->early_new,
        .departures = counts->departures,
        .shelf_peak_bytes = counts->shelf_peak_bytes};
    for (uint32_t i = 0; i < world->node_count; i++) {
        tally_count(&course->past[i], &fresh);
        tally_count(&course->present[i], &fresh);
    }
    fresh.events = fresh.frames_arrived + course->happened;
    if (world->scenario.settle_us && world->now_us <= world->settles_us) {
        fresh.early_arrived = fresh.payloads_arrived;
        fresh.early_new = fresh.payloads_new;
    }
    *counts = fresh;
    together_take(&world->whole, world); /* a live run has one part */
}

static void judge_end(struct course *course)
{
    struct simulation *simulation = course->simulation;
    const struct world *world = &simulation->world;
    if (world->now_us >= world->scenario.duration_us)
        simulation->is_over = true;
    if (!workload_is_there(world) || !workload_is_done(world) ||
        !faults_are_over(world))
        return;
    if (simulation->quiet_second == 0)
        simulation->quiet_second = simulation->second;
    uint64_t quiet_s = simulation->second - simulation->quiet_second;
    if ((world->counts.stored == 0 && quiet_s > SAMPLES_LATE) ||
        quiet_s * SECOND_US >= world->scenario.quiet_us)
        simulation->is_over = true;
}

/* Whether all that are up are one mesh, by what each said last: a second ago,
 * or two. */
static void look_at_mesh(struct course *course)
{
    const struct world *world = course_world(course);
    struct graph_shape shape;
    uint32_t alone;
    world_need(neighbours_shape(&course->neighbours, &shape, &alone));
    graph_note(&course->simulation->graph, world->now_us, world->fault_us,
        shape.components <= 1 && shape.nodes == world->counts.nodes_up);
}

static void sample(struct course *course, const struct queue_event *event)
{
    struct simulation *simulation = course->simulation;
    struct world *world = &simulation->world;
    count(course);
    simulation->second = event->at_us / SECOND_US;
    world_need(samples_add(&world->samples, simulation->second, &world->counts,
        world->letters.sent, world->letters.shown));
    look_at_mesh(course);
    judge_end(course);
    ask_statuses(course);
    course_schedule(
        course, event->at_us + SECOND_US, WORLD_ITSELF, EVENT_SAMPLE, 0, 0);
}

static void happen(struct course *course, const struct queue_event *event)
{
    enum event_kind kind = (enum event_kind)event->kind;
    course->happened += kind != EVENT_SAMPLE;
    if (kind == EVENT_SAMPLE)
        sample(course, event);
    else if (kind == EVENT_WRITE)
        folk_write(course, event);
    else if (kind == EVENT_BOOT)
        boot(course, event->to);
    else if (kind == EVENT_CRASH)
        crash(course, event);
    else if (kind == EVENT_LEAVE)
        leave(course, event);
    else if (kind == EVENT_SPLIT || kind == EVENT_HEAL)
        turn_split(course, kind == EVENT_SPLIT);
}

/* All whose time has come. */
static void happen_due(struct course *course)
{
    struct world *world = course_world(course);
    for (;;) {
        bool failed = false;
        if (!course->has_next &&
            !queue_pop(world->queue, UINT64_MAX, &course->next, &failed))
            world_need(STATUS_NO_MEMORY); /* a sample is always to come */
        course->has_next = true;
        world->now_us = course_state_now_us(course);
        if (course->next.at_us > world->now_us || course->simulation->is_over)
            return;
        course->has_next = false;
        happen(course, &course->next);
    }
}

static int until_next_ms(const struct course *course)
{
    uint64_t now_us = course_state_now_us(course);
    uint64_t wait_us =
        course->next.at_us > now_us ? course->next.at_us - now_us : 0;
    return (int)(wait_us < TURN_MS * 1000 ? wait_us / 1000 + 1 : TURN_MS);
}

/* A last word of all who are up, for a few seconds at most. */
static void settle_accounts(struct course *course)
{
    uint64_t until_us = outside_wall_us() + 5 * SECOND_US;
    ask_statuses(course);
    while (asked(course) > 0 && outside_wall_us() < until_us)
        fleet_turn(&course->fleet, TURN_MS);
    count(course);
}

static int compare_groups(const void *a, const void *b)
{
    const struct process_use *x = a, *y = b;
    return x->group < y->group ? -1 : x->group > y->group;
}

static void look_at_use(const struct course *course, struct process_use *uses)
{
    uint32_t nodes = course->fleet.config.count;
    for (uint32_t i = 0; i < nodes; i++)
        uses[i].group = course->fleet.nodes[i].process.pid;
    qsort(uses, nodes, sizeof(*uses), compare_groups);
    process_measure(uses, nodes);
}

bool course_run(struct course *course)
{
    struct simulation *simulation = course->simulation;
    look_at_use(course, course->before);
    course->zero_us = outside_wall_us();
    plan(course);
    do {
        happen_due(course);
        progress_draw(&course->progress, simulation, outside_wall_us());
    } while (!simulation->is_over && turn(course, until_next_ms(course)));
    progress_end(&course->progress);
    if (!course->has_failed)
        settle_accounts(course);
    return simulation->is_over;
}

void course_measure_mesh(struct course *course, uint64_t *values)
{
    struct graph *graph = &course->simulation->graph;
    uint32_t alone = 0;
    world_need(neighbours_shape(&course->neighbours, &graph->shape, &alone));
    graph_measure(graph, values);
    world_need(neighbours_overlay(&course->neighbours, values));
    values[METRIC_ECLIPSED] =
        graph->shape.nodes ? alone * UINT64_C(1000000) / graph->shape.nodes : 0;
}

void course_use(struct course *course, struct report_live *out)
{
    uint32_t nodes = course->fleet.config.count;
    uint64_t memory = 0, counted = 0;
    struct process_use *now = calloc(nodes, sizeof(*now));
    world_need(now ? STATUS_OK : STATUS_NO_MEMORY);
    look_at_use(course, now);
    for (uint32_t i = 0; i < nodes; i++) {
        const struct process_use *then = bsearch(
            &now[i], course->before, nodes, sizeof(*now), compare_groups);
        if (now[i].group == 0)
            continue;
        uint64_t busy_us = now[i].busy_us - (then ? then->busy_us : 0);
        out->busy_us += busy_us;
        out->waited_us += now[i].waited_us - (then ? then->waited_us : 0);
        if (busy_us > out->busy_most_us)
            out->busy_most_us = busy_us;
        memory += now[i].memory_bytes;
        counted++;
    }
    free(now);
    out->node_bytes = counted ? memory / counted : 0;
}
