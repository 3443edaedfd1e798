/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts as people write and read them.  A duration always needs its unit:
 * nobody remembers whether a bare 5 means seconds or minutes. */
#include "cli/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/limits.h"

/* The digits at the front of a text; *rest points behind them. */
static enum status digits_parse(
    const char *text, uint64_t *out, const char **rest)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return STATUS_INVALID;
        value = value * 10 + digit;
    }
    if (at == text)
        return STATUS_INVALID;
    *out = value;
    *rest = at;
    return STATUS_OK;
}

enum status number_parse(const char *text, uint64_t *out)
{
    uint64_t value;
    const char *rest;
    if (digits_parse(text, &value, &rest) || *rest)
        return STATUS_INVALID;
    *out = value;
    return STATUS_OK;
}

/* Seconds in a unit, or 0. */
static uint64_t unit_s(const char *unit)
{
    if (strlen(unit) != 1)
        return 0;
    switch (*unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return HOUR_S;
    case 'd':
        return DAY_S;
    default:
        return 0;
    }
}

enum status duration_parse_s(const char *text, uint64_t *out)
{
    uint64_t value;
    const char *rest;
    if (digits_parse(text, &value, &rest))
        return STATUS_INVALID;
    uint64_t unit = unit_s(rest);
    if (!unit || value > UINT64_MAX / unit)
        return STATUS_INVALID;
    *out = value * unit;
    return STATUS_OK;
}

void duration_print_s(uint64_t seconds, char out[static AMOUNT_CHARS])
{
    uint64_t amount = seconds;
    const char *unit = "s";
    if (seconds >= 2 * DAY_S) {
        amount = seconds / DAY_S;
        unit = "d";
    } else if (seconds >= HOUR_S) {
        amount = seconds / HOUR_S;
        unit = "h";
    } else if (seconds >= 60) {
        amount = seconds / 60;
        unit = "min";
    }
    snprintf(out, AMOUNT_CHARS, "%" PRIu64 " %s", amount, unit);
}

void bytes_print(uint64_t bytes, char out[static AMOUNT_CHARS])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < KIB) {
        snprintf(out, AMOUNT_CHARS, "%" PRIu64 " B", bytes);
        return;
    }
    size_t unit = 0;
    uint64_t scale = KIB;
    while (
        unit + 1 < sizeof(units) / sizeof(units[0]) && bytes / scale >= 1024) {
        scale *= 1024;
        unit++;
    }
    uint64_t tenths = bytes % scale * 10 / scale;
    if (tenths && bytes / scale < 100)
        snprintf(out, AMOUNT_CHARS, "%" PRIu64 ".%" PRIu64 " %s", bytes / scale,
            tenths, units[unit]);
    else
        snprintf(
            out, AMOUNT_CHARS, "%" PRIu64 " %s", bytes / scale, units[unit]);
}

void time_print_s(uint64_t seconds, char out[static AMOUNT_CHARS])
{
    time_t time = (time_t)seconds;
    struct tm parts;
    if (!seconds || !localtime_r(&time, &parts) ||
        !strftime(out, AMOUNT_CHARS, "%Y-%m-%d %H:%M", &parts))
        memcpy(out, "-", 2);
}
