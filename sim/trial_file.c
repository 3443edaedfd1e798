/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole scenario, expectations and all: with the program that it came from
 * it is a complete report of a bug. */
#include "sim/trial_file.h"

#include <inttypes.h>

#include "config.h"
#include "sim/record.h"

void trial_write(
    FILE *file, const struct scenario *scenario, const struct trial *trial)
{
    if (trial)
        fprintf(file,
            "# %s, in second %" PRIu64 " (sotto-sim " PACKAGE_VERSION ").\n",
            trial->text, trial->second);
    record_write(file, scenario);
    record_write_expectations(file, scenario);
}
