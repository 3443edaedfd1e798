/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_TABLES_H
#define SIM_REPORT_TABLES_H

#include <stdio.h>

#include "sim/report.h"

/* metrics.csv, letters.csv, groups.csv and files.csv of a run's folder. */
void report_tables_metrics(FILE *file, const struct report *report);
void report_tables_letters(FILE *file, const struct report *report);
void report_tables_groups(FILE *file, const struct report *report);
void report_tables_files(FILE *file, const struct report *report);

#endif
