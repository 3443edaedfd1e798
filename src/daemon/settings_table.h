/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SETTINGS_TABLE_H
#define DAEMON_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "daemon/settings.h"

enum { SETTINGS_TABLE_COUNT = 21 };

/* Where a value stands in sotto.conf, and how it is read. */
struct setting {
    const char *section;
    const char *key;
    enum status (*set)(struct settings *settings, const char *value, char *why);
    bool is_list; /* may stand there several times */
};

/* A setting by its section and key, or NULL. */
const struct setting *settings_table_find(const char *section, const char *key);

/* The setting that a word, in a section or elsewhere (""), most likely means:
 * one that it is near to (base/nearest.h), or that it holds; NULL when there is
 * none. */
const struct setting *settings_table_like(
    const char *section, const char *word);

/* Its place in the table, less than SETTINGS_TABLE_COUNT. */
size_t settings_table_index(const struct setting *setting);

/* Set one value by its section and key.  STATUS_NOT_FOUND when there is no such
 * section or key, STATUS_INVALID when the value is wrong, STATUS_FULL when
 * there are too many of it; why, of SETTINGS_WHY_BYTES, then says what would be
 * right.  Settings are unchanged by a failure. */
MUST_USE enum status settings_table_set(struct settings *settings,
    const char *section, const char *key, const char *value, char *why);

#endif
