/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_PERFORM_H
#define DAEMON_RELAY_PERFORM_H

#include "daemon/relay_state.h"

/* Whether an effect changes the shelf. */
bool relay_perform_is_storage(const struct relay_effect *effect);

/* Write such an effect, within a transaction, and keep the frame of what is
 * stored at hand.  STATUS_IO. */
MUST_USE enum status relay_perform_storage(
    struct relay_loop *loop, const struct relay_effect *effect);

/* Perform any other effect; those that change the shelf are passed over. */
void relay_perform(struct relay_loop *loop, const struct relay_effect *effect);

#endif
