/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_BLAME_H
#define SIM_BLAME_H

#include <stddef.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* Say of settings that they cannot be as they are, and where each was given:
 *
 *     mine.conf:7: [mesh] degree: what is wrong, and what would be right;
 * [mesh] nodes stands in line 3
 *
 * keys are words like "mesh.degree mesh.nodes", that to be changed first.  The
 * complaint is of the first that was set on the command line, which went over a
 * file that was right without it, else of the first that the file has; with
 * neither, of the first, in the whole file if there is one.  STATUS_INVALID,
 * always. */
MUST_USE enum status blame(const struct scenario *scenario,
    struct complaint *complaint, const char *keys, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same of an expectation alone. */
MUST_USE enum status blame_expectation(const struct scenario *scenario,
    struct complaint *complaint, const struct expectation *expectation,
    const char *what);

/* Whether any of such keys was set on the command line. */
bool blame_has_option(const struct scenario *scenario, const char *keys);

#endif
