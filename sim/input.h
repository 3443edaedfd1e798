/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_INPUT_H
#define SIM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* A text that a scenario names, read a line at a time. */
struct input {
    FILE *file;
    char path[2 * SCENARIO_PATH_BYTES];
    int line; /* the last one read */
};

enum {
    INPUT_LINE_BYTES = 512,
    INPUT_SECONDS_MAXIMUM = 366 * 86400, /* a time is less */
};

/* Open a file that stands beside the scenario's own, unless its path is
 * absolute.  key is what named it, as "mesh.file".  STATUS_INVALID with a
 * complaint as blame has it. */
MUST_USE enum status input_open(struct input *input,
    const struct scenario *scenario, const char *key, const char *name,
    struct complaint *complaint);

/* Open a file by its path alone.  STATUS_IO with a complaint. */
MUST_USE enum status input_open_path(
    struct input *input, const char *path, struct complaint *complaint);
void input_close(struct input *input);

/* The next line, without its end.  STATUS_NOT_FOUND behind the last one;
 * STATUS_IO, and STATUS_INVALID where it is too long, with a complaint. */
MUST_USE enum status input_next(struct input *input,
    char out[static INPUT_LINE_BYTES], struct complaint *complaint);

/* Part a line, in place, into the words between its blanks; how many there
 * are, or maximum + 1 where they are more. */
size_t input_words(char *line, char *words[], size_t maximum);

/* Whether a line says nothing: blanks, or a comment behind #. */
bool input_is_blank(const char *line);

/* A word as a whole number, as a time in seconds from 0 to a year, in
 * microseconds, and as one that may be counted from 1970.  False when it is
 * none. */
bool input_number(const char *word, uint32_t *out);
bool input_seconds(const char *word, uint64_t *out_us);
bool input_moment(const char *word, uint64_t *out_us);

/* Complain of the line that was read last: file, line, what is wrong.
 * STATUS_INVALID, always. */
MUST_USE enum status input_reject(
    struct input *input, struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
