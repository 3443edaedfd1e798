/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run, and what it came to. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/options.h"
#include "sim/outside.h"
#include "sim/painter.h"
#include "sim/progress.h"
#include "sim/report.h"
#include "sim/simulation.h"
#include "sim/threads.h"
#include "sim/verb.h"

/* Run to the end, or to an interrupt; true when to the end. */
static bool run(struct simulation *simulation)
{
    struct progress progress;
    progress_init(&progress);
    while (simulation_advance(simulation)) {
        progress_draw(&progress, simulation, outside_wall_us());
        if (outside_is_interrupted())
            simulation_stop(simulation);
    }
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
    report->partial = !run(&again);
    bool same = again.world.trace.low == trace->low &&
                again.world.trace.high == trace->high;
    simulation_clear(&again);
    return !same && !report->partial;
}

static enum status run_and_report(const struct options *options,
    struct report *report, struct report_files *files,
    struct simulation *simulation, struct complaint *complaint)
{
    uint64_t began_us = outside_wall_us();
    report->partial = !run(simulation);
    report->wall_us = outside_wall_us() - began_us;
    report->peak_bytes = outside_peak_bytes();
    enum status status = simulation_finish(simulation, &report->measures);
    if (status) {
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
    return options->out ? report_write(report, files, complaint) : STATUS_OK;
}

/* The other parts of the run, or NULL. */
static struct threads *start_threads(const struct options *options)
{
    const struct threads_job job = {
        .scenario = &options->scenario,
        .count = options->threads,
        .wire = options->wire,
        .examines_all = options->examine,
        .has_picture = options->out != NULL,
    };
    if (options->threads > 1 && options->scenario.latency_us == 0) {
        fprintf(stderr,
            "sotto-sim: one thread, not %" PRIu32
            ": [links] latency is 0, so none can go ahead of another\n",
            options->threads);
        return NULL;
    }
    return options->threads > 1 ? threads_start(&job) : NULL;
}

/* A run of one or more threads, of which this is the first. */
static int run_first(const struct options *options, struct report_files *files,
    struct threads *threads)
{
    struct complaint complaint = {{0}};
    struct simulation simulation;
    struct report report = {
        .simulation = &simulation, .threads = threads ? options->threads : 1};
    const struct manner manner = {options->wire, options->examine,
        threads ? threads_exchange(threads) : NULL};
    if (simulation_init(&simulation, &options->scenario, &manner, &complaint) !=
        STATUS_OK) {
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
        return SIM_USAGE;
    }
    if (options->out)
        world_need(painter_start(&simulation.world));
    outside_hold_interrupts();
    int code = SIM_USAGE;
    if (run_and_report(options, &report, files, &simulation, &complaint) ==
        STATUS_OK)
        code = report_passed(&report) ? SIM_DONE : SIM_FAILED;
    else
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
    simulation_clear(&simulation);
    return code;
}

int verb_run(int argc, char **argv)
{
    struct options options;
    struct complaint complaint = {{0}};
    struct report_files files = {.list = {NULL}};
    if (options_read(argc, argv, &options, &complaint) != STATUS_OK ||
        (options.out &&
            report_open(options.out, &files, &complaint) != STATUS_OK)) {
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
        return SIM_USAGE;
    }
    struct threads *threads = start_threads(&options);
    int code = run_first(&options, &files, threads);
    threads_end(threads);
    report_close(&files);
    return code;
}
