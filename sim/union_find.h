/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_UNION_FIND_H
#define SIM_UNION_FIND_H

#include <stdbool.h>
#include <stdint.h>

/* Which nodes belong together, by whom each stands under: at first under
 * itself.  With path halving (Tarjan and van Leeuwen 1984); the lesser of two
 * roots stays one, so that a part is known by its first node, whoever was
 * joined when. */
static inline void union_find_init(uint32_t *above, uint32_t nodes)
{
    for (uint32_t i = 0; i < nodes; i++)
        above[i] = i;
}

static inline uint32_t union_find_root(uint32_t *above, uint32_t node)
{
    while (above[node] != node) {
        above[node] = above[above[node]];
        node = above[node];
    }
    return node;
}

/* Make one part of those that two nodes belong to; false: they were one. */
static inline bool union_find_join(uint32_t *above, uint32_t a, uint32_t b)
{
    a = union_find_root(above, a);
    b = union_find_root(above, b);
    above[a > b ? a : b] = a > b ? b : a;
    return a != b;
}

#endif
