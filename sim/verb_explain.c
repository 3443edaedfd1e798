/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `list` and `explain`: what scenarios there are, and what one does, said from
 * the same table that reads it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/library.h"
#include "sim/mobility.h"
#include "sim/moot.h"
#include "sim/options.h"
#include "sim/published.h"
#include "sim/settings.h"
#include "sim/topology.h"
#include "sim/verb.h"

enum { COMMENT_LINES = 40, VALUE_BYTES = 64 };

int verb_list(int argc, char **argv)
{
    struct complaint complaint = {{0}};
    if (argc > 1) {
        fprintf(stderr, "sotto-sim: %s takes no more words\n", argv[0]);
        return SIM_USAGE;
    }
    enum status status = library_list(stdout, &complaint);
    return status ? verb_refuse(&complaint, status) : SIM_DONE;
}

static void print_settings(const struct scenario *scenario)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct setting *s = &settings[i];
        const uint8_t *field = (const uint8_t *)scenario + s->offset;
        char value[VALUE_BYTES] = "";
        if (s->type != SETTING_TEXT) {
            uint64_t number;
            memcpy(&number, field, sizeof(number));
            settings_print(s->type, s->words, number, value, sizeof(value));
        }
        if (i == 0 || strcmp(s->section, s[-1].section) != 0)
            printf("\n[%s]\n", s->section);
        printf("  %-15s = %-16s %s %s\n", s->key,
            s->type == SETTING_TEXT ? (const char *)field : value,
            scenario->given[i].is_given ? "*" : " ", s->doc);
    }
}

static void print_expectations(const struct scenario *scenario)
{
    printf("\n[expect]\n");
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *e = &scenario->expectations[i];
        const struct metric_word *word = settings_metric(e->metric);
        char value[VALUE_BYTES];
        settings_print(word->type, NULL, e->value, value, sizeof(value));
        printf("  %s %s %-*s * %s\n", word->name,
            e->at_least ? ">=" : "<=", (int)(30 - strlen(word->name)), value,
            word->doc);
    }
}

static enum status print_topology(
    const struct scenario *scenario, const struct topology *topology)
{
    uint32_t parts = 0, least = 0, most = 0;
    enum status status = topology_parts(topology, NULL, &parts);
    if (!status)
        status = topology_degrees(topology, &least, &most);
    if (status)
        return status;
    printf("\nThe mesh: %" PRIu32 " nodes and %zu links in %" PRIu32
           " part%s; %" PRIu32 " to %" PRIu32 " neighbours each.\n",
        topology->nodes, topology->edge_count, parts, parts == 1 ? "" : "s",
        least, most);
    if (most > scenario->link_maximum)
        printf("Some nodes have more neighbours than a relay keeps links "
               "(%" PRIu64 "): they refuse the others.\n",
            scenario->link_maximum);
    return STATUS_OK;
}

static void print_more(const struct scenario *scenario)
{
    char least[VALUE_BYTES], most[VALUE_BYTES];
    uint64_t greatest =
        scenario->file_most > 0 ? scenario->file_most : scenario->file_least;
    settings_print(
        SETTING_BYTES, NULL, scenario->file_least, least, sizeof(least));
    settings_print(SETTING_BYTES, NULL, greatest, most, sizeof(most));
    if (scenario->groups > 0)
        printf("Groups: %" PRIu64 " of %" PRIu64 " people, each with %" PRIu64
               " letters, to %" PRIu64 " people each.\n",
            scenario->groups, scenario->group_size, scenario->group_letters,
            scenario->group_size - 1);
    if (scenario->files > 0)
        printf("Files: %" PRIu64 " among these pairs, of %s to %s.\n",
            scenario->files, least, most);
}

static enum status print_mesh(
    const struct scenario *scenario, struct complaint *complaint)
{
    struct topology topology;
    struct meetings meetings;
    bool moves = scenario->mobility != MOBILITY_NONE;
    enum status status = moves ? mobility_make(scenario, &meetings, complaint)
                               : topology_make(scenario, &topology, complaint);
    if (status)
        return status;
    if (moves) {
        printf("\nThe mesh: %" PRIu32 " nodes that move, and meet or part %zu "
               "times.\n",
            meetings.nodes, meetings.count);
        meetings_clear(&meetings);
    } else {
        status = print_topology(scenario, &topology);
        topology_clear(&topology);
    }
    if (scenario->messages[0])
        printf("The workload: the letters in %s.\n", scenario->messages);
    else
        printf("The workload: %" PRIu64 " letters among %" PRIu64 " pairs.\n",
            scenario->letters, scenario->pairs);
    print_more(scenario);
    return status;
}

int verb_explain(int argc, char **argv)
{
    struct options options;
    struct complaint complaint = {{0}};
    enum status status = options_read(argc, argv, &options, &complaint);
    /* What a scenario is about, and what it lacks, is in its comment. */
    if (options.is_read) {
        printf("%s\n\n", options.scenario.path);
        library_print_comment(stdout, options.scenario.path, COMMENT_LINES);
    }
    if (!status)
        (void)moot_print(stderr, &options.scenario);
    if (!status)
        status = print_mesh(&options.scenario, &complaint);
    if (status)
        return verb_refuse(&complaint, status);
    printf("\nEvery setting; * marks what the scenario or the command line "
           "says itself.\n");
    print_settings(&options.scenario);
    print_expectations(&options.scenario);
    published_explain(stdout, &options.scenario);
    return SIM_DONE;
}
