/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TOPOLOGY_H
#define SIM_TOPOLOGY_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/edge_list.h"
#include "sim/scenario.h"

struct topology {
    uint32_t nodes;
    struct topology_edge *edges; /* sorted, each once, no loops */
    size_t edge_count;
    size_t edge_capacity;
};

/* Make the mesh of a scenario.  STATUS_INVALID when it is impossible (a file's
 * line, a radius that leaves the mesh in parts), STATUS_IO for its file, with
 * a complaint; STATUS_NO_MEMORY.  End it with topology_clear. */
MUST_USE enum status topology_make(const struct scenario *scenario,
    struct topology *out, struct complaint *complaint);
void topology_clear(struct topology *topology);

/* The number of connected parts; of each node the part, where parts is not
 * NULL (room for nodes).  STATUS_NO_MEMORY. */
MUST_USE enum status topology_parts(
    const struct topology *topology, uint32_t *parts, uint32_t *count);

/* Least and greatest number of neighbours. */
MUST_USE enum status topology_degrees(
    const struct topology *topology, uint32_t *least, uint32_t *most);

#endif
