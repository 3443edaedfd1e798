/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include <stdio.h>

#include "sim/scenario.h"

/* Write a scenario as a file from which the same run can be made again: every
 * setting that is not the default, and where the files are that it names.  What
 * it expects is not part of it. */
void record_write(FILE *file, const struct scenario *scenario);

/* What it expects, as its section. */
void record_write_expectations(FILE *file, const struct scenario *scenario);

#endif
