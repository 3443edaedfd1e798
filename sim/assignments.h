/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ASSIGNMENTS_H
#define SIM_ASSIGNMENTS_H

#include <stddef.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* What the command line sets over a scenario's file, in its order.  It points
 * to the command line, and into itself: it stays where it is. */
enum { ASSIGNMENTS_MAXIMUM = 64, ASSIGNMENTS_SHORTHANDS = 3 };

struct assignments {
    struct {
        const char *option; /* what it was given as */
        const char *value;  /* section.key=value */
    } list[ASSIGNMENTS_MAXIMUM];
    char shorthands[ASSIGNMENTS_SHORTHANDS][64];
    size_t count;
};

/* Note what an option was given, by its letter: s for --seed, n for --nodes, c
 * for --crypto, S for --set.  STATUS_INVALID with a complaint when there are
 * too many. */
MUST_USE enum status assignments_add(struct assignments *assignments,
    int letter, const char *value, struct complaint *complaint);

/* Read a scenario, by its name or path, and set them all.  As library_read, and
 * STATUS_INVALID with a complaint that begins with the option. */
MUST_USE enum status assignments_read(const struct assignments *assignments,
    const char *name, struct scenario *scenario, struct complaint *complaint);

#endif
