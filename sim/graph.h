/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/limits.h"
#include "relay/member.h"
#include "sim/acquainted.h"
#include "sim/edges.h"
#include "sim/world.h"

/* The mesh that membership has made, looked at as a whole: which edges both
 * ends hold, how many neighbours nodes have, and whether it is one. */

enum { GRAPH_DEGREES = LIMIT_LINKS + 1, GRAPH_CYCLES = 3 };

/* So long it takes to find neighbours again. */
#define GRAPH_CALM_US (GRAPH_CYCLES * MEMBER_CYCLE_MOST_MS * UINT64_C(1000))

struct graph_shape {
    uint32_t nodes;      /* that are up */
    uint32_t components; /* with an honest one, by edges that both ends hold */
    uint32_t one_sided;  /* edges that only one end holds */
    uint32_t in_band;    /* nodes with a degree in the band */
    uint32_t degrees[GRAPH_DEGREES]; /* nodes of each degree */
};

/* A node with fewer neighbours than the band has, or more. */
struct graph_odd {
    uint64_t below_since_us; /* too few; 0: enough, or nobody could have more */
    uint32_t node;
};

/* What has been so since when, for what may be so for a while only. */
struct graph {
    struct graph_shape shape;
    struct edges edges;
    struct acquainted acquainted;
    uint64_t checks;       /* a second, of what our world moves */
    uint32_t *above;       /* union-find, by node */
    uint8_t *is_counted;   /* by root: its component has been */
    uint8_t *is_odd;       /* by node: it is in the list */
    struct graph_odd *odd; /* of our world's own honest nodes */
    size_t odd_count;
    size_t odd_capacity;
    uint64_t apart_since_us; /* more than one component; 0: one */
    uint64_t fault_us;       /* the last, as of the last look */
    uint64_t healed_us; /* from the last fault until it was one; UINT64_MAX:
                           not yet */
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status graph_init(struct graph *graph, uint32_t nodes);
void graph_clear(struct graph *graph);

/* Take what nodes of one part of the run have said of their edges, as
 * edges_write wrote it. */
void graph_take(
    struct graph *graph, const struct world *world, struct span part);

/* Look at the mesh, once a virtual second, when all have said what has changed,
 * and hold it to invariant 2; what is about one node is checked by the world
 * that moves it:
 *
 *   - an edge is held by both ends, but for the time that it takes to notice
 *     that the other end has gone;
 *   - no node has more neighbours than the band has, and those it was told to
 *     keep;
 *   - three cycles after the last fault all nodes that are up are one
 *     component, and each has as many neighbours as the band asks for, where
 *     there are so many nodes.  Whom nobody living was ever told of, and who
 *     was told of nobody who lives (acquainted.h), is beyond the mesh. */
void graph_look(struct graph *graph, struct world *world);

/* Note whether the mesh is one now, for what heals and when; graph_look does
 * so itself. */
void graph_note(
    struct graph *graph, uint64_t now_us, uint64_t fault_us, bool is_one);

/* Least, most and mean (in parts per million) number of neighbours. */
uint32_t graph_least(const struct graph_shape *shape);
uint32_t graph_most(const struct graph_shape *shape);
uint64_t graph_mean_ppm(const struct graph_shape *shape);

/* What of it are metrics of a run, into values by enum metric. */
void graph_measure(const struct graph *graph, uint64_t *values);

#endif
