/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SCENE_H
#define SIM_SCENE_H

#include "sim/world.h"

/* What one event sets off at one node.  A step of either engine makes a batch
 * of effects; batches are performed in the order in which the steps were made,
 * and performing one may make further steps.  So the effects of each engine
 * are performed in order, no engine is called while its effects are read, and
 * port messages are immediate and ordered. */
struct batch {
    struct batch *next;
    bool from_vault;
    bool from_peer; /* set off by a frame that came over a link */
    struct relay_effects relay;
    struct vault_effects vault;
};

struct scene {
    struct world *world;
    uint32_t node;
    uint32_t from;    /* the node whose frame set it off */
    uint32_t by_link; /* ... over this link of the node's own */
    bool by_stem;     /* ... a STEM */
    bool by_stem_receipt;
    uint16_t hops;       /* ... and how far its envelope had come, from 1 */
    uint64_t walk;       /* ... a SHUFFLE, of that walk; else 0 */
    bool walks_on;       /* ... which went on, or was answered */
    uint32_t submitted;  /* an envelope of the vault's batch at hand */
    struct batch *first; /* to be performed */
    struct batch *last;  /* where there is a first */
    struct batch *spare;
    uint32_t *held; /* envelopes that steps of this scene borrow */
    size_t held_count;
    size_t held_capacity;
};

void scene_init(struct scene *scene, struct world *world);
void scene_clear(struct scene *scene);

/* Begin a scene at a node; end it, when every batch has been performed. */
void scene_begin(struct scene *scene, uint32_t node);
void scene_end(struct scene *scene);

/* Step an engine of the scene's node; the times of the event are filled in.
 * Nothing happens when the engine is not there. */
void scene_relay(
    struct scene *scene, struct relay_event *event, bool from_peer);
void scene_vault(struct scene *scene, struct vault_event *event);
void scene_request(struct scene *scene, uint64_t client,
    const struct control_request *request);
void scene_port(struct scene *scene, const struct port_message *message);

/* The scene's vault refused what a person asked of it; the first is kept. */
void scene_refused(struct scene *scene, const struct control_reply *reply);

/* Hold an envelope until the scene ends. */
void scene_hold(struct scene *scene, uint32_t number);

/* The next batch to perform, or NULL; and hand it back. */
static inline struct batch *scene_next(struct scene *scene)
{
    struct batch *batch = scene->first;
    if (batch)
        scene->first = batch->next;
    return batch;
}
void scene_performed(struct scene *scene, struct batch *batch);

#endif
