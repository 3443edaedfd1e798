/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IMPORT_SAVED_H
#define SIM_IMPORT_SAVED_H

#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"

/* A file that is there whole or, as before, not at all; or standard output. */
struct saved {
    FILE *stream;
    const char *path; /* borrowed; NULL: standard output */
    char fresh[4096]; /* where it is being written */
};

/* Begin.  STATUS_IO with a complaint; then nothing is to be ended. */
MUST_USE enum status saved_begin(
    struct saved *saved, const char *path, struct complaint *complaint);

/* End: put it in its place, or drop it where the status says that it is not
 * whole.  Returns that status, or STATUS_IO with a complaint. */
MUST_USE enum status saved_end(
    struct saved *saved, enum status status, struct complaint *complaint);

#endif
