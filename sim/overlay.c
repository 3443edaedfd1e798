/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edges are laid out as a row of neighbours for each node, sorted, so that
 * whether two are neighbours is a binary search.  Ways are counted breadth
 * first from every node, or from some hundred spread evenly over their numbers
 * where there are more: the mean over pairs is then a sample's. */
#include "sim/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/units.h"

enum { WAYS_FROM = 256 };

struct rows {
    uint32_t nodes;
    size_t *from; /* where each node's row begins; nodes + 1 */
    uint32_t *to;
    uint32_t *size;     /* of each row, doubles gone */
    uint32_t *distance; /* of one search; UINT32_MAX: not reached */
    uint32_t *queue;
};

static int compare_nodes(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void rows_clear(struct rows *rows)
{
    free(rows->from);
    free(rows->to);
    free(rows->size);
    free(rows->distance);
    free(rows->queue);
}

static enum status rows_allocate(const struct topology *mesh, struct rows *out)
{
    size_t nodes = mesh->nodes;
    *out = (struct rows){.nodes = mesh->nodes,
        .from = calloc(nodes + 1, sizeof(*out->from)),
        .to = malloc((2 * mesh->edge_count + 1) * sizeof(*out->to)),
        .size = calloc(nodes + 1, sizeof(*out->size)),
        .distance = malloc((nodes + 1) * sizeof(*out->distance)),
        .queue = malloc((nodes + 1) * sizeof(*out->queue))};
    if (out->from && out->to && out->size && out->distance && out->queue)
        return STATUS_OK;
    rows_clear(out);
    return STATUS_NO_MEMORY;
}

static void rows_sort(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->nodes; i++) {
        uint32_t *row = &rows->to[rows->from[i]], kept = 0;
        if (rows->size[i] > 1)
            qsort(row, rows->size[i], sizeof(*row), compare_nodes);
        for (uint32_t k = 0; k < rows->size[i]; k++)
            if (kept == 0 || row[kept - 1] != row[k])
                row[kept++] = row[k];
        rows->size[i] = kept;
    }
}

static void rows_fill(const struct topology *mesh, struct rows *rows)
{
    for (size_t i = 0; i < mesh->edge_count; i++) {
        rows->from[mesh->edges[i].from + 1]++;
        rows->from[mesh->edges[i].to + 1]++;
    }
    for (uint32_t i = 0; i < rows->nodes; i++)
        rows->from[i + 1] += rows->from[i];
    for (size_t i = 0; i < mesh->edge_count; i++) {
        uint32_t a = mesh->edges[i].from, b = mesh->edges[i].to;
        rows->to[rows->from[a] + rows->size[a]++] = b;
        rows->to[rows->from[b] + rows->size[b]++] = a;
    }
    rows_sort(rows);
}

static bool are_neighbours(const struct rows *rows, uint32_t a, uint32_t b)
{
    return bsearch(&b, &rows->to[rows->from[a]], rows->size[a],
               sizeof(*rows->to), compare_nodes) != NULL;
}

/* The share of a node's pairs of neighbours that are neighbours. */
static uint64_t clustering_of(const struct rows *rows, uint32_t node)
{
    const uint32_t *row = &rows->to[rows->from[node]];
    uint64_t pairs = 0, joined = 0;
    for (uint32_t i = 0; i < rows->size[node]; i++)
        for (uint32_t k = i + 1; k < rows->size[node]; k++, pairs++)
            joined += are_neighbours(rows, row[i], row[k]);
    return pairs ? joined * PPM / pairs : 0;
}

static uint64_t clustering(const struct rows *rows)
{
    uint64_t sum_ppm = 0, nodes = 0;
    for (uint32_t i = 0; i < rows->nodes; i++) {
        nodes += rows->size[i] > 0;
        sum_ppm += clustering_of(rows, i);
    }
    return nodes ? sum_ppm / nodes : 0;
}

/* Add up the links from one node to all that it reaches. */
static void add_ways(
    struct rows *rows, uint32_t source, uint64_t *links, uint64_t *ways)
{
    size_t head = 0, tail = 0;
    memset(rows->distance, 0xff, rows->nodes * sizeof(*rows->distance));
    rows->distance[source] = 0;
    rows->queue[tail++] = source;
    while (head < tail) {
        uint32_t node = rows->queue[head++];
        *links += rows->distance[node];
        for (uint32_t k = 0; k < rows->size[node]; k++) {
            uint32_t next = rows->to[rows->from[node] + k];
            if (rows->distance[next] != UINT32_MAX)
                continue;
            rows->distance[next] = rows->distance[node] + 1;
            rows->queue[tail++] = next;
        }
    }
    *ways += tail - 1;
}

static uint64_t path_mean(struct rows *rows)
{
    uint64_t links = 0, ways = 0;
    uint32_t step = 1 + (rows->nodes - 1) / WAYS_FROM;
    for (uint32_t i = 0; i < rows->nodes; i += step)
        if (rows->size[i] > 0)
            add_ways(rows, i, &links, &ways);
    return ways ? links * PPM / ways : 0;
}

enum status overlay_measure(const struct topology *mesh, uint64_t *values)
{
    struct rows rows;
    enum status status = rows_allocate(mesh, &rows);
    if (status)
        return status;
    rows_fill(mesh, &rows);
    values[METRIC_CLUSTERING] = clustering(&rows);
    values[METRIC_PATH_MEAN] = path_mean(&rows);
    rows_clear(&rows);
    return STATUS_OK;
}
