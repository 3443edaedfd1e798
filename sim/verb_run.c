/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run, and what it came to. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/assist.h"
#include "sim/journal.h"
#include "sim/moot.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/painter.h"
#include "sim/progress.h"
#include "sim/ranks.h"
#include "sim/report_files.h"
#include "sim/simulation.h"
#include "sim/threads.h"
#include "sim/verb.h"

static void write_down(
    struct journal *journal, const struct simulation *simulation)
{
    char hash[TRACE_CHARS + 1];
    if (!journal->file)
        return;
    trace_print(&simulation->world.trace, hash);
    journal_second(
        journal, simulation->second, hash, simulation->world.counts.events);
}

/* Whoever interrupts waits no longer than that; to look costs a call of the
 * system, and a virtual second may be over in less. */
enum { LOOK_US = 10000 };

/* Run to the end, or to an interrupt; true when to the end. */
static bool run(struct simulation *simulation, struct journal *journal)
{
    struct progress progress;
    uint64_t looks_us = 0;
    progress_init(&progress);
    while (simulation_advance(simulation)) {
        uint64_t wall_us = outside_wall_us();
        progress_draw(&progress, simulation, wall_us);
        write_down(journal, simulation);
        if (wall_us < looks_us)
            continue;
        looks_us = wall_us + LOOK_US;
        if (outside_is_interrupted())
            simulation_stop(simulation);
    }
    write_down(journal, simulation);
    progress_end(&progress);
    return simulation->is_over;
}

/* Run the same once more, in one part, and compare. */
static bool differs(const struct options *options, const struct trace *trace,
    struct report *report, struct complaint *complaint)
{
    struct simulation again;
    const struct manner manner = {.wire = options->wire};
    if (simulation_init(&again, &options->scenario, &manner, complaint) !=
        STATUS_OK)
        return true;
    struct journal none = {.file = NULL};
    report->partial = !run(&again, &none);
    bool same = again.world.trace.low == trace->low &&
                again.world.trace.high == trace->high;
    simulation_clear(&again);
    return !same && !report->partial;
}

/* What a run writes besides its report. */
struct writing {
    struct report_files files;
    struct journal journal;
};

static enum status end_journal(const struct options *options,
    struct journal *journal, struct complaint *complaint)
{
    if (!journal->file || journal_close(journal))
        return STATUS_OK;
    complain(complaint, "%s: cannot be written", options->trace);
    return STATUS_IO;
}

static enum status run_and_report(const struct options *options,
    struct report *report, struct writing *writing,
    struct simulation *simulation, struct complaint *complaint)
{
    uint64_t began_us = outside_wall_us();
    report->partial = !run(simulation, &writing->journal);
    simulation->world.trace.journal = NULL;
    report->wall_us = outside_wall_us() - began_us;
    report->peak_bytes = outside_peak_bytes();
    enum status status = end_journal(options, &writing->journal, complaint);
    if (status)
        return status;
    if ((status = simulation_finish(simulation, &report->measures))) {
        complain(complaint, "%s", status_name(status));
        return status;
    }
    if (options->twice && !report->partial) {
        report->differed =
            differs(options, &simulation->world.trace, report, complaint);
        report->repeated = !report->partial;
    }
    if (options->json)
        report_print_json(stdout, report);
    else
        report_print(stdout, report);
    return options->out ? report_files_write(report, &writing->files, complaint)
                        : STATUS_OK;
}

static enum status open_all(const struct options *options,
    struct writing *writing, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    if (options->events && !options->trace) {
        complain(complaint, "--events: needs --trace, the file for them");
        return STATUS_INVALID;
    }
    if (options->trace)
        status = journal_open(
            &writing->journal, options->trace, options->events, complaint);
    if (!status && options->out)
        status = report_files_open(
            options->out, options->force, &writing->files, complaint);
    return status;
}

static void close_all(struct writing *writing)
{
    report_files_close(&writing->files);
    if (writing->journal.file)
        (void)journal_close(&writing->journal);
}

/* Who makes the run with us: other processes or other threads, if any. */
struct others {
    struct exchange *ranks;
    struct threads *threads;
    struct exchange *exchange; /* of the one or the other; NULL: nobody */
};

