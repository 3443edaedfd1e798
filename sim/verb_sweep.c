/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grid of runs.  What has been run is known by its fingerprint, so a sweep
 * that is begun again goes on where it was ended; shards, and the jobs that
 * --print-jobs lists, write a file each, and the sweep itself gathers them
 * before it looks what is left to do. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "sim/assignments.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/progress.h"
#include "sim/sweep_pool.h"
#include "sim/sweep_table.h"
#include "sim/verb.h"

enum { PATH_BYTES = 1024 };

struct sweep {
    struct sweep_plan plan;
    const char *over[SWEEP_AXES];
    size_t over_count;
    struct assignments assignments;
    const char *seeds;
    const char *out;
    uint32_t processes;
    size_t shard, shards; /* from 1; 0: all of it */
    bool print_jobs;
    bool merge;
    struct runs_database *database;
    size_t *todo; /* jobs */
    size_t todo_count;
    size_t failed;
    bool interrupted;
    struct progress progress;
};

static const struct option long_options[] = {
    {"over", required_argument, NULL, 'v'},
    {"seeds", required_argument, NULL, 's'},
    {"nodes", required_argument, NULL, 'n'},
    {"crypto", required_argument, NULL, 'c'},
    {"set", required_argument, NULL, 'S'},
    {"out", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},
    {"shard", required_argument, NULL, 'h'},
    {"print-jobs", no_argument, NULL, 'p'},
    {"merge", no_argument, NULL, 'm'},
    {NULL, 0, NULL, 0},
};

static enum status invalid(struct complaint *complaint, const char *text)
{
    complain(complaint, "%s", text);
    return STATUS_INVALID;
}

/* A whole number and what ends it, from the front of a text. */
static bool read_number(const char **text, char behind, size_t *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(*text, &end, 10);
    if (**text < '0' || **text > '9' || *end != behind || errno)
        return false;
    *text = end + 1;
    *out = value;
    return true;
}

static enum status take_option(
    int option, struct sweep *sweep, struct complaint *complaint)
{
    const char *rest = optarg;
    switch (option) {
    case 'v':
        if (sweep->over_count == SWEEP_AXES)
            return invalid(complaint, "--over: can be given 8 times");
        sweep->over[sweep->over_count++] = optarg;
        return STATUS_OK;
    case 'S':
    case 'n':
    case 'c':
        return assignments_add(&sweep->assignments, option, optarg, complaint);
    case 's':
        sweep->seeds = optarg;
        return STATUS_OK;
    case 'o':
        sweep->out = optarg;
        return STATUS_OK;
    case 'p':
        sweep->print_jobs = true;
        return STATUS_OK;
    case 'm':
        sweep->merge = true;
        return STATUS_OK;
    case 'j':
        return options_count(
            "--jobs", SWEEP_PROCESSES, &sweep->processes, complaint);
    case 'h':
        if (read_number(&rest, '/', &sweep->shard) &&
            read_number(&rest, '\0', &sweep->shards) && sweep->shard >= 1 &&
            sweep->shard <= sweep->shards && sweep->shards <= SWEEP_JOBS)
            return STATUS_OK;
        return invalid(complaint, "--shard: must be like 2/8");
    default:
        return STATUS_INVALID;
    }
}

static enum status make_plan(
    struct sweep *sweep, const char *name, struct complaint *complaint)
{
    struct scenario base;
    enum status status =
        assignments_read(&sweep->assignments, name, &base, complaint);
    if (status)
        return status;
    sweep_plan_init(&sweep->plan, &base);
    for (size_t i = 0; i < sweep->over_count && !status; i++)
        status = sweep_plan_add(&sweep->plan, sweep->over[i], complaint);
    if (!status && sweep->seeds)
        status = sweep_plan_seeds(&sweep->plan, sweep->seeds, complaint);
    if (!status && sweep_plan_jobs(&sweep->plan) > SWEEP_JOBS)
        return invalid(complaint, "--over: more than a million runs");
    return status;
}

static enum status read_options(
    int argc, char **argv, struct sweep *sweep, struct complaint *complaint)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_refuse(option, argv, complaint);
        enum status status = take_option(option, sweep, complaint);
        if (status)
            return status;
    }
    if (optind + 1 != argc)
        return invalid(complaint,
            "sweep needs one scenario: a name from `sotto-sim list`, or a "
            "path");
    if ((sweep->print_jobs || sweep->shards || sweep->merge) && !sweep->out)
        return invalid(complaint,
            "--print-jobs, --shard and --merge need --out: the folder that "
            "gathers what each finds");
    if (sweep->print_jobs + (sweep->shards > 0) + sweep->merge > 1)
        return invalid(complaint,
            "--print-jobs, --shard and --merge are three steps of one sweep: "
            "one a command");
    return make_plan(sweep, argv[optind], complaint);
}

