/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_BARE_H
#define SIM_BARE_H

#include "sim/scene.h"

/* Letters without vaults ([node] crypto = none), as simulators of routing have
 * them: each is one envelope of the size that it would be sealed in, and its
 * text lies open there.  What stands here in a vault's place speaks to the
 * node's relay as one, through the port. */

/* The scene's node writes a letter of the workload. */
void bare_write(struct scene *scene, uint32_t letter);

/* Its relay has come up: it is told to hand over what comes, and is given again
 * whatever lives and is not confirmed. */
void bare_wake(struct scene *scene);

/* Its relay speaks: of what is not this node's nothing is made. */
void bare_port(struct scene *scene, const struct port_message *message);

/* A letter that was shown here is to be confirmed (EVENT_CONFIRM): its receipt
 * is let go, once the node is up. */
void bare_confirm(struct scene *scene, uint32_t letter);

#endif
