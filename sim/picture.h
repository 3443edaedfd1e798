/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PICTURE_H
#define SIM_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/edge_list.h"
#include "sim/letters.h"

/* How one letter spread: the mesh as it was at the end of the second in which
 * the letter was written, and when each node had its envelope, and from whom.
 * The letter is the middle one by the time at which they are to be written: by
 * then the mesh has settled. */
enum { PICTURE_NODES = 10000 }; /* of a larger mesh there is none */

struct picture_arrival {
    bool is_there;
    uint32_t from; /* a node; the writer's own is itself */
    uint64_t at_us;
};

struct picture {
    uint32_t letter;
    bool is_written;
    bool is_due; /* for the mesh's links */
    uint64_t began_us;
    struct picture_arrival *arrivals; /* by node */
    struct edge_list links;
};

/* A picture of some letters, one or more, in a mesh of so many nodes.
 * STATUS_NO_MEMORY. */
MUST_USE enum status picture_new(
    const struct letters *letters, uint32_t nodes, struct picture **out);
void picture_free(struct picture *picture);

/* The letter was written; its envelope has come to a node.  The second does
 * nothing where there is no picture. */
void picture_begin(
    struct picture *picture, const struct letter_fate *fate, uint64_t now_us);
void picture_came(
    struct picture *picture, const struct topology_edge *way, uint64_t now_us);

#endif
