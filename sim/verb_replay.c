/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run again, from what its folder says of it, for a closer look. */
#include "sim/verb.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "sim/input.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/simulation.h"
#include "sim/summary.h"
#include "sim/watch.h"

struct replay {
    const char *folder;
    struct watch watch;
    struct summary summary;
    struct scenario scenario;
};

static const struct option long_options[] = {
    {"node", required_argument, NULL, 'n'},
    {"letter", required_argument, NULL, 'l'},
    {"until", required_argument, NULL, 'u'},
    {NULL, 0, NULL, 0},
};

static enum status read_number(
    const char *option, uint32_t *out, struct complaint *complaint)
{
    if (input_number(optarg, out) && *out < UINT32_MAX)
        return STATUS_OK;
    complain(complaint, "%s: \"%s\" is not a whole number, as in 17", option,
        optarg);
    return STATUS_INVALID;
}

static enum status take_option(
    int option, char **argv, struct watch *watch, struct complaint *complaint)
{
    switch (option) {
    case 'n':
        return read_number("--node", &watch->node, complaint);
    case 'l':
        return read_number("--letter", &watch->letter, complaint);
    case 'u':
        return options_time("--until", &watch->until_us, complaint);
    default:
        return options_refuse(option, argv, complaint);
    }
}

static enum status read_words(
    int argc, char **argv, struct replay *replay, struct complaint *complaint)
{
    int option;
    replay->watch = (struct watch){.stream = stdout,
        .node = WORLD_ITSELF,
        .letter = WATCH_ALL,
        .until_us = UINT64_MAX};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        enum status status =
            take_option(option, argv, &replay->watch, complaint);
        if (status)
            return status;
    }
    if (optind + 1 != argc) {
        complain(complaint, "replay needs one folder, of a run's --out");
        return STATUS_INVALID;
    }
    replay->folder = argv[optind];
    return STATUS_OK;
}

/* Whether what is in the folder is a run that this program can make again. */
static enum status check_summary(
    const struct replay *replay, struct complaint *complaint)
{
    const struct summary *summary = &replay->summary;
    if (strcmp(summary->version, PACKAGE_VERSION) != 0)
        complain(complaint,
            "%s was run by sotto-sim %s, and this is %s: another version has "
            "other engines, and its runs are others; replay it with %s",
            replay->folder, summary->version, PACKAGE_VERSION,
            summary->version);
    else if (summary->is_live)
        complain(complaint,
            "%s is a live run, which real clocks made; only a virtual one can "
            "be replayed",
            replay->folder);
    else if (summary->hash[0] == '\0')
        complain(complaint, "%s/summary.json: it has no \"trace_hash\"",
            replay->folder);
    else
        return STATUS_OK;
    return STATUS_INVALID;
}

static enum status read_folder(
    struct replay *replay, struct complaint *complaint)
{
    char path[SCENARIO_PATH_BYTES];
    enum status status =
        summary_read(replay->folder, &replay->summary, complaint);
    if (!status)
        status = check_summary(replay, complaint);
    if (status)
        return status;
    snprintf(path, sizeof(path), "%s/scenario.conf", replay->folder);
    scenario_init(&replay->scenario);
    status = scenario_read(&replay->scenario, path, complaint);
    return status ? status : scenario_check(&replay->scenario, complaint);
}

/* Whether the run has what is to be watched. */
static enum status check_watch(const struct watch *watch,
    const struct world *world, struct complaint *complaint)
{
    bool has_node =
        watch->node == WORLD_ITSELF || watch->node < world->node_count;
    bool has_letter =
        watch->letter == WATCH_ALL || watch->letter < world->letters.count;
    if (has_node && has_letter)
        return STATUS_OK;
    const char *what = has_node ? "letter" : "node";
    uint32_t asked = has_node ? watch->letter : watch->node;
    uint32_t count = has_node ? world->letters.count : world->node_count;
    complain(complaint,
        "--%s: there is no %s %" PRIu32 "; the run has %" PRIu32 ", from 0",
        what, what, asked, count);
    return STATUS_INVALID;
}

/* As far as is asked for; true when to the end. */
static bool run(struct simulation *simulation, uint64_t until_us)
{
    while (simulation_advance(simulation))
        if (simulation->world.now_us > until_us || outside_is_interrupted())
            return false;
    return true;
}

/* What the run came to, beside what it came to then. */
static int judge(const struct replay *replay, const struct world *world)
{
    char hash[TRACE_CHARS + 1];
    trace_print(&world->trace, hash);
    if (strcmp(hash, replay->summary.hash) == 0) {
        fprintf(stderr, "sotto-sim: the same run: trace hash %s\n", hash);
        return SIM_DONE;
    }
    fprintf(stderr,
        "sotto-sim: ANOTHER run: trace hash %s, and %s has %s; its "
        "scenario.conf, or a file named there, was changed, or this program "
        "was built from other sources\n",
        hash, replay->folder, replay->summary.hash);
    return SIM_FAILED;
}

static int run_and_judge(struct replay *replay, struct simulation *simulation)
{
    struct world *world = &simulation->world;
    if (replay->watch.node != WORLD_ITSELF || replay->watch.letter != WATCH_ALL)
        world->watch = &replay->watch;
    outside_hold_interrupts();
    bool is_whole = run(simulation, replay->watch.until_us);
    if (is_whole && !replay->summary.is_partial)
        return judge(replay, world);
    fprintf(stderr, "sotto-sim: one of the two runs did not go to its end, so "
                    "their hashes are not compared\n");
    return SIM_DONE;
}

int verb_replay(int argc, char **argv)
{
    struct replay replay;
    struct complaint complaint = {{0}};
    struct simulation simulation;
    enum status status = read_words(argc, argv, &replay, &complaint);
    if (!status)
        status = read_folder(&replay, &complaint);
    if (!status)
        status = simulation_init(&simulation, &replay.scenario,
            &(struct manner){.wire = false}, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    status = check_watch(&replay.watch, &simulation.world, &complaint);
    int code = status ? verb_refuse(&complaint, status)
                      : run_and_judge(&replay, &simulation);
    simulation_clear(&simulation);
    return code;
}