/* A word as a shell would have to be given it. */
static void print_word(const char *word)
{
    putchar('\'');
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    putchar('\'');
}

/* The same command, a line a job. */
static void print_jobs(const struct sweep *sweep, const char *scenario)
{
    size_t jobs = sweep_plan_jobs(&sweep->plan);
    for (size_t job = 1; job <= jobs; job++) {
        fputs("sotto-sim sweep ", stdout);
        print_word(scenario);
        for (size_t i = 0; i < sweep->over_count; i++) {
            fputs(" --over ", stdout);
            print_word(sweep->over[i]);
        }
        for (size_t i = 0; i < sweep->assignments.count; i++) {
            fputs(" --set ", stdout);
            print_word(sweep->assignments.list[i].value);
        }
        if (sweep->seeds) {
            fputs(" --seeds ", stdout);
            print_word(sweep->seeds);
        }
        fputs(" --out ", stdout);
        print_word(sweep->out);
        printf(" --shard %zu/%zu\n", job, jobs);
    }
}

/* Take over what shards have found. */
static enum status gather_shards(
    struct sweep *sweep, struct complaint *complaint)
{
    DIR *folder = opendir(sweep->out);
    if (!folder) {
        complain(complaint, "%s: %s", sweep->out, strerror(errno));
        return STATUS_IO;
    }
    enum status status = STATUS_OK;
    struct dirent *entry;
    while (!status && (entry = readdir(folder))) {
        if (fnmatch("shard-[0-9]*-of-[0-9]*.sqlite", entry->d_name, 0) != 0)
            continue;
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), "%s/%s", sweep->out, entry->d_name);
        status = runs_database_merge(sweep->database, path, complaint);
    }
    closedir(folder);
    return status;
}

static enum status open_database(
    struct sweep *sweep, struct complaint *complaint)
{
    char path[PATH_BYTES];
    const char *scenario = sweep->plan.base.name;
    if (!sweep->out)
        return runs_database_open(
            ":memory:", scenario, &sweep->database, complaint);
    enum status status =
        sweep->merge ? STATUS_OK : outside_make_folder(sweep->out, complaint);
    if (status)
        return status;
    if (sweep->shards)
        snprintf(path, sizeof(path), "%s/shard-%zu-of-%zu.sqlite", sweep->out,
            sweep->shard, sweep->shards);
    else
        snprintf(path, sizeof(path), "%s/runs.sqlite", sweep->out);
    status = runs_database_open(path, scenario, &sweep->database, complaint);
    return status || sweep->shards ? status : gather_shards(sweep, complaint);
}

/* List what has not been run yet, and check that all of it can be. */
static enum status list_todo(struct sweep *sweep, struct complaint *complaint)
{
    size_t jobs = sweep_plan_jobs(&sweep->plan);
    sweep->todo = calloc(jobs + 1, sizeof(*sweep->todo));
    if (!sweep->todo)
        return STATUS_NO_MEMORY;
    for (size_t job = 0; job < jobs; job++) {
        struct scenario scenario;
        struct run_result run;
        char fingerprint[SWEEP_FINGERPRINT_CHARS + 1];
        if (sweep->shards && job % sweep->shards + 1 != sweep->shard)
            continue;
        enum status status =
            sweep_plan_scenario(&sweep->plan, job, &scenario, complaint);
        if (status)
            return status;
        sweep_fingerprint(&scenario, fingerprint);
        status =
            runs_database_find(sweep->database, fingerprint, &run, complaint);
        if (status == STATUS_NOT_FOUND)
            sweep->todo[sweep->todo_count++] = job;
        else if (status)
            return status;
        else
            sweep->failed += !run.passed;
    }
    return STATUS_OK;
}

static void show_progress(
    const struct sweep *sweep, size_t done, uint64_t began_us)
{
    uint64_t spent_s = (outside_wall_us() - began_us) / 1000000;
    char left[48] = "";
    if (done > 0)
        snprintf(left, sizeof(left), ", %" PRIu64 " s left",
            spent_s * (sweep->todo_count - done) / done);
    progress_write(&sweep->progress, "%zu of %zu runs, %zu failed%s", done,
        sweep->todo_count, sweep->failed, left);
}

