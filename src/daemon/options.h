/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

#include "base/status.h"
#include "daemon/settings.h"
#include "platform/mode.h"

/* What sottod was started to do. */
enum options_task {
    TASK_SUPERVISE, /* the node: start its processes and keep them */
    TASK_RELAY,     /* one of these processes, started by the supervisor */
    TASK_VAULT,
    TASK_SELF_TEST,
    TASK_CHECK_CONFIG,
    TASK_EXAMPLE_CONFIG,
    TASK_HELP,
    TASK_VERSION,
};

/* Strings are borrowed from argv. */
struct options {
    enum options_task task;
    enum mode mode;
    const char *home;        /* or NULL */
    const char *config;      /* or NULL: the usual place, if it is there */
    const char *unlock_with; /* or NULL */
    const char *link_shape;  /* or NULL */
    bool listen_given;
};

/* Read the command line.  Settings given as options are applied to settings,
 * after (and over) those of the file: so call it twice, first with NULL for
 * settings to learn where the file is.  STATUS_INVALID; why, of
 * SETTINGS_WHY_BYTES, then says what was wrong. */
MUST_USE enum status options_read(int argc, char *argv[],
    struct settings *settings, struct options *out, char *why);

const char *options_help(void);

#endif
