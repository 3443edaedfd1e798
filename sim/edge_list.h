/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EDGE_LIST_H
#define SIM_EDGE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Who is linked with whom.  The first end of an edge dials it. */
struct topology_edge {
    uint32_t from;
    uint32_t to;
};

struct edge_list {
    struct topology_edge *edges;
    size_t count;
    size_t capacity;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status edge_list_add(
    struct edge_list *list, uint32_t from, uint32_t to);
void edge_list_clear(struct edge_list *list);

#endif
