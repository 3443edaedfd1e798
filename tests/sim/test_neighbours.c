/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape of a mesh, by what its nodes say of their links. */
#include "sim/live/neighbours.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

enum { NODES = 5 };

static struct neighbours mesh;

static void name(uint32_t node, char out[CONTROL_NODE_KEY_CHARS + 1])
{
    snprintf(out, CONTROL_NODE_KEY_CHARS + 1, "%064u", (unsigned)node);
}

/* A node says that it is linked with these, the last of which is dialling. */
static void says(uint32_t node, const uint32_t *peers, size_t count)
{
    struct control_link links[8];
    struct control_relay_status status = {.links = links, .link_count = count};
    name(node, status.key);
    for (size_t i = 0; i < count; i++) {
        links[i] =
            (struct control_link){.state = i + 1 < count ? "up" : "dialling"};
        name(peers[i], links[i].key);
    }
    need(neighbours_read(&mesh, node, &status) == STATUS_OK);
}

int main(void)
{
    struct graph_shape shape;
    uint32_t alone;
    need(neighbours_init(&mesh, NODES) == STATUS_OK);
    for (uint32_t i = 0; i < NODES; i++)
        says(i, NULL, 0);
    need(neighbours_shape(&mesh, &shape, &alone) == STATUS_OK);
    ok(shape.components == NODES && alone == NODES && shape.nodes == NODES,
        "without links each is alone");
    /* 0 - 1 - 2, and 3 who thinks it is linked with 4. */
    says(0, (const uint32_t[]){1, 4}, 2);
    says(1, (const uint32_t[]){0, 2, 4}, 3);
    says(2, (const uint32_t[]){1, 77, 4}, 3);
    says(3, (const uint32_t[]){4, 0}, 2);
    need(neighbours_shape(&mesh, &shape, &alone) == STATUS_OK);
    ok(shape.components == 3 && alone == 1, "an edge is what both ends have");
    ok(shape.degrees[0] == 1 && shape.degrees[1] == 3 && shape.degrees[2] == 1,
        "who is still dialled, or not known, is no neighbour");
    neighbours_forget(&mesh, 1);
    need(neighbours_shape(&mesh, &shape, &alone) == STATUS_OK);
    ok(shape.nodes == 4 && shape.components == 4,
        "a node that is down is of no part");
    neighbours_clear(&mesh);
    return tap_done();
}
