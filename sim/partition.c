/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contiguous ranges, not remainders: neighbours in a grid or a street have near
 * numbers, nodes of one range lie together in memory, and the others' places in
 * an array are never touched. */
#include "sim/partition.h"

#include <assert.h>
#include <stdlib.h>

/* What a node has to do, by its links; one that has none has timers. */
static void weigh(uint64_t *weights, const struct topology *topology,
    const struct meetings *meetings)
{
    for (uint32_t i = 0; i < topology->nodes; i++)
        weights[i]++;
    for (size_t i = 0; i < topology->edge_count; i++) {
        weights[topology->edges[i].from]++;
        weights[topology->edges[i].to]++;
    }
    for (size_t i = 0; i < meetings->count; i++) {
        weights[meetings->list[i].one]++;
        weights[meetings->list[i].other]++;
    }
}

enum status partition_cut(struct partition *partition, uint32_t parts,
    const struct topology *topology, const struct meetings *meetings)
{
    uint32_t nodes = topology->nodes, node = 0;
    assert(parts > 0 && parts <= PARTITION_PARTS && parts <= nodes);
    uint64_t *weights = calloc(nodes, sizeof(*weights));
    if (!weights)
        return STATUS_NO_MEMORY;
    weigh(weights, topology, meetings);
    uint64_t all = 0, before = 0;
    for (uint32_t i = 0; i < nodes; i++)
        all += weights[i];
    *partition = (struct partition){.parts = parts};
    for (uint32_t part = 1; part < parts; part++) {
        /* At least one here, and one for each part that is to come. */
        do
            before += weights[node++];
        while (before < all * part / parts && node < nodes - (parts - part));
        partition->bounds[part] = node;
    }
    partition->bounds[parts] = nodes;
    free(weights);
    return STATUS_OK;
}

uint32_t partition_of(const struct partition *partition, uint32_t node)
{
    uint32_t low = 0, high = partition->parts;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (node < partition->bounds[middle])
            high = middle;
        else
            low = middle;
    }
    return low;
}
