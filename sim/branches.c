/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An edge of which one end alone is eager counts: what comes from there passes,
 * and what comes from the other side makes the other end ask for it back.  As
 * for the graph of neighbours, all is looked at anew each second. */
#include "sim/branches.h"

#include <stdlib.h>

enum status branches_init(struct branches *branches, uint32_t nodes)
{
    *branches = (struct branches){0};
    branches->by_link = malloc(nodes * sizeof(*branches->by_link));
    branches->by_eager = malloc(nodes * sizeof(*branches->by_eager));
    return branches->by_link && branches->by_eager ? STATUS_OK
                                                   : STATUS_NO_MEMORY;
}

void branches_clear(struct branches *branches)
{
    free(branches->by_link);
    free(branches->by_eager);
    *branches = (struct branches){0};
}

static uint32_t root_of(uint32_t *above, uint32_t node)
{
    while (above[node] != node) {
        above[node] = above[above[node]];
        node = above[node];
    }
    return node;
}

static void join(uint32_t *above, uint32_t *parts, uint32_t a, uint32_t b)
{
    a = root_of(above, a);
    b = root_of(above, b);
    if (a == b)
        return;
    above[a > b ? a : b] = a > b ? b : a;
    (*parts)--;
}

static void look_at_node(
    struct branches *branches, struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    uint32_t eager[LIMIT_LINKS];
    branches->is_judged &= node->lot.role == ROLE_HONEST;
    if (!node->relay)
        return;
    for (uint32_t i = 0; i < node->link_count; i++)
        if (node->links[i].peer_number != 0 &&
            world->nodes[node->links[i].peer].relay)
            join(branches->by_link, &branches->link_parts, index,
                node->links[i].peer);
    size_t count = relay_eager(node->relay, eager);
    for (size_t i = 0; i < count; i++) {
        const struct link *link = world_link(node, eager[i]);
        if (link && world->nodes[link->peer].relay)
            join(branches->by_eager, &branches->eager_parts, index, link->peer);
    }
}

void branches_judge(
    struct branches *branches, struct world *world, uint64_t payloads_new)
{
    if (!branches->is_judged || branches->eager_parts <= branches->link_parts) {
        branches->apart_since_us = 0;
        return;
    }
    if (branches->apart_since_us == 0) {
        branches->apart_since_us = world->now_us;
        branches->apart_since_new = payloads_new;
    }
    uint64_t apart_us = world->now_us - branches->apart_since_us;
    uint64_t envelopes =
        (payloads_new - branches->apart_since_new) / branches->nodes;
    oracle_check(&world->oracle,
        apart_us <= BRANCHES_MENDED_S * UINT64_C(1000000) ||
            envelopes < BRANCHES_ENVELOPES,
        3, WORLD_ITSELF, world->now_us,
        "eager edges have not connected for long");
}

void branches_look(struct branches *branches, struct world *world)
{
    branches->nodes = (uint32_t)world->counts.nodes_up;
    branches->is_judged =
        world->scenario.loss_ppm == 0 && !world->is_split &&
        world->now_us > world->fault_us + BRANCHES_MENDED_S * UINT64_C(1000000);
    if (!branches->is_judged) {
        branches->apart_since_us = 0;
        return;
    }
    if (branches->seen_new == world->counts.payloads_new)
        return;
    branches->seen_new = world->counts.payloads_new;
    branches->link_parts = branches->eager_parts = branches->nodes;
    for (uint32_t i = 0; i < world->node_count; i++)
        branches->by_link[i] = branches->by_eager[i] = i;
    for (uint32_t i = 0; i < world->node_count; i++)
        look_at_node(branches, world, i);
    branches_judge(branches, world, world->counts.payloads_new);
}
