/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_FIGURES_H
#define SIM_FIGURES_H

#include <stdint.h>
#include <stdio.h>

#include "sim/settings.h"

/* Measured values as a report writes them, for people and as JSON. */
enum { FIGURES_CHARS = 48 };

/* The form of a figure's name in its column, which has room for the longest
 * metric's. */
#define FIGURES_NAME "  %-21s "

/* Three digits or so and a unit; "never" for UINT64_MAX. */
void figures_text(
    enum setting_type type, uint64_t value, char out[static FIGURES_CHARS]);
void figures_bytes(uint64_t bytes, char out[static FIGURES_CHARS]);

/* A text in quotes, in which no "<" is left, so that it can stand in a page. */
void figures_json_text(FILE *file, const char *text);

/* A member "name": value, and what ends it: times are in milliseconds; null for
 * UINT64_MAX. */
void figures_json(FILE *file, const char *name, enum metric metric,
    uint64_t value, const char *end);
void figures_json_ms(
    FILE *file, const char *name, uint64_t us, const char *end);

/* The unit of such a value: "count", "ms", "bytes", "share" or "ratio". */
const char *figures_json_unit(enum metric metric);

#endif
