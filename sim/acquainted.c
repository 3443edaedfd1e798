/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has met is never forgotten, not even through somebody who has died since:
 * a node that had a neighbour could have asked it for others, and if it stays
 * alone the mesh is to blame.  Worked out only when a judge is about to find
 * fault, so that a mesh in order pays for a union of the edges that come. */
#include "sim/acquainted.h"

#include <stdlib.h>
#include <string.h>

#include "sim/union_find.h"

enum status acquainted_init(struct acquainted *acquainted, uint32_t nodes)
{
    *acquainted =
        (struct acquainted){.met = malloc(nodes * sizeof(*acquainted->met)),
            .above = malloc(nodes * sizeof(*acquainted->above)),
            .living = malloc(nodes * sizeof(*acquainted->living)),
            .looked_us = UINT64_MAX};
    if (!acquainted->met || !acquainted->above || !acquainted->living)
        return STATUS_NO_MEMORY;
    union_find_init(acquainted->met, nodes);
    return STATUS_OK;
}

void acquainted_clear(struct acquainted *acquainted)
{
    free(acquainted->met);
    free(acquainted->above);
    free(acquainted->living);
    *acquainted = (struct acquainted){0};
}

void acquainted_meet(
    struct acquainted *acquainted, const struct edges_held *held)
{
    for (uint32_t i = 0; i < held->end_count; i++)
        if (held->ends[i].is_whole)
            union_find_join(acquainted->met, held->node, held->ends[i].peer);
}

static void look(struct acquainted *acquainted, const struct world *world)
{
    uint32_t *above = acquainted->above;
    const size_t bytes = world->node_count * sizeof(*above);
    const struct topology *told = &world->topology;
    memcpy(above, acquainted->met, bytes);
    for (size_t i = 0; i < told->edge_count; i++)
        if (!world_has_died(world, told->edges[i].from) &&
            !world_has_died(world, told->edges[i].to))
            union_find_join(above, told->edges[i].from, told->edges[i].to);
    memset(acquainted->living, 0, bytes);
    for (uint32_t i = 0; i < world->node_count; i++)
        acquainted->living[union_find_root(above, i)] +=
            !world_has_died(world, i);
    acquainted->looked_us = world->now_us;
}

uint32_t *acquainted_above(
    struct acquainted *acquainted, const struct world *world)
{
    if (acquainted->looked_us != world->now_us)
        look(acquainted, world);
    return acquainted->above;
}

uint32_t acquainted_with(
    struct acquainted *acquainted, const struct world *world, uint32_t node)
{
    uint32_t *above = acquainted_above(acquainted, world);
    return acquainted->living[union_find_root(above, node)];
}
