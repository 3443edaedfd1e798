/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A neighbour here is a link that is up, from outside there is no more to see:
 * an engine also knows links that it keeps and no longer counts as edges, for
 * the moment until they end. */
#include "sim/live/neighbours.h"

#include <stdlib.h>
#include <string.h>

#include "relay/member.h"
#include "sim/overlay.h"
#include "sim/topology.h"

struct by_key {
    char key[CONTROL_NODE_KEY_CHARS];
    uint32_t node;
};

enum status neighbours_init(struct neighbours *neighbours, uint32_t nodes)
{
    *neighbours = (struct neighbours){
        .nodes = nodes, .of = calloc(nodes, sizeof(*neighbours->of))};
    table_init(&neighbours->keys, CONTROL_NODE_KEY_CHARS, sizeof(struct by_key),
        nodes, 0);
    return neighbours->of ? STATUS_OK : STATUS_NO_MEMORY;
}

void neighbours_clear(struct neighbours *neighbours)
{
    table_clear(&neighbours->keys);
    free(neighbours->of);
    *neighbours = (struct neighbours){0};
}

enum status neighbours_read(struct neighbours *neighbours, uint32_t node,
    const struct control_relay_status *status)
{
    struct neighbours_of *of = &neighbours->of[node];
    void *own;
    enum status added = table_add(&neighbours->keys, status->key, &own);
    if (added && added != STATUS_EXISTS)
        return added;
    ((struct by_key *)own)->node = node;
    of->is_up = true;
    of->count = 0;
    for (size_t i = 0; i < status->link_count && of->count < LIMIT_LINKS; i++) {
        const struct by_key *peer =
            table_find(&neighbours->keys, status->links[i].key);
        if (peer && strcmp(status->links[i].state, "up") == 0)
            of->list[of->count++] = peer->node;
    }
    return STATUS_OK;
}

void neighbours_forget(struct neighbours *neighbours, uint32_t node)
{
    neighbours->of[node].is_up = false;
    neighbours->of[node].count = 0;
}

static bool has(const struct neighbours_of *of, uint32_t node)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (of->list[i] == node)
            return true;
    return false;
}

static enum status list_edges(
    const struct neighbours *neighbours, struct edge_list *out)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < neighbours->nodes; i++)
        for (uint32_t k = 0; k < neighbours->of[i].count && !status; k++) {
            uint32_t peer = neighbours->of[i].list[k];
            if (i < peer && has(&neighbours->of[peer], i))
                status = edge_list_add(out, i, peer);
        }
    return status;
}

static enum status count_parts(
    const struct neighbours *neighbours, uint32_t *out)
{
    struct edge_list edges = {0};
    enum status status = list_edges(neighbours, &edges);
    const struct topology mesh = {.nodes = neighbours->nodes,
        .edges = edges.edges,
        .edge_count = edges.count};
    if (!status)
        status = topology_parts(&mesh, NULL, out);
    edge_list_clear(&edges);
    return status;
}

enum status neighbours_overlay(
    const struct neighbours *neighbours, uint64_t *values)
{
    struct edge_list edges = {0};
    enum status status = list_edges(neighbours, &edges);
    const struct topology mesh = {.nodes = neighbours->nodes,
        .edges = edges.edges,
        .edge_count = edges.count};
    if (!status)
        status = overlay_measure(&mesh, values);
    edge_list_clear(&edges);
    return status;
}

enum status neighbours_shape(const struct neighbours *neighbours,
    struct graph_shape *out, uint32_t *alone)
{
    uint32_t parts = 0;
    enum status status = count_parts(neighbours, &parts);
    if (status)
        return status;
    *out = (struct graph_shape){.components = parts};
    *alone = 0;
    for (uint32_t i = 0; i < neighbours->nodes; i++) {
        const struct neighbours_of *of = &neighbours->of[i];
        out->nodes += of->is_up;
        out->components -= !of->is_up; /* each is a part by itself */
        if (!of->is_up)
            continue;
        out->degrees[of->count]++;
        out->in_band += of->count >= MEMBER_LOW && of->count <= MEMBER_HIGH;
        *alone += of->count == 0;
    }
    return STATUS_OK;
}