/* Without a latency there is nobody. */
static void gather_others(const struct options *options, struct others *others)
{
    const struct threads_job job = {
        .scenario = &options->scenario,
        .count = options->threads,
        .wire = options->wire,
        .examines_all = options->examine,
        .has_picture = options->out != NULL,
    };
    uint32_t parts = others->ranks ? others->ranks->parts : options->threads;
    if (parts > 1 && options->scenario.latency_us == 0) {
        fprintf(stderr,
            "sotto-sim: one %s, not %" PRIu32
            ": [links] latency is 0, so none can go ahead of another\n",
            others->ranks ? "process" : "thread", parts);
    } else if (others->ranks) {
        others->exchange = others->ranks;
    } else if (parts > 1) {
        others->threads = threads_start(&job);
        others->exchange = threads_exchange(others->threads);
    }
}

/* The part of a run that reports, if it has others. */
static int run_first(const struct options *options, struct writing *writing,
    const struct others *others)
{
    struct complaint complaint = {{0}};
    struct simulation simulation;
    struct report report = {
        .simulation = &simulation,
        .parts = others->exchange ? others->exchange->parts : 1,
        .has_processes = others->ranks != NULL,
    };
    const struct manner manner = {
        options->wire, options->examine, others->exchange};
    enum status status =
        simulation_init(&simulation, &options->scenario, &manner, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    if (writing->journal.file)
        simulation.world.trace.journal = &writing->journal;
    if (options->out)
        world_need(painter_start(&simulation.world));
    outside_hold_interrupts();
    status = run_and_report(options, &report, writing, &simulation, &complaint);
    int code = report_passed(&report) ? SIM_DONE : SIM_FAILED;
    if (status)
        code = verb_refuse(&complaint, status);
    simulation_clear(&simulation);
    return code;
}

static int run_all(const struct options *options, struct others *others)
{
    struct writing writing = {.files = {{NULL}}};
    struct complaint complaint = {{0}};
    enum status status = open_all(options, &writing, &complaint);
    if (status) {
        close_all(&writing);
        return verb_refuse(&complaint, status);
    }
    gather_others(options, others);
    int code = run_first(options, &writing, others);
    threads_end(others->threads);
    close_all(&writing);
    return code;
}

/* A process that is not the first.  What it cannot do the first may not know:
 * a file that is missing on this machine. */
static int run_along(const struct options *options, struct exchange *ranks)
{
    struct complaint complaint = {{0}};
    const struct manner manner = {options->wire, options->examine, ranks};
    outside_hold_interrupts();
    if (options->scenario.latency_us == 0 ||
        assist(&options->scenario, &manner, options->out != NULL, &complaint) ==
            STATUS_OK)
        return SIM_DONE;
    fprintf(stderr, "sotto-sim: process %" PRIu32 ": %s\n", ranks->part,
        complaint.text);
    return SIM_USAGE;
}

static enum status read_options(
    int argc, char **argv, struct options *options, const struct others *others)
{
    struct complaint complaint = {{0}};
    enum status status = options_read(argc, argv, options, &complaint);
    if (!status && others->ranks && options->threads > 1) {
        complain(&complaint,
            "--threads: mpirun has started %" PRIu32
            " processes, which have one each",
            others->ranks->parts);
        status = STATUS_INVALID;
    }
    if (!status && options->trace && (others->ranks || options->threads > 1)) {
        complain(&complaint, "--trace: needs a run in one thread");
        status = STATUS_INVALID;
    }
    bool speaks = !others->ranks || others->ranks->part == 0;
    if (status && speaks)
        (void)verb_refuse(&complaint, status);
    else if (speaks)
        (void)moot_print(stderr, &options->scenario);
    return status;
}

int verb_run(int argc, char **argv)
{
    struct options options;
    struct complaint complaint = {{0}};
    struct others others = {.ranks = NULL};
    enum status status = ranks_begin(&others.ranks, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    int code = SIM_USAGE;
    if (read_options(argc, argv, &options, &others) == STATUS_OK)
        code = others.ranks && others.ranks->part > 0
                   ? run_along(&options, others.ranks)
                   : run_all(&options, &others);
    ranks_end(others.ranks);
    return code;
}
