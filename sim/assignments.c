/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario's file comes first and the command line over it, wherever its
 * words stand; so they are gathered before anything is read.  What has an
 * option of its own is a setting like others. */
#include "sim/assignments.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario_file.h"

static const struct {
    const char *option;
    const char *key;
} shorthands[ASSIGNMENTS_SHORTHANDS] = {{"--seed", "mesh.seed"},
    {"--nodes", "mesh.nodes"}, {"--crypto", "node.crypto"}};

enum status assignments_add(struct assignments *assignments, const char *option,
    const char *value, struct complaint *complaint)
{
    if (assignments->count == ASSIGNMENTS_MAXIMUM) {
        complain(complaint, "%s: the command line sets more than %d things",
            option, ASSIGNMENTS_MAXIMUM);
        return STATUS_INVALID;
    }
    for (size_t i = 0; i < ASSIGNMENTS_SHORTHANDS; i++) {
        char *text = assignments->shorthands[i];
        if (strcmp(option, shorthands[i].option) != 0)
            continue;
        snprintf(text, sizeof(assignments->shorthands[i]), "%s=%s",
            shorthands[i].key, value);
        value = text;
        break;
    }
    assignments->list[assignments->count].option = option;
    assignments->list[assignments->count++].value = value;
    return STATUS_OK;
}

enum status assignments_apply(const struct assignments *assignments,
    struct scenario *scenario, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < assignments->count && !status; i++)
        status = scenario_set(scenario, assignments->list[i].option,
            assignments->list[i].value, complaint);
    return status;
}
