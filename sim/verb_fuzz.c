/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios of chance, one after the other, until one asks for an end.  A
 * failed one is known by its seed and this program; as a file it outlives
 * changes to how scenarios are drawn. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/progress.h"
#include "sim/settings.h"
#include "sim/shrink.h"
#include "sim/swarm.h"
#include "sim/trial_file.h"
#include "sim/verb.h"

enum { PATH_BYTES = 1024, SHRINK_RUNS = 400, COMPARED_OF = 4 };

struct fuzz {
    uint64_t first, last;
    uint64_t time_us; /* of the wall clock; 0: no limit */
    const char *out;  /* a folder, or NULL */
    uint32_t jobs;
    bool is_json;
    bool stops_first; /* at the first failure */
    bool shrinks;
    bool prints;

    uint64_t began_us;
    uint64_t next;
    uint64_t done, failed, events, checks;
    bool interrupted;
    bool is_over; /* its time is */
    struct progress progress;
};

static const struct option long_options[] = {
    {"seeds", required_argument, NULL, 's'},
    {"time", required_argument, NULL, 't'},
    {"jobs", required_argument, NULL, 'j'},
    {"out", required_argument, NULL, 'o'},
    {"shrink", no_argument, NULL, 'S'},
    {"first", no_argument, NULL, 'f'},
    {"print", no_argument, NULL, 'p'},
    {"json", no_argument, NULL, 'J'},
    {NULL, 0, NULL, 0},
};

/* "first:last", "first:" without an end, or one. */
static enum status read_seeds(struct fuzz *fuzz, struct complaint *complaint)
{
    if (settings_range(optarg, &fuzz->first, &fuzz->last))
        return STATUS_OK;
    complain(complaint,
        "--seeds: \"%s\" is not first:last, as in 1:1000, nor 1: or 17",
        optarg);
    return STATUS_INVALID;
}

static enum status take_option(
    int option, char **argv, struct fuzz *fuzz, struct complaint *complaint)
{
    switch (option) {
    case 's':
        return read_seeds(fuzz, complaint);
    case 't':
        return options_time("--time", &fuzz->time_us, complaint);
    case 'j':
        return options_count(
            "--jobs", CHILDREN_MAXIMUM, &fuzz->jobs, complaint);
    case 'o':
        fuzz->out = optarg;
        return STATUS_OK;
    case 'S':
        fuzz->shrinks = true;
        return STATUS_OK;
    case 'f':
        fuzz->stops_first = true;
        return STATUS_OK;
    case 'p':
        fuzz->prints = true;
        return STATUS_OK;
    case 'J':
        fuzz->is_json = true;
        return STATUS_OK;
    default:
        return options_refuse(option, argv, complaint);
    }
}

static enum status read_words(
    int argc, char **argv, struct fuzz *fuzz, struct complaint *complaint)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        enum status status = take_option(option, argv, fuzz, complaint);
        if (status)
            return status;
    }
    const char *wrong = NULL;
    if (optind != argc)
        wrong = "fuzz takes no scenario: it draws its own, by --seeds";
    else if (fuzz->prints && fuzz->first != fuzz->last)
        wrong = "--print: needs one seed, as in --seeds 17";
    else if (fuzz->shrinks && !fuzz->out)
        wrong = "--shrink: needs --out, the folder for what is found";
    if (!wrong)
        return STATUS_OK;
    complain(complaint, "%s", wrong);
    return STATUS_INVALID;
}

static void draw_task(uint64_t seed, struct trial_task *task)
{
    swarm_draw(seed, &task->scenario);
    task->compares = seed % COMPARED_OF == 0;
}

static enum status write_file(const struct fuzz *fuzz, const char *ending,
    const struct scenario *scenario, const struct trial *trial,
    struct complaint *complaint)
{
    char path[PATH_BYTES];
    snprintf(
        path, sizeof(path), "%s/%s%s.conf", fuzz->out, scenario->name, ending);
    FILE *file = fopen(path, "we");
    if (file)
        trial_write(file, scenario, trial);
    bool failed = !file || ferror(file);
    if ((!file || fclose(file) == 0) && !failed) {
        printf("    %s\n", path);
        return STATUS_OK;
    }
    complain(complaint, "%s: %s", path, strerror(errno));
    return STATUS_IO;
}

static enum status shrink_failure(struct fuzz *fuzz,
    const struct scenario *scenario, struct complaint *complaint)
{
    struct shrink shrink;
    bool goes_on = true;
    enum status status =
        shrink_init(&shrink, scenario, fuzz->jobs, SHRINK_RUNS);
    while (!status && goes_on && !fuzz->interrupted) {
        status = shrink_step(&shrink, &goes_on);
        fuzz->interrupted = outside_is_interrupted();
    }
    if (!status)
        return write_file(
            fuzz, "-small", &shrink.best, &shrink.failure, complaint);
    complain(complaint, "%s cannot be made smaller: %s", scenario->name,
        status_name(status));
    return status;
}

