/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing array. */
#include "sim/edge_list.h"

#include <stdlib.h>

enum status edge_list_add(struct edge_list *list, uint32_t from, uint32_t to)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        struct topology_edge *edges =
            realloc(list->edges, capacity * sizeof(*edges));
        if (!edges)
            return STATUS_NO_MEMORY;
        list->edges = edges;
        list->capacity = capacity;
    }
    list->edges[list->count++] = (struct topology_edge){from, to};
    return STATUS_OK;
}

void edge_list_clear(struct edge_list *list)
{
    free(list->edges);
    *list = (struct edge_list){0};
}
