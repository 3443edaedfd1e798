/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_OVERLAY_H
#define SIM_OVERLAY_H

#include <stdint.h>

#include "base/status.h"
#include "sim/topology.h"

/* Work out how a mesh hangs together, into values by enum metric: clustering
 * (Watts and Strogatz 1998) and path_mean, over nodes that have an edge.  An
 * edge that is given twice, or from both its ends, counts once.
 * STATUS_NO_MEMORY. */
MUST_USE enum status overlay_measure(
    const struct topology *mesh, uint64_t *values);

#endif
