/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario that fails, made small.  What was found so far is written whenever
 * it ends, so an interrupt loses nothing. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "sim/assignments.h"
#include "sim/import/saved.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/progress.h"
#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/shrink.h"
#include "sim/trial_file.h"
#include "sim/verb.h"

enum { RUNS_DEFAULT = 1000, RUNS_AT_MOST = 1000000 };

struct words {
    const char *scenario;
    const char *out; /* NULL: standard output */
    struct assignments assignments;
    uint32_t jobs;
    uint32_t runs;
};

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {"seed", required_argument, NULL, 's'},
    {"nodes", required_argument, NULL, 'n'},
    {"crypto", required_argument, NULL, 'c'},
    {"set", required_argument, NULL, 'S'},
    {"jobs", required_argument, NULL, 'j'},
    {"runs", required_argument, NULL, 'r'},
    {NULL, 0, NULL, 0},
};

static enum status take_option(
    int option, char **argv, struct words *words, struct complaint *complaint)
{
    switch (option) {
    case 'o':
        words->out = optarg;
        return STATUS_OK;
    case 's':
    case 'n':
    case 'c':
    case 'S':
        return assignments_add(&words->assignments, option, optarg, complaint);
    case 'j':
        return options_count(
            "--jobs", CHILDREN_MAXIMUM, &words->jobs, complaint);
    case 'r':
        return options_count("--runs", RUNS_AT_MOST, &words->runs, complaint);
    default:
        return options_refuse(option, argv, complaint);
    }
}

static enum status read_words(
    int argc, char **argv, struct words *words, struct complaint *complaint)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        enum status status = take_option(option, argv, words, complaint);
        if (status)
            return status;
    }
    if (optind + 1 != argc) {
        complain(complaint,
            "shrink needs one scenario that fails: a path, or a name from "
            "`sotto-sim list`");
        return STATUS_INVALID;
    }
    words->scenario = argv[optind];
    return STATUS_OK;
}

static enum status read_scenario(const struct words *words,
    struct scenario *scenario, struct complaint *complaint)
{
    enum status status = assignments_read(
        &words->assignments, words->scenario, scenario, complaint);
    return status ? status : scenario_check(scenario, complaint);
}

static int tell_passed(const struct words *words, const struct trial *trial)
{
    if (trial->kind == TRIAL_IMPOSSIBLE) {
        fprintf(stderr, "sotto-sim: %s\n", trial->text);
        return SIM_USAGE;
    }
    fprintf(stderr,
        "sotto-sim: %s passes; shrink needs a scenario that fails\n",
        words->scenario);
    return SIM_USAGE;
}

static enum status shrink_all(struct shrink *shrink, bool *interrupted)
{
    struct progress progress;
    bool goes_on = true;
    enum status status = STATUS_OK;
    progress_init(&progress);
    while (goes_on && !*interrupted && !status) {
        status = shrink_step(shrink, &goes_on);
        progress_say(&progress, outside_wall_us(), "runs at most", shrink->runs,
            shrink->runs_most);
        *interrupted = outside_is_interrupted();
    }
    progress_end(&progress);
    return status;
}

/* *written: STATUS_OK once the outcome is in the file. */
static int shrink_into(FILE *out, const struct words *words,
    const struct scenario *scenario, enum status *written)
{
    struct shrink shrink;
    bool interrupted = false;
    enum status status =
        shrink_init(&shrink, scenario, words->jobs, words->runs);
    if (status == STATUS_NOT_FOUND)
        return tell_passed(words, &shrink.failure);
    if (!status)
        status = shrink_all(&shrink, &interrupted);
    if (status) {
        fprintf(stderr, "sotto-sim: a run cannot be started: %s\n",
            strerror(errno));
        return SIM_USAGE;
    }
    trial_write(out, &shrink.best, &shrink.failure);
    *written = STATUS_OK;
    fprintf(stderr, "sotto-sim: %s; %zu runs, %zu steps%s\n",
        shrink.failure.text, shrink.runs, shrink.taken,
        interrupted                       ? ", interrupted"
        : shrink.runs >= shrink.runs_most ? "; --runs is spent"
                                          : "; none smaller fails so");
    return interrupted ? SIM_FAILED : SIM_DONE;
}

/* The file is begun before hours are spent, and what was there stays until
 * there is an outcome. */
int verb_shrink(int argc, char **argv)
{
    struct words words = {.jobs = 1, .runs = RUNS_DEFAULT};
    struct complaint complaint = {{0}};
    struct scenario scenario;
    struct saved out;
    enum status status = read_words(argc, argv, &words, &complaint);
    if (!status)
        status = read_scenario(&words, &scenario, &complaint);
    if (!status)
        status = saved_begin(&out, words.out, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    outside_hold_interrupts();
    enum status written = STATUS_NOT_FOUND;
    int code = shrink_into(out.stream, &words, &scenario, &written);
    status = saved_end(&out, written, &complaint);
    return written || !status ? code : verb_refuse(&complaint, status);
}
