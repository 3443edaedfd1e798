/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

/* One line on standard error, where that is a terminal, that says how far
 * something has come; gone when it has ended. */
struct progress {
    bool is_shown;
    const char *what; /* "written" */
    uint64_t drawn_ms;
};

void progress_begin(
    struct progress *progress, const struct cli *cli, const char *what);

/* Draw it, unless that was done a moment ago.  Of no total nothing is shown. */
void progress_set(struct progress *progress, uint64_t done, uint64_t total);

/* Wipe the line.  Before anything else is printed. */
void progress_end(struct progress *progress);

#endif
