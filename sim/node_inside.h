/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_NODE_INSIDE_H
#define SIM_NODE_INSIDE_H

#include "sim/scene.h"

/* What the scenes of a node have in common, for those only who make them:
 * node.c (what comes to a node that is up), node_boot.c (how it comes up and
 * goes down), people_*.c (what its person does). */

static inline struct node *node_of(const struct scene *scene)
{
    return &scene->world->nodes[scene->node];
}

/* Perform until nothing is left to do. */
void node_settle(struct scene *scene);

/* That, and then the scene ends: the engines say when they want to be called
 * next. */
void node_finish(struct scene *scene);

/* The name of another end's contact, which is its node's number; it lies in
 * out. */
struct span node_contact_name(uint32_t node, char out[static 16]);

/* Its configuration names that peer. */
void node_keep_peer(struct scene *scene, uint32_t peer);

#endif
