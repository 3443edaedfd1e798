/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TURN_H
#define SIM_TURN_H

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

struct turn {
    struct world *world;
    uint32_t node;
    struct batch *first; /* to be performed */
    struct batch *last;
    struct batch *spare;
    uint32_t *held; /* envelopes that steps of this turn borrow */
    size_t held_count;
    size_t held_capacity;
};

void turn_init(struct turn *turn, struct world *world);
void turn_clear(struct turn *turn);

/* Begin a turn at a node; end it, when every batch has been performed. */
void turn_begin(struct turn *turn, uint32_t node);
void turn_end(struct turn *turn);

/* Step an engine of the turn's node; the times of the event are filled in.
 * Nothing happens when the engine is not there. */
void turn_relay(struct turn *turn, struct relay_event *event, bool from_peer);
void turn_vault(struct turn *turn, struct vault_event *event);
void turn_request(
    struct turn *turn, uint64_t client, const struct control_request *request);
void turn_port(struct turn *turn, const struct port_message *message);

/* Hold an envelope until the turn ends. */
void turn_hold(struct turn *turn, uint32_t number);

/* The next batch to perform, or NULL; and hand it back. */
struct batch *turn_next(struct turn *turn);
void turn_performed(struct turn *turn, struct batch *batch);

#endif
