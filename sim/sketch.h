/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SKETCH_H
#define SIM_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sim/edge_list.h"
#include "sim/world.h"

/* The whole mesh at one moment: who is up, and which links are open.  Each part
 * of a mesh writes down its own nodes, and all that was written is read
 * together. */
struct sketch_end {
    uint32_t peer; /* a node */
    uint32_t is_eager;
};

struct sketch_node {
    uint32_t node;
    uint32_t shelf; /* a digest of what it stores */
    uint32_t end_count;
    struct sketch_end ends[];
};

struct sketch {
    const struct sketch_node **of; /* by node; NULL: it is down */
    uint32_t node_count;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status sketch_init(struct sketch *sketch, uint32_t nodes);
void sketch_clear(struct sketch *sketch);

/* Write down the nodes that a world moves, and of each end of a link whether it
 * is eager, where that is asked for; else none is.  STATUS_NO_MEMORY. */
MUST_USE enum status sketch_write(
    const struct world *world, bool has_eager, struct buf *out);

/* Begin with an empty mesh; add what one part wrote, which is borrowed and
 * begins at a multiple of four bytes. */
void sketch_begin(struct sketch *sketch);
void sketch_add(struct sketch *sketch, struct span part);

/* The links that are up, each once, in the order of their lesser ends.  The
 * list is appended to.  STATUS_NO_MEMORY. */
MUST_USE enum status sketch_edges(
    const struct sketch *sketch, struct edge_list *out);

#endif
