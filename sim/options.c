/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table for four verbs, of which each takes some of the options. */
#include "sim/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "sim/assignments.h"
#include "sim/input.h"
#include "sim/partition.h"
#include "sim/scenario_check.h"
#include "sim/settings.h"

static const struct option long_options[] = {
    {"seed", required_argument, NULL, 's'},
    {"nodes", required_argument, NULL, 'n'},
    {"crypto", required_argument, NULL, 'c'},
    {"set", required_argument, NULL, 'S'},
    {"out", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},
    {"wire", no_argument, NULL, 'w'},
    {"twice", no_argument, NULL, 't'},
    {"threads", required_argument, NULL, 'T'},
    {"examine", no_argument, NULL, 'e'},
    {"trace", required_argument, NULL, 'r'},
    {"events", required_argument, NULL, 'E'},
    {"jobs", required_argument, NULL, 'J'},
    {"sottod", required_argument, NULL, 'D'},
    {"netns", no_argument, NULL, 'N'},
    {"keep", no_argument, NULL, 'k'},
    {NULL, 0, NULL, 0},
};

enum status options_count(const char *option, uint32_t most, uint32_t *out,
    struct complaint *complaint)
{
    if (input_number(optarg, out) && *out >= 1 && *out <= most)
        return STATUS_OK;
    complain(complaint, "%s: \"%s\" is not a number from 1 to %" PRIu32, option,
        optarg, most);
    return STATUS_INVALID;
}

enum status options_time(
    const char *option, uint64_t *out_us, struct complaint *complaint)
{
    const char *why;
    enum status status =
        settings_parse(SETTING_TIME, NULL, optarg, out_us, &why);
    if (status)
        complain(complaint, "%s: \"%s\" %s", option, optarg, why);
    return status;
}

static enum status take_option(int option, struct options *options,
    struct assignments *assignments, struct complaint *complaint)
{
    switch (option) {
    case 's':
    case 'n':
    case 'c':
    case 'S':
        return assignments_add(assignments, option, optarg, complaint);
    case 'o':
        options->out = optarg;
        return STATUS_OK;
    case 'f':
        options->force = true;
        return STATUS_OK;
    case 'j':
        options->json = true;
        return STATUS_OK;
    case 'w':
        options->wire = true;
        return STATUS_OK;
    case 't':
        options->twice = true;
        return STATUS_OK;
    case 'T':
        return options_count(
            "--threads", PARTITION_PARTS, &options->threads, complaint);
    case 'e':
        options->examine = true;
        return STATUS_OK;
    case 'r':
        options->trace = optarg;
        return STATUS_OK;
    case 'E':
        options->events = optarg;
        return STATUS_OK;
    case 'J':
        return options_count(
            "--jobs", OPTIONS_STARTS, &options->starts, complaint);
    case 'D':
        options->sottod = optarg;
        return STATUS_OK;
    case 'N':
        options->netns = true;
        return STATUS_OK;
    case 'k':
        options->keep = true;
        return STATUS_OK;
    default:
        return STATUS_INVALID;
    }
}

static bool is_live(char **argv)
{
    return strcmp(argv[0], "live") == 0;
}

/* Whether a verb has that option, by its letter. */
static bool is_of_verb(int option, const char *verb)
{
    static const struct {
        const char *verb;
        const char *options;
    } verbs[] = {{"run", "sncSofjwtTerE"}, {"live", "snSofjJDNk"},
        {"diff", "sncS"}, {"explain", "sncS"}};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(verbs[i].verb, verb))
            return strchr(verbs[i].options, option) != NULL;
    return false;
}

enum status options_refuse(int code, char **argv, struct complaint *complaint)
{
    const char *word = argv[optind - 1], *next = argv[optind];
    /* Of letters behind one dash it has not passed the word yet. */
    if (next && next[0] == '-' && next[1] != '-' && optopt &&
        strchr(next, optopt))
        word = next;
    complain(complaint,
        code == ':' ? "%s needs a value"
                    : "%s is no option of %s (see `sotto-sim help %s`)",
        word, argv[0], argv[0]);
    return STATUS_INVALID;
}

/* An option of another verb may have been shortened: it is named in full. */
static enum status wrong_option(
    int code, char **argv, struct complaint *complaint)
{
    for (const struct option *known = long_options; known->name; known++)
        if (known->val == code) {
            complain(complaint,
                "--%s is no option of %s (see `sotto-sim help %s`)",
                known->name, argv[0], argv[0]);
            return STATUS_INVALID;
        }
    return options_refuse(code, argv, complaint);
}

static enum status read_scenario(struct options *options, const char *name,
    const struct assignments *assignments, struct complaint *complaint)
{
    enum status status =
        assignments_read(assignments, name, &options->scenario, complaint);
    options->is_read = status == STATUS_OK;
    return status ? status : scenario_check(&options->scenario, complaint);
}

enum status options_read(
    int argc, char **argv, struct options *options, struct complaint *complaint)
{
    struct assignments assignments = {.count = 0};
    *options = (struct options){.threads = 1};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        if (option == '?' || option == ':' || !is_of_verb(option, argv[0]))
            return wrong_option(option, argv, complaint);
        enum status status =
            take_option(option, options, &assignments, complaint);
        if (status)
            return status;
    }
    if (optind == argc && is_live(argv))
        return read_scenario(options, "live", &assignments, complaint);
    if (optind + 1 != argc) {
        complain(complaint,
            "%s needs one scenario: a name from `sotto-sim "
            "list`, or a path",
            argv[0]);
        return STATUS_INVALID;
    }
    return read_scenario(options, argv[optind], &assignments, complaint);
}
