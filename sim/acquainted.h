/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ACQUAINTED_H
#define SIM_ACQUAINTED_H

#include "sim/edges.h"
#include "sim/world.h"

/* Which nodes could know of each other, whatever has befallen them: those that
 * were told of one another and have not died for good, and whoever has ever
 * held an edge with them.  A mesh cannot find a node that nobody living was
 * told of, and that was told of nobody who lives. */
struct acquainted {
    uint32_t *met;    /* union-find, by node: whoever has held an edge */
    uint32_t *above;  /* the same, and whoever was told, as of the last look */
    uint32_t *living; /* by root of those: nodes that are not dead */
    uint64_t looked_us; /* UINT64_MAX: not yet */
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status acquainted_init(
    struct acquainted *acquainted, uint32_t nodes);
void acquainted_clear(struct acquainted *acquainted);

/* A node holds these edges, of which those count that both ends hold. */
void acquainted_meet(
    struct acquainted *acquainted, const struct edges_held *held);

/* How many living nodes, itself included, could know of a node or of one
 * another by way of each other. */
uint32_t acquainted_with(
    struct acquainted *acquainted, const struct world *world, uint32_t node);

/* Whom each stands under (union_find.h), where all that could know of each
 * other belong together: no mesh can be in fewer parts.  Borrowed. */
uint32_t *acquainted_above(
    struct acquainted *acquainted, const struct world *world);

#endif
