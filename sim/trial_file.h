/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TRIAL_FILE_H
#define SIM_TRIAL_FILE_H

#include <stdio.h>

#include "sim/scenario.h"
#include "sim/trial.h"

/* Write a scenario that failed as a file that fails again: how it did is its
 * opening comment; trial may be NULL, for one that was not run. */
void trial_write(
    FILE *file, const struct scenario *scenario, const struct trial *trial);

#endif
