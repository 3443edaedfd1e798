/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failure is its kind and its words: the invariant's, the expectation's, the
 * assertion's.  Times and node numbers are left out of the words, since a
 * smaller mesh that fails in the same way has others.  A run is bounded twice:
 * by events, which is the same everywhere, and by processor time, for an engine
 * that does not come back. */
#include "sim/trial.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "sim/settings.h"
#include "sim/simulation.h"
#include "sim/threads.h"

enum {
    SECOND_EVENTS = 200000,
    NODE_EVENTS = 2000,
    PROCESSOR_S = 300,
    THREADS = 3
};

static void fail(struct trial *out, enum trial_kind kind, const char *text)
{
    out->kind = kind;
    snprintf(out->text, sizeof(out->text), "%.*s", TRIAL_TEXT_CHARS, text);
}

static void judge_expectations(const struct scenario *scenario,
    const struct measures *measures, struct trial *out)
{
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *e = &scenario->expectations[i];
        const struct metric_word *word = settings_metric(e->metric);
        char wanted[32], text[TRIAL_TEXT_CHARS];
        if (!settings_meets(scenario, word->need) || measures_meet(measures, e))
            continue;
        settings_print(word->type, NULL, e->value, wanted, sizeof(wanted));
        snprintf(text, sizeof(text), "expected %s %s %s", word->name,
            e->at_least ? ">=" : "<=", wanted);
        fail(out, TRIAL_EXPECTATION, text);
        return;
    }
}

static void judge_violation(const struct violation *first, struct trial *out)
{
    char text[TRIAL_TEXT_CHARS];
    snprintf(
        text, sizeof(text), "invariant %d: %s", first->invariant, first->text);
    fail(out, TRIAL_VIOLATION, text);
}

/* As far as is of use: what follows a violation is only its consequence, and a
 * second that does not end is seen by its events. */
static void advance(struct simulation *simulation)
{
    const struct world *world = &simulation->world;
    uint64_t second = 0, before = 0;
    uint64_t most = SECOND_EVENTS + (uint64_t)NODE_EVENTS * world->node_count;
    while (simulation_advance(simulation)) {
        if (simulation->second != second)
            before = world->counts.events;
        second = simulation->second;
        if (world->oracle.violation_count ||
            world->counts.events - before > most)
            return;
    }
}

static void judge(struct simulation *simulation, struct trial *out)
{
    const struct world *world = &simulation->world;
    struct measures measures = {.missed = 0};
    if (!world->oracle.violation_count && !simulation->is_over)
        fail(out, TRIAL_ENDLESS, "more events than a second has");
    if (simulation_finish(simulation, &measures) != STATUS_OK)
        world_end(STATUS_NO_MEMORY);
    if (world->oracle.violation_count)
        judge_violation(&world->oracle.first, out);
    else if (out->kind == TRIAL_PASSED)
        judge_expectations(&world->scenario, &measures, out);
    trace_print(&world->trace, out->trace);
    out->second = simulation->second;
    out->events = world->counts.events;
    out->checks = world->oracle.checks;
}

/* In so many threads. */
static void run(const struct scenario *scenario, bool wire, uint32_t threads,
    struct trial *out)
{
    struct simulation simulation;
    struct complaint complaint;
    const struct threads_job job = {
        .scenario = scenario, .count = threads, .wire = wire};
    struct threads *others = threads > 1 ? threads_start(&job) : NULL;
    const struct manner manner = {
        .wire = wire, .exchange = others ? threads_exchange(others) : NULL};
    *out = (struct trial){.kind = TRIAL_PASSED};
    if (simulation_init(&simulation, scenario, &manner, &complaint) ==
        STATUS_OK) {
        advance(&simulation);
        judge(&simulation, out);
        simulation_clear(&simulation);
    } else {
        fail(out, TRIAL_IMPOSSIBLE, complaint.text);
    }
    threads_end(others);
}

/* Where nothing takes no time, and there are surely nodes for it: how many a
 * file has is not known yet. */
static uint32_t threads_for(const struct scenario *scenario)
{
    bool can = scenario->latency_us > 0 && scenario->nodes >= THREADS &&
               scenario->topology != TOPOLOGY_FILE &&
               scenario->mobility != MOBILITY_TRACE;
    return can ? THREADS : 1;
}

bool trial_is_other(const struct trial *one, const struct trial *other)
{
    return strcmp(one->trace, other->trace) != 0 ||
           one->checks != other->checks || one->events != other->events;
}

void trial_run(const struct trial_task *task, struct trial *out)
{
    struct trial again;
    run(&task->scenario, false, 1, out);
    if (!task->compares || out->kind != TRIAL_PASSED)
        return;
    run(&task->scenario, true, 1, &again);
    if (trial_is_other(out, &again)) {
        fail(
            out, TRIAL_DIFFERED, "invariant 10: with --wire it is another run");
        return;
    }
    run(&task->scenario, false, threads_for(&task->scenario), &again);
    if (trial_is_other(out, &again))
        fail(out, TRIAL_DIFFERED,
            "invariant 10: in three threads it is another run");
}

static bool work(const void *task, void *result)
{
    const struct rlimit limit = {PROCESSOR_S, PROCESSOR_S + 5};
    setrlimit(RLIMIT_CPU, &limit);
    trial_run(task, result);
    return true;
}

enum status trial_start(
    struct children *children, size_t job, const struct trial_task *task)
{
    children->result_bytes = sizeof(struct trial);
    children->is_quiet = true;
    return children_start(children, job, work, task);
}

/* What it said last of itself: the line of an assertion, or a sanitizer's.  The
 * latter begins with a process id and ends in addresses, which are no part of
 * how it failed. */
static void describe_death(const struct child_end *end, char *out, size_t room)
{
    const char *said = strstr(end->said, "ERROR: ");
    if (!said)
        said = end->said;
    const char *address = strstr(said, " on address");
    size_t size = address ? (size_t)(address - said) : strcspn(said, "\n");
    if (size == 0)
        snprintf(out, room, "signal %d", end->signal);
    else
        snprintf(out, room, "%.*s", (int)size, said);
}

bool trial_wait(struct children *children, size_t *job, struct trial *out)
{
    struct child_end end;
    if (!children_wait(children, &end, out))
        return false;
    *job = end.job;
    if (end.came)
        return true;
    char text[TRIAL_TEXT_CHARS];
    *out = (struct trial){.second = 0};
    describe_death(&end, text, sizeof(text));
    if (end.signal == SIGXCPU)
        fail(out, TRIAL_ENDLESS, "more processor time than any run needs");
    else
        fail(out, TRIAL_DIED, text);
    return true;
}

bool trial_is_same(const struct trial *one, const struct trial *other)
{
    return one->kind == other->kind && strcmp(one->text, other->text) == 0;
}
