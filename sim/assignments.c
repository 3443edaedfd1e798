/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario's file comes first and the command line over it, wherever its
 * words stand; so they are gathered before anything is read.  What has an
 * option of its own is a setting like others. */
#include "sim/assignments.h"

#include <stdio.h>

#include "sim/library.h"
#include "sim/scenario_file.h"

static const struct {
    char letter;
    const char *option;
    const char *key;
} shorthands[ASSIGNMENTS_SHORTHANDS] = {{'s', "--seed", "mesh.seed"},
    {'n', "--nodes", "mesh.nodes"}, {'c', "--crypto", "node.crypto"}};

enum status assignments_add(struct assignments *assignments, int letter,
    const char *value, struct complaint *complaint)
{
    const char *option = "--set";
    for (size_t i = 0; i < ASSIGNMENTS_SHORTHANDS; i++) {
        char *text = assignments->shorthands[i];
        if (letter != shorthands[i].letter)
            continue;
        snprintf(text, sizeof(assignments->shorthands[i]), "%s=%s",
            shorthands[i].key, value);
        value = text;
        option = shorthands[i].option;
    }
    if (assignments->count == ASSIGNMENTS_MAXIMUM) {
        complain(complaint, "%s: the command line sets more than %d things",
            option, ASSIGNMENTS_MAXIMUM);
        return STATUS_INVALID;
    }
    assignments->list[assignments->count].option = option;
    assignments->list[assignments->count++].value = value;
    return STATUS_OK;
}

enum status assignments_read(const struct assignments *assignments,
    const char *name, struct scenario *scenario, struct complaint *complaint)
{
    scenario_init(scenario);
    enum status status = library_read(name, scenario, complaint);
    for (size_t i = 0; i < assignments->count && !status; i++)
        status = scenario_set(scenario, assignments->list[i].option,
            assignments->list[i].value, complaint);
    return status;
}
