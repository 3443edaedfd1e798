/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_TABLES_H
#define SIM_REPORT_TABLES_H

#include <stdio.h>

#include "sim/world.h"

/* The first lines of metrics.csv, letters.csv, groups.csv and files.csv. */
#define REPORT_METRICS_COLUMNS                                                 \
    "second,nodes_up,link_ends,letters_sent,letters_shown,stored,"             \
    "stored_bytes,cleared,frames_sent,frames_lost,payloads_arrived,"           \
    "payloads_new,sent_bytes,control_bytes,events"
#define REPORT_LETTERS_COLUMNS                                                 \
    "letter,from,to,text_bytes,sent_ms,shown_ms,receipt_ms,latency_ms"

#define REPORT_GROUPS_COLUMNS                                                  \
    "letter,group,from,to,text_bytes,sent_ms,shown_ms,latency_ms"
#define REPORT_FILES_COLUMNS                                                   \
    "file,from,to,bytes,sent_ms,receipt_ms,whole_ms,latency_ms"

/* metrics.csv, letters.csv, groups.csv and files.csv of a run's folder. */
void report_tables_metrics(FILE *file, const struct world *world);
void report_tables_letters(FILE *file, const struct world *world);
void report_tables_groups(FILE *file, const struct world *world);
void report_tables_files(FILE *file, const struct world *world);

#endif
