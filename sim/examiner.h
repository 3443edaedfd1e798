/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EXAMINER_H
#define SIM_EXAMINER_H

#include "sim/world.h"

/* Whether a node is as it should be: its engines by their own account, its
 * shelf and what it thinks of its peers by what passes with time.
 *
 * After each step of an engine it is asked what it finds wrong with what that
 * step was about. */
void examiner_relay_stepped(struct world *world, uint32_t node,
    const struct relay_event *event, const struct relay_effects *effects);
void examiner_vault_stepped(
    struct world *world, uint32_t node, const struct vault_effects *effects);

/* After each event, when all has been performed: once an hour nothing lies on
 * its shelf long after its expiry, and no peer is thought well or badly of for
 * ever. */
void examiner_event_passed(struct world *world, uint32_t node);

/* After each frame that came over a link: nor is that peer. */
void examiner_heard(struct world *world, uint32_t node, uint32_t link);

/* The same, and all that both engines hold. */
void examiner_look(struct world *world, uint32_t node);

/* What that costs, in looks at a node that knows little. */
uint32_t examiner_weight(const struct world *world, uint32_t node);

#endif
