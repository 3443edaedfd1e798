/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EDGES_H
#define SIM_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "sim/world.h"

/* The edges that nodes hold, where they find their neighbours: of each node
 * that is up, what it said last.  A node says it when it has changed, so a mesh
 * in which nothing does costs nothing. */
struct edge_end {
    uint32_t peer; /* a node */
    uint32_t peer_number;
    uint32_t number : 30;  /* of the link, at this end and at the other */
    uint32_t is_whole : 1; /* the other end holds it, too */
    uint32_t is_lone : 1;  /* it is in the list of those that are not */
};

/* What one node says.  Sybils say nothing, and nobody names them: an attacker's
 * ids are no part of the mesh. */
struct edges_held {
    uint32_t node;
    uint32_t is_up;
    uint32_t degree; /* edges, to sybils too */
    uint32_t end_count;
    struct edge_end ends[]; /* in the order of their numbers */
};

struct edges_lone {
    uint64_t since_us;
    uint32_t node;
    uint32_t number;
};

struct edges {
    struct edges_held **of; /* by node; NULL: it is down, or a sybil */
    uint32_t node_count;
    struct edges_lone *lone; /* ends whose peer does not hold them */
    size_t lone_count;
    size_t lone_capacity;
    bool is_regrouped; /* nodes may hang together in another way: whoever has
                          seen to that says no again */
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status edges_init(struct edges *edges, uint32_t nodes);
void edges_clear(struct edges *edges);

/* Something has happened at a node of a world's own: if it has other edges by
 * now, it will say so. */
void edges_note(struct world *world, uint32_t node);

/* Append what those have to say that have changed since the last time; the
 * second is over for them.  STATUS_NO_MEMORY. */
MUST_USE enum status edges_write(struct world *world, struct buf *out);

/* Bytes of what was written, which begins at a multiple of four. */
static inline size_t edges_held_bytes(const struct edges_held *held)
{
    return sizeof(*held) + held->end_count * sizeof(*held->ends);
}

/* Take what a node has said, which is copied.  STATUS_NO_MEMORY. */
MUST_USE enum status edges_put(
    struct edges *edges, const struct edges_held *said, uint64_t now_us);

/* Strike off the list of lone ends what is none by now. */
void edges_sweep(struct edges *edges);

#endif
