/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SETTING_VALUE_H
#define DAEMON_SETTING_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct setting_choice {
    const char *word;
    int value;
};

/* Read one of a few words; the last of choices has none.  STATUS_INVALID; why,
 * of SETTINGS_WHY_BYTES, then names them. */
MUST_USE enum status setting_value_choice(const char *value,
    const struct setting_choice *choices, int *out, char *why);

/* Read on or off.  As setting_value_choice. */
MUST_USE enum status setting_value_switch(
    const char *value, bool *out, char *why);

/* Whether a value is a whole number, or one of bytes with K, M or G behind. */
bool setting_value_bytes(const char *value, uint64_t *out);

/* Whether a value is a whole number and its unit: s, m, h or d. */
bool setting_value_duration_ms(const char *value, uint64_t *out);

#endif
