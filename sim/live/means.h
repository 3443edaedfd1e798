/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_MEANS_H
#define SIM_LIVE_MEANS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/live/clocks.h"
#include "sim/report.h"
#include "sim/scenario.h"

/* What a live run can do with what there is: looked at before anything is
 * started, so that nobody waits for what cannot come. */
enum { MEANS_PATH_BYTES = 4096, MEANS_SHAPE_BYTES = 160 };

struct means {
    char sottod[MEANS_PATH_BYTES];
    bool shapes;                        /* that sottod can shape its links */
    char shape[MEANS_SHAPE_BYTES];      /* what it is to be told */
    char slow_shape[MEANS_SHAPE_BYTES]; /* ... where a node is slow */
    char clocks[CLOCKS_PATH_BYTES];     /* what puts clocks off, or empty */
};

/* Find sottod: as named, or beside this program, where it was installed, on
 * PATH; and see whether it shapes links.  STATUS_NOT_FOUND with a complaint. */
MUST_USE enum status means_find_sottod(const char *named,
    const struct scenario *scenario, struct means *out,
    struct complaint *complaint);

/* Refuse slow nodes where nothing shapes their links.  STATUS_INVALID with a
 * complaint. */
MUST_USE enum status means_check_shape(const struct scenario *scenario,
    const struct means *means, struct complaint *complaint);

/* Find what puts clocks off, where any is to be; sottod was found.
 * STATUS_NOT_FOUND with a complaint. */
MUST_USE enum status means_find_clocks(const struct scenario *scenario,
    struct means *means, struct complaint *complaint);

/* Refuse what real nodes cannot be made to do: to move, to attack, to have
 * clocks that jump.  splits says whether there is something that can part them.
 * STATUS_INVALID with a complaint that names the keys. */
MUST_USE enum status means_check_scenario(
    const struct scenario *scenario, bool splits, struct complaint *complaint);

/* Say what is left out: links where nothing shapes them, and settings that
 * sottod does not have; and what cannot be measured. */
void means_describe(const struct scenario *scenario, bool shapes, bool netns,
    struct report_live *out);

/* See that this machine has the descriptors, processes and memory for so many
 * nodes, of which so many have vaults, so many starting at a time; descriptors
 * are raised as far as they may be.  STATUS_FULL with a complaint that says
 * what is needed, and what there is. */
MUST_USE enum status means_check_machine(uint32_t nodes, uint32_t vaults,
    uint32_t starts, struct complaint *complaint);

#endif
