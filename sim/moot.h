/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MOOT_H
#define SIM_MOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/scenario.h"

/* Settings that were given, and that nothing in the scenario asks for: the
 * length of a split where there is none.  They are told and not refused, since
 * the point of a grid without the split is a scenario, too. */
struct moot_rule {
    const char *keys; /* as blame takes them */
    bool (*matters)(const struct scenario *scenario);
    const char *needs; /* the keys that can make them matter */
    const char *why;   /* goes on behind "has no effect" */
};

/* The one table of them. */
const struct moot_rule *moot_rules(size_t *count);

/* Print a line for each, unless the command line itself says of a key in needs
 * what it is to be.  How many there were. */
size_t moot_print(FILE *file, const struct scenario *scenario);

#endif
