/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include "daemon/options.h"
#include "platform/paths.h"

/* The node's two processes, from their beginning (already hardened, with random
 * bytes and cryptography ready) to their exit code (child.h). */
struct process_config {
    const struct options *options;
    const struct settings *settings;
    const struct paths *paths;
};

int relay_process(const struct process_config *config);
int vault_process(const struct process_config *config);

#endif
