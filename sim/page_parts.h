/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PAGE_PARTS_H
#define SIM_PAGE_PARTS_H

#include "base/span.h"

/* The files of sim/page/, as sim/embed.sh puts them into the program, and the
 * charting library that ./configure found (empty: none). */
extern const struct span page_css;
extern const struct span page_body;
extern const struct span page_sweep_body;
extern const struct span page_compare_body;
extern const struct span page_common_js;
extern const struct span page_map_js;
extern const struct span page_js;
extern const struct span page_sweep_js;
extern const struct span page_compare_js;
extern const struct span page_chart_js;

#endif
