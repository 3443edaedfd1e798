/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include <stdio.h>

#include "sim/compare.h"
#include "sim/run_folder.h"

/* A page of this program's begins so; a file that does may be replaced. */
#define PAGE_BEGINNING "<!doctype html>\n<!-- A report of sotto-sim. -->\n"

/* Write a run as one HTML file that refers to nothing outside itself.
 * STATUS_NO_MEMORY; whether the file took it is for the caller to ask. */
MUST_USE enum status page_write(FILE *file, const struct run_folder *run);

/* Two runs beside one another: as page_write. */
struct page_pair {
    const struct compare *compare;
    const struct run_folder *runs; /* two */
};
MUST_USE enum status page_write_pair(FILE *file, const struct page_pair *pair);

/* The same of a sweep's sweep.json, which has been checked. */
void page_write_sweep(FILE *file, struct span json);

#endif
