/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PAGE_FILE_H
#define SIM_PAGE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"

/* Where a page goes: it is written beside its place and moved there when it is
 * whole. */
enum { PAGE_FILE_PATH_BYTES = 1024 };

/* What of a page: writes all of it; STATUS_NO_MEMORY. */
typedef enum status page_file_writer(FILE *file, const void *content);

/* Whether pages can be made, which takes Chart.js, and one may be put there: a
 * free place, or that of another page, or of any file where it is forced.
 * STATUS_INVALID and STATUS_NOT_FOUND with a complaint. */
MUST_USE enum status page_file_check(
    const char *path, bool force, struct complaint *complaint);

/* Where `sotto-sim report` puts the page of a folder, in that folder. */
#define PAGE_FILE_NAME "report.html"
#define PAGE_FILE_PART ".part" /* behind it while it is not whole */

/* Remove a page; what is none, or isn't there, stays as it is.  STATUS_IO with
 * a complaint. */
MUST_USE enum status page_file_remove(
    const char *path, struct complaint *complaint);

/* STATUS_IO and STATUS_NO_MEMORY with a complaint; then what was there is. */
MUST_USE enum status page_file_put(const char *path, page_file_writer *writer,
    const void *content, struct complaint *complaint);

#endif
