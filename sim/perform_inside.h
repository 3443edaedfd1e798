/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PERFORM_INSIDE_H
#define SIM_PERFORM_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scene.h"

/* Between perform_relay.c (one case an effect) and perform_shelf.c. */

/* Where an effect happens. */
struct place {
    struct scene *scene;
    struct world *world;
    struct node *node;
    uint32_t index;
    bool from_peer;
    uint32_t parting;   /* a link over which it has said goodbye */
    uint32_t given;     /* an envelope of its own vault's, or SLAB_NONE */
    uint32_t restamped; /* goes once more to whom it went to; or SLAB_NONE */
};

/* The envelope that an effect names; false, and a violation, where nobody made
 * it. */
bool perform_find(
    struct place *place, const struct relay_effect *effect, uint32_t *number);

/* perform_shelf.c: what is done to an envelope on a node's disk. */
void perform_store(struct place *place, const struct relay_effect *effect);
void perform_restamp(struct place *place, const struct relay_effect *effect);
void perform_clear(struct place *place, const struct relay_effect *effect);
/* ... it is evicted, or forgotten. */
void perform_change(struct place *place, const struct relay_effect *effect,
    enum ledger_state state);

/* Hand it to the vault; all that the disk has under a tag. */
void perform_deliver(struct place *place, const struct relay_effect *effect);
void perform_find_tag(struct place *place, const struct relay_effect *effect);

/* To the node's vault, or to what stands in its place (sim/bare.h). */
void perform_tell(struct place *place, const struct port_message *message);

#endif
