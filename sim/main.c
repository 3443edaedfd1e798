/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sotto-sim: the mesh simulator.  A table of verbs. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

#include "base/nearest.h"
#include "sim/verb.h"

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *what;
};

static int verb_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("sotto-sim %s\n", PACKAGE_VERSION);
    return SIM_DONE;
}

static int verb_help(int argc, char **argv);

static const struct verb verbs[] = {
    {"run", verb_run,
        "SCENARIO [--seed N] [--nodes N] [--set SECTION.KEY=VALUE]\n"
        "                [--crypto real|stub|none] [--out DIR [--force]]\n"
        "                [--json] [--wire] [--twice] [--threads N] "
        "[--examine]\n"
        "                [--trace FILE [--events A:B]]",
        "run a scenario and judge it"},
    {"sweep", verb_sweep,
        "SCENARIO [--over SECTION.KEY=VALUES] [--seeds A:B]\n"
        "                [--nodes N] [--crypto real|stub|none]\n"
        "                [--set SECTION.KEY=VALUE] [--out DIR] [--jobs N]\n"
        "                [--print-jobs | --shard I/N | --merge]",
        "run it for each of a grid of settings and seeds"},
    {"live", verb_live,
        "[SCENARIO] [--seed N] [--nodes N] [--set SECTION.KEY=VALUE]\n"
        "                [--out DIR [--force]] [--json] [--jobs N] [--netns]\n"
        "                [--keep] [--sottod PROGRAM]",
        "run it with real nodes, on this machine"},
    {"compare", verb_compare,
        "DIR DIR [--redundancy SHARE] [--latency FACTOR]\n"
        "                [--json] [--output FILE] [--force]",
        "lay the results of two runs side by side"},
    {"replay", verb_replay, "DIR [--node N] [--letter N] [--until TIME]",
        "run it again from its folder, and look on"},
    {"report", verb_report, "DIR [--output FILE] [--force]",
        "the results of a run, or of a sweep, as a page to look at"},
    {"import", verb_import, "one|tij|haggle|graphml|freifunk FILE [--out FILE]",
        "make a trace or a mesh from a file of others'"},
    {"diff", verb_diff,
        "SCENARIO [--seed N] [--nodes N] [--set SECTION.KEY=VALUE]\n"
        "                [--crypto real|stub|none] [--with PROGRAM] [--wire]",
        "find the event at which two runs part that should be one"},
    {"fuzz", verb_fuzz,
        "[--seeds A:B] [--time TIME] [--jobs N] [--out DIR] [--shrink]\n"
        "                [--first] [--json] [--print]",
        "draw scenarios by chance, run them, and report those that fail"},
    {"shrink", verb_shrink,
        "SCENARIO [--seed N] [--nodes N] [--crypto real|stub|none]\n"
        "                [--set SECTION.KEY=VALUE] [--out FILE] [--runs N]\n"
        "                [--jobs N]",
        "make a scenario that fails smaller, while it fails so"},
    {"list", verb_list, "", "the scenarios that come with it"},
    {"explain", verb_explain,
        "SCENARIO [--seed N] [--nodes N] [--set SECTION.KEY=VALUE]\n"
        "                [--crypto real|stub|none]",
        "what a scenario does, in words"},
    {"version", verb_version, "", "print the version"},
    {"help", verb_help, "[VERB]", "print this, or what one verb takes"},
};

enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

/* There is no such verb; one that is almost the same was meant. */
static int refuse(const char *word)
{
    struct nearest nearest = {.word = word};
    for (size_t i = 0; i < VERB_COUNT; i++)
        nearest_offer(&nearest, verbs[i].name);
    fprintf(stderr, "sotto-sim: no verb \"%s\"", word);
    if (nearest.name)
        fprintf(stderr, "; did you mean %s?", nearest.name);
    fprintf(stderr, " (`sotto-sim help` lists them)\n");
    return SIM_USAGE;
}

static void print_verb(const struct verb *verb)
{
    printf("  sotto-sim %s%s%s\n      %s\n", verb->name,
        verb->usage[0] ? " " : "", verb->usage, verb->what);
}

static int verb_help(int argc, char **argv)
{
    const struct verb *asked = argc > 1 ? verb_find(argv[1]) : NULL;
    if (argc > 1 && !asked)
        return refuse(argv[1]);
    printf("sotto-sim: the engines of sottod, by the thousand, on a virtual "
           "clock\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (!asked || asked == &verbs[i])
            print_verb(&verbs[i]);
    printf("\nSee sotto-sim(1) and sotto-scenario(5).\n");
    return SIM_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

/* Every program answers --help and --version, whatever its verbs are. */
static const char *verb_name(const char *word)
{
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return "help";
    return !strcmp(word, "--version") ? "version" : word;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a write then fails, and is cleared up after */
    if (argc < 2) {
        fprintf(stderr, "sotto-sim: needs a verb; see `sotto-sim help`\n");
        return SIM_USAGE;
    }
    const struct verb *verb = verb_find(verb_name(argv[1]));
    if (!verb)
        return refuse(argv[1]);
    int code = asks_for_help(argc - 1, argv + 1)
                   ? verb_help(2, argv)
                   : verb->run(argc - 1, argv + 1);
    return fflush(stdout) == 0 ? code : SIM_USAGE;
}
