/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EDGES_FILE_H
#define SIM_EDGES_FILE_H

#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/input.h"
#include "sim/scenario.h"

/* A mesh as a file: lines "src,dst" and perhaps further columns, of which
 * "type" can be used to leave edges out; the first line names the columns.
 * Nodes are numbered from 0; blank lines, and lines that begin with "#", are
 * left out. */
struct edges_file {
    struct input input;
    const char *skip;
    int type_column; /* -1: there is none */
};

/* Open the file of a scenario, relative to the scenario's own.  STATUS_IO,
 * STATUS_INVALID, with a complaint. */
MUST_USE enum status edges_file_open(const struct scenario *scenario,
    struct edges_file *out, struct complaint *complaint);
void edges_file_close(struct edges_file *file);

/* The next edge's two ends.  STATUS_NOT_FOUND at the end; STATUS_INVALID,
 * STATUS_IO with a complaint that names file and line. */
MUST_USE enum status edges_file_next(struct edges_file *file,
    uint32_t ends[static 2], struct complaint *complaint);

#endif
