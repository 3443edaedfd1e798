/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_CSV_H
#define SIM_CSV_H

#include <stddef.h>

#include "base/status.h"
#include "sim/complaint.h"

enum { CSV_ROWS = 8000000 };

/* A table of numbers, as a run writes one; an empty field is NAN.  End it with
 * csv_clear. */
struct csv {
    double *values; /* a row after the other */
    size_t columns;
    size_t count;
    size_t capacity;
};

/* Read a file that must begin with that line, its columns' names.
 * STATUS_NOT_FOUND, STATUS_IO and STATUS_INVALID with a complaint that names
 * file and line; STATUS_NO_MEMORY. */
MUST_USE enum status csv_read(const char *path, const char *header,
    struct csv *out, struct complaint *complaint);
void csv_clear(struct csv *csv);

#endif
