/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PERFORM_RELAY_H
#define SIM_PERFORM_RELAY_H

#include "sim/scene.h"

/* Do what a relay wants done, in order: the daemon's performer in virtual
 * time.  from_peer as in struct batch. */
void perform_relay(
    struct scene *scene, const struct relay_effects *effects, bool from_peer);

/* Tell a node's relay of its pushes that were demoted on a link. */
void perform_demoted(struct scene *scene, struct link *link);

#endif
