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
    uint32_t peer_number;
    uint32_t number : 30; /* of the link, at this end and at the other */
    uint32_t is_edge : 1; /* this end holds it so */
    uint32_t is_eager : 1;
};

struct sketch_node {
    uint32_t node;
    uint32_t degree; /* edges that it holds */
    uint32_t shelf;  /* a digest of what it stores */
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

/* Write down the nodes that a world moves, and what is asked for of each end of
 * a link; what is not is false.  STATUS_NO_MEMORY. */
enum { SKETCH_EDGES = 1, SKETCH_EAGER = 2 };
MUST_USE enum status sketch_write(
    const struct world *world, unsigned asked, struct buf *out);

/* Begin with an empty mesh; add what one part wrote, which is borrowed and
 * begins at a multiple of four bytes. */
void sketch_begin(struct sketch *sketch);
void sketch_add(struct sketch *sketch, struct span part);

/* The links that are up, each once, in the order of their lesser ends.  The
 * list is appended to.  STATUS_NO_MEMORY. */
MUST_USE enum status sketch_edges(
    const struct sketch *sketch, struct edge_list *out);

/* Whether a node holds an edge of that number. */
bool sketch_holds(const struct sketch *sketch, uint32_t node, uint32_t number);

#endif
