/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of value that settings have: words, sizes, times.  Each is read
 * whole or refused, and nothing is taken from what stands before an error. */
#include "config.h"

#include "daemon/setting_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/settings.h"
#include "proto/limits.h"

enum status setting_value_choice(const char *value,
    const struct setting_choice *choices, int *out, char *why)
{
    for (const struct setting_choice *at = choices; at->word; at++) {
        if (strcmp(value, at->word) == 0) {
            *out = at->value;
            return STATUS_OK;
        }
    }
    int used =
        snprintf(why, SETTINGS_WHY_BYTES, "\"%.64s\" is none of:", value);
    for (const struct setting_choice *at = choices; at->word; at++)
        used += snprintf(
            why + used, SETTINGS_WHY_BYTES - (size_t)used, " %s", at->word);
    return STATUS_INVALID;
}

enum status setting_value_switch(const char *value, bool *out, char *why)
{
    static const struct setting_choice choices[] = {
        {"on", 1}, {"off", 0}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        *out = choice == 1;
    return status;
}

bool setting_value_bytes(const char *value, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (errno || end == value || *value < '0' || *value > '9')
        return false;
    unsigned shift = 0;
    if (*end == 'K' || *end == 'M' || *end == 'G')
        shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30, end++;
    if (*end || number > UINT64_MAX >> shift)
        return false;
    *out = (uint64_t)number << shift;
    return true;
}

bool setting_value_duration_ms(const char *value, uint64_t *out)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {
        {'s', 1000}, {'m', 60000}, {'h', HOUR_S * 1000}, {'d', DAY_S * 1000}};
    char *end;
    if (*value < '0' || *value > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (end[0] != units[i].unit || end[1] || errno || number > UINT32_MAX)
            continue;
        *out = number * units[i].ms;
        return true;
    }
    return false;
}
