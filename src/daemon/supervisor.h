/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "base/span.h"
#include "daemon/options.h"
#include "platform/paths.h"

struct supervisor_config {
    const struct options *options;
    const struct paths *paths; /* made */
    struct span settings_text; /* the configuration file's, for the processes */
    char **argv;               /* of this process, passed on to them */
    int argc;
};

/* Run the node: take its lock, start its processes, restart the one that dies,
 * and end them on SIGTERM or SIGINT.  Returns the exit code: 0 after such an
 * end, 1 when the node cannot start (which has been said). */
int supervisor_run(const struct supervisor_config *config);

#endif
