/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_FILES_H
#define SIM_REPORT_FILES_H

#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/report.h"

/* summary.json, metrics.csv, letters.csv, groups.csv, files.csv, spread.csv,
 * edges.csv and scenario.conf of a folder. */
enum { REPORT_FILES = 8 };
struct report_files {
    FILE *list[REPORT_FILES]; /* NULL: closed */
    const char *folder;       /* borrowed */
};

/* Open the files, making the folder: before a run, so that hours of it are not
 * lost to a mistyped path.  STATUS_IO with a complaint, and STATUS_INVALID
 * where a folder has the results of another run, or of a sweep, unless they may
 * be replaced. */
MUST_USE enum status report_files_open(const char *folder, bool force,
    struct report_files *files, struct complaint *complaint);
void report_files_close(struct report_files *files);

/* Put the results in the place of what the files hold, and close them.  A page
 * that was made of what they held goes; that of a sweep beside them stays.
 * STATUS_IO with a complaint. */
MUST_USE enum status report_files_write(const struct report *report,
    struct report_files *files, struct complaint *complaint);

#endif
