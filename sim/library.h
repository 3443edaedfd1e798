/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIBRARY_H
#define SIM_LIBRARY_H

#include <stddef.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* The scenarios that come with the program: *.conf in the folder that
 * SOTTO_SCENARIOS names, or else in the installed one. */
const char *library_folder(void);

/* Read a scenario by name (from the library) or by path (anything with a slash
 * or a dot in it).  As scenario_read. */
MUST_USE enum status library_read(const char *name_or_path,
    struct scenario *scenario, struct complaint *complaint);

/* Print each scenario's name with the first line of its opening comment.
 * STATUS_IO with a complaint. */
MUST_USE enum status library_list(FILE *file, struct complaint *complaint);

/* Print a file's opening comment, without its marks; at most so many lines. */
void library_print_comment(FILE *file, const char *path, size_t lines);

#endif
