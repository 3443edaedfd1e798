/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record a node, found by its number; nothing is copied on reading.  Made
 * anew each time that somebody looks: nothing has to be kept in step with the
 * engines. */
#include "sim/sketch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum status sketch_init(struct sketch *sketch, uint32_t nodes)
{
    *sketch = (struct sketch){.node_count = nodes};
    sketch->of = calloc(nodes, sizeof(const struct sketch_node *));
    return sketch->of ? STATUS_OK : STATUS_NO_MEMORY;
}

void sketch_clear(struct sketch *sketch)
{
    free(sketch->of);
    *sketch = (struct sketch){0};
}

static bool is_among(const uint32_t *numbers, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* eager: room for the numbers of a node's eager links; NULL: nobody asks. */
static enum status write_node(
    const struct node *node, uint32_t index, uint32_t *eager, struct buf *out)
{
    size_t eager_count =
        eager && node->link_count > 0 ? relay_eager(node->relay, eager) : 0;
    struct sketch_node head = {
        .node = index, .shelf = (uint32_t)node->shelf_digest};
    for (uint32_t i = 0; i < node->link_count; i++)
        head.end_count += node->links[i].peer_number != 0;
    uint8_t *at;
    enum status status = buf_extend(
        out, sizeof(head) + head.end_count * sizeof(struct sketch_end), &at);
    if (status)
        return status;
    memcpy(at, &head, sizeof(head));
    at += sizeof(head);
    for (uint32_t i = 0; i < node->link_count; i++) {
        const struct link *link = &node->links[i];
        if (link->peer_number == 0)
            continue;
        struct sketch_end end = {.peer = link->peer,
            .is_eager = is_among(eager, eager_count, link->number)};
        memcpy(at, &end, sizeof(end));
        at += sizeof(end);
    }
    return STATUS_OK;
}

enum status sketch_write(
    const struct world *world, bool has_eager, struct buf *out)
{
    enum status status = STATUS_OK;
    uint32_t eager[LIMIT_LINKS] = {0};
    for (uint32_t i = world->first_node; i < world->end_node && !status; i++)
        if (world->nodes[i].relay)
            status =
                write_node(&world->nodes[i], i, has_eager ? eager : NULL, out);
    return status;
}

void sketch_begin(struct sketch *sketch)
{
    for (uint32_t i = 0; i < sketch->node_count; i++)
        sketch->of[i] = NULL;
}

void sketch_add(struct sketch *sketch, struct span part)
{
    for (size_t at = 0; at < part.size;) {
        const struct sketch_node *node =
            (const struct sketch_node *)(const void *)(part.data + at);
        assert(node->node < sketch->node_count);
        sketch->of[node->node] = node;
        at += sizeof(*node) + node->end_count * sizeof(*node->ends);
    }
}

enum status sketch_edges(const struct sketch *sketch, struct edge_list *out)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < sketch->node_count; i++) {
        const struct sketch_node *node = sketch->of[i];
        for (uint32_t k = 0; node && k < node->end_count && !status; k++)
            if (i < node->ends[k].peer)
                status = edge_list_add(out, i, node->ends[k].peer);
    }
    return status;
}
