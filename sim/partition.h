/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PARTITION_H
#define SIM_PARTITION_H

#include <stdint.h>

#include "base/status.h"
#include "sim/meetings.h"
#include "sim/topology.h"

enum { PARTITION_PARTS = 64 };

/* Which nodes each part of a run moves: from its bound up to the next, as many
 * in each as have about the same number of links (or meetings) together; so
 * that a grid is cut along a line, and no part has all the hubs. */
struct partition {
    uint32_t parts;
    uint32_t bounds[PARTITION_PARTS + 1];
};

/* Cut so many nodes, no fewer than parts.  STATUS_NO_MEMORY. */
MUST_USE enum status partition_cut(struct partition *partition, uint32_t parts,
    const struct topology *topology, const struct meetings *meetings);

/* The part that moves a node. */
uint32_t partition_of(const struct partition *partition, uint32_t node);

#endif
