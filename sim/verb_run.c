/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that looks at a real clock, and only to say how long it took.
 * An interrupt is not handled but asked for, between two slices of a run: so
 * there is no handler, and nothing that one could find half done. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/options.h"
#include "sim/progress.h"
#include "sim/report.h"
#include "sim/simulation.h"
#include "sim/verb.h"

static uint64_t wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void hold_interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool is_interrupted(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGINT) || sigismember(&set, SIGTERM);
}

/* Run to the end, or to an interrupt; true when to the end. */
static bool run(struct simulation *simulation)
{
    struct progress progress;
    progress_init(&progress);
    bool interrupted = false;
    while (!interrupted && simulation_advance(simulation)) {
        progress_draw(&progress, simulation, wall_us());
        interrupted = is_interrupted();
    }
    progress_end(&progress);
    return !interrupted;
}

/* Run the same once more and compare. */
static bool differs(const struct options *options, const struct trace *trace,
    struct report *report, struct complaint *complaint)
{
    struct simulation again;
    if (simulation_init(&again, &options->scenario, options->wire, complaint) !=
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
    uint64_t began_us = wall_us();
    report->partial = !run(simulation);
    report->wall_us = wall_us() - began_us;
    report->peak_bytes = peak_bytes();
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

int verb_run(int argc, char **argv)
{
    struct options options;
    struct complaint complaint = {{0}};
    struct simulation simulation;
    struct report report = {.simulation = &simulation};
    struct report_files files = {.list = {NULL}};
    if (options_read(argc, argv, &options, &complaint) != STATUS_OK ||
        (options.out &&
            report_open(options.out, &files, &complaint) != STATUS_OK) ||
        simulation_init(&simulation, &options.scenario, options.wire,
            &complaint) != STATUS_OK) {
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
        report_close(&files);
        return SIM_USAGE;
    }
    hold_interrupts();
    int code = SIM_USAGE;
    if (run_and_report(&options, &report, &files, &simulation, &complaint) ==
        STATUS_OK)
        code = report_passed(&report) ? SIM_DONE : SIM_FAILED;
    else
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
    report_close(&files);
    simulation_clear(&simulation);
    return code;
}