static void print_json(uint64_t seed, const struct trial *trial)
{
    printf("{\"seed\":%" PRIu64 ",\"verdict\":\"%s\",\"text\":", seed,
        trial->kind == TRIAL_PASSED ? "passed" : "failed");
    figures_json_text(stdout, trial->text);
    printf(",\"trace_hash\":\"%s\",\"virtual_seconds\":%" PRIu64
           ",\"events\":%" PRIu64 ",\"checks\":%" PRIu64 "}\n",
        trial->trace, trial->second, trial->events, trial->checks);
}

static enum status report_failure(struct fuzz *fuzz, uint64_t seed,
    const struct trial *trial, struct complaint *complaint)
{
    struct trial_task task;
    fuzz->failed++;
    if (!fuzz->is_json)
        printf("seed %" PRIu64 ": %s, in second %" PRIu64 "\n", seed,
            trial->text, trial->second);
    if (!fuzz->out) {
        if (!fuzz->is_json)
            printf("    sotto-sim fuzz --seeds %" PRIu64
                   " --print >seed-%" PRIu64 ".conf\n",
                seed, seed);
        return STATUS_OK;
    }
    draw_task(seed, &task);
    enum status status = write_file(fuzz, "", &task.scenario, trial, complaint);
    if (!status && fuzz->shrinks)
        status = shrink_failure(fuzz, &task.scenario, complaint);
    return status;
}

static enum status take_result(struct fuzz *fuzz, uint64_t seed,
    const struct trial *trial, struct complaint *complaint)
{
    fuzz->done++;
    fuzz->events += trial->events;
    fuzz->checks += trial->checks;
    if (fuzz->is_json || trial->kind != TRIAL_PASSED)
        progress_end(&fuzz->progress);
    if (fuzz->is_json)
        print_json(seed, trial);
    enum status status = STATUS_OK;
    if (trial->kind != TRIAL_PASSED)
        status = report_failure(fuzz, seed, trial, complaint);
    fflush(stdout);
    return status;
}

static void show_progress(const struct fuzz *fuzz)
{
    progress_write(&fuzz->progress,
        "%" PRIu64 " seeds, %" PRIu64 " failed, next %" PRIu64, fuzz->done,
        fuzz->failed, fuzz->next);
}

/* Whether no other seed is to be begun. */
static bool is_enough(const struct fuzz *fuzz)
{
    return fuzz->interrupted || fuzz->is_over || fuzz->next > fuzz->last ||
           (fuzz->stops_first && fuzz->failed > 0);
}

static enum status start_some(
    struct fuzz *fuzz, struct children *children, struct complaint *complaint)
{
    while (!is_enough(fuzz) && children->count < fuzz->jobs) {
        struct trial_task task;
        draw_task(fuzz->next, &task);
        enum status status = trial_start(children, (size_t)fuzz->next++, &task);
        if (!status)
            continue;
        complain(complaint, "a run cannot be started: %s", strerror(errno));
        return status;
    }
    return STATUS_OK;
}

static enum status run_all(struct fuzz *fuzz, struct complaint *complaint)
{
    struct children children = {.count = 0};
    progress_init(&fuzz->progress);
    enum status status = start_some(fuzz, &children, complaint);
    while (!status && children.count > 0 && !fuzz->interrupted) {
        size_t seed = 0;
        struct trial trial;
        if (trial_wait(&children, &seed, &trial))
            status = take_result(fuzz, seed, &trial, complaint);
        show_progress(fuzz);
        fuzz->interrupted |= outside_is_interrupted();
        fuzz->is_over = fuzz->time_us &&
                        outside_wall_us() - fuzz->began_us >= fuzz->time_us;
        if (!status)
            status = start_some(fuzz, &children, complaint);
    }
    children_stop(&children);
    progress_end(&fuzz->progress);
    return status;
}

static void print_summary(const struct fuzz *fuzz)
{
    if (fuzz->is_json)
        return;
    printf("%" PRIu64 " seeds from %" PRIu64 " on, %" PRIu64 " failed; %" PRIu64
           " events, %" PRIu64 " checks%s\n",
        fuzz->done, fuzz->first, fuzz->failed, fuzz->events, fuzz->checks,
        fuzz->interrupted ? "; interrupted" : "");
}

static int print_scenario(const struct fuzz *fuzz)
{
    struct trial_task task;
    draw_task(fuzz->first, &task);
    trial_write(stdout, &task.scenario, NULL);
    return SIM_DONE;
}

int verb_fuzz(int argc, char **argv)
{
    struct fuzz fuzz = {.first = 1, .last = SETTINGS_COUNT_MOST, .jobs = 1};
    struct complaint complaint = {{0}};
    enum status status = read_words(argc, argv, &fuzz, &complaint);
    if (!status && fuzz.prints)
        return print_scenario(&fuzz);
    if (!status && fuzz.out)
        status = outside_make_folder(fuzz.out, &complaint);
    if (!status) {
        outside_hold_interrupts();
        fuzz.next = fuzz.first;
        fuzz.began_us = outside_wall_us();
        status = run_all(&fuzz, &complaint);
        print_summary(&fuzz);
    }
    if (status)
        return verb_refuse(&complaint, status);
    return fuzz.failed > 0 ? SIM_FAILED : SIM_DONE;
}
