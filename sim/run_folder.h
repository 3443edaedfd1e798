/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_FOLDER_H
#define SIM_RUN_FOLDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"
#include "sim/complaint.h"
#include "sim/csv.h"
#include "sim/summary.h"

enum {
    RUN_FOLDER_SUMMARY_BYTES = 1 << 20,
    RUN_FOLDER_SWEEP_BYTES = 32 << 20, /* more is too much for a page */
};

/* What a run wrote into its folder, whole and checked.  End it with
 * run_folder_clear. */
struct run_folder {
    struct buf text; /* of summary.json: valid, and a run's */
    struct summary summary;
    struct csv metrics;
    struct csv letters;
    struct csv groups; /* no rows: there were none */
    struct csv files;  /* alike */
    struct csv spread; /* of one letter; no rows: of none */
    struct csv edges;
};

/* STATUS_NOT_FOUND, STATUS_IO and STATUS_INVALID with a complaint that names
 * the file; STATUS_NO_MEMORY.  Nothing is held after a failure. */
MUST_USE enum status run_folder_read(
    const char *folder, struct run_folder *out, struct complaint *complaint);
void run_folder_clear(struct run_folder *run);

/* A sweep's sweep.json, valid, in a buf that is to be cleared.  As
 * run_folder_read. */
MUST_USE enum status run_folder_read_sweep(
    const char *folder, struct buf *out, struct complaint *complaint);

#endif
