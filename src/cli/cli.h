/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "cli/arguments.h"
#include "platform/paths.h"

/* What every verb is handed. */
struct cli {
    struct arguments arguments;
    struct paths paths; /* zero for a verb that needs no node */
    const char *home;   /* --home or SOTTO_HOME; NULL: the XDG places */
    bool json;
    bool terminal; /* standard output is one */
    bool colours;
};

/* How sotto ends: few codes, documented in sotto(1); control_exit_code gives
 * those that a node's refusal means. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_USAGE = 1, /* or a file or stream that cannot be read or written */
    EXIT_NOT_RUNNING = 2,
    EXIT_LOCKED = 3,
    EXIT_NOT_FOUND = 4,
    EXIT_REFUSED = 5,
    EXIT_NOT_DELIVERED = 6,
    EXIT_BUG = 70,
};

#endif
