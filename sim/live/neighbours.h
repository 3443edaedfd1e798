/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_NEIGHBOURS_H
#define SIM_LIVE_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "proto/control.h"
#include "proto/limits.h"
#include "sim/graph.h"

/* Who is linked with whom, by what each node says of its links. */
struct neighbours_of {
    bool is_up;
    uint32_t count;
    uint32_t list[LIMIT_LINKS];
};

struct neighbours {
    uint32_t nodes;
    struct table keys; /* a node's key as text, to its number */
    struct neighbours_of *of;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status neighbours_init(
    struct neighbours *neighbours, uint32_t nodes);
void neighbours_clear(struct neighbours *neighbours);

/* A node's status: its key, which it keeps, and its links that are up.  Links
 * to nodes whose status has not been read yet are left out.
 * STATUS_NO_MEMORY. */
MUST_USE enum status neighbours_read(struct neighbours *neighbours,
    uint32_t node, const struct control_relay_status *status);

/* A node is down: until its next status. */
void neighbours_forget(struct neighbours *neighbours, uint32_t node);

/* The shape of the mesh, of the nodes that are up, and how many of them have no
 * link.  An edge is a link that both ends have.  STATUS_NO_MEMORY. */
MUST_USE enum status neighbours_shape(const struct neighbours *neighbours,
    struct graph_shape *out, uint32_t *alone);

/* How it hangs together, into values, as overlay_measure. */
MUST_USE enum status neighbours_overlay(
    const struct neighbours *neighbours, uint64_t *values);

#endif