static enum status start_next(struct sweep *sweep, struct children *pool,
    size_t job, struct complaint *complaint)
{
    struct scenario scenario;
    enum status status =
        sweep_plan_scenario(&sweep->plan, job, &scenario, complaint);
    if (!status && (status = sweep_pool_start(pool, job, &scenario)))
        complain(complaint, "a run cannot be started: %s", strerror(errno));
    return status;
}

static enum status take_result(struct sweep *sweep, size_t job, bool came,
    const struct run_result *run, struct complaint *complaint)
{
    sweep->failed += !came || !run->passed;
    if (came)
        return runs_database_add(sweep->database, run, complaint);
    progress_end(&sweep->progress);
    fprintf(stderr, "sotto-sim: run %zu ended without a result\n", job + 1);
    return STATUS_OK;
}

static enum status run_all(struct sweep *sweep, struct complaint *complaint)
{
    struct children pool = {.count = 0};
    size_t next = 0, done = 0;
    uint64_t began_us = outside_wall_us();
    enum status status = STATUS_OK;
    progress_init(&sweep->progress);
    while (!status && done < sweep->todo_count && !sweep->interrupted) {
        while (!status && next < sweep->todo_count &&
               pool.count < sweep->processes)
            status = start_next(sweep, &pool, sweep->todo[next++], complaint);
        size_t job = 0;
        bool came = false;
        struct run_result run;
        if (!status && sweep_pool_wait(&pool, &job, &came, &run)) {
            status = take_result(sweep, job, came, &run, complaint);
            done++;
        }
        show_progress(sweep, done, began_us);
        sweep->interrupted = outside_is_interrupted();
    }
    sweep_pool_stop(&pool);
    progress_end(&sweep->progress);
    return status;
}

typedef enum status (*table_printer)(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint);

static enum status write_table(const struct sweep *sweep, const char *name,
    table_printer print, struct complaint *complaint)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", sweep->out, name);
    FILE *file = fopen(path, "we");
    if (!file) {
        complain(complaint, "%s: %s", path, strerror(errno));
        return STATUS_IO;
    }
    enum status status = print(file, &sweep->plan, sweep->database, complaint);
    bool broken = ferror(file) != 0;
    if ((fclose(file) == 0 && !broken) || status)
        return status;
    complain(complaint, "%s: %s", path, strerror(errno));
    return STATUS_IO;
}

/* Whether runs are missing that --merge leaves to others. */
static bool is_lacking(const struct sweep *sweep)
{
    return sweep->merge && sweep->todo_count > 0;
}

static enum status write_results(
    const struct sweep *sweep, struct complaint *complaint)
{
    if (sweep->shards)
        return STATUS_OK;
    enum status status =
        sweep_table_print(stdout, &sweep->plan, sweep->database, complaint);
    if (sweep->interrupted)
        printf("partial: interrupted; the same command goes on\n");
    if (is_lacking(sweep))
        printf("partial: %zu of %zu runs are missing\n", sweep->todo_count,
            sweep_plan_jobs(&sweep->plan));
    if (!status && sweep->out)
        status = write_table(sweep, "runs.csv", sweep_table_runs, complaint);
    if (!status && sweep->out)
        status =
            write_table(sweep, "points.csv", sweep_table_points, complaint);
    if (!status && sweep->out)
        status = write_table(sweep, "sweep.json", sweep_table_json, complaint);
    return status;
}

static enum status carry_out(struct sweep *sweep, struct complaint *complaint)
{
    enum status status = open_database(sweep, complaint);
    if (!status)
        status = list_todo(sweep, complaint);
    if (!status && !sweep->merge)
        status = run_all(sweep, complaint);
    return status ? status : write_results(sweep, complaint);
}

int verb_sweep(int argc, char **argv)
{
    struct sweep sweep = {.processes = 1};
    struct complaint complaint = {{0}};
    enum status status = STATUS_IO;
    if (crypto_start() == 0)
        status = read_options(argc, argv, &sweep, &complaint);
    if (!status && sweep.print_jobs) {
        print_jobs(&sweep, argv[optind]);
    } else if (!status) {
        outside_hold_interrupts();
        status = carry_out(&sweep, &complaint);
    }
    free(sweep.todo);
    runs_database_close(sweep.database);
    sweep_plan_clear(&sweep.plan);
    if (status)
        return verb_refuse(&complaint, status);
    return sweep.failed || sweep.interrupted || is_lacking(&sweep) ? SIM_FAILED
                                                                   : SIM_DONE;
}
