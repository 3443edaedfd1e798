/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SETTINGS_FILE_H
#define DAEMON_SETTINGS_FILE_H

#include "base/span.h"
#include "base/status.h"
#include "daemon/settings.h"

/* Apply a configuration file's text.  STATUS_INVALID; why, of
 * SETTINGS_WHY_BYTES, then begins with "name:line: ", and settings are
 * unchanged. */
MUST_USE enum status settings_file_apply(
    struct settings *settings, const char *name, struct span text, char *why);

#endif
