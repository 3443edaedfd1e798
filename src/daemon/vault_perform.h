/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_PERFORM_H
#define DAEMON_VAULT_PERFORM_H

#include "daemon/vault_state.h"

/* Perform one effect; records within the transaction that the caller keeps.
 * After a failure of the disk replies become errors and nothing else is
 * done. */
void vault_perform(struct vault_loop *loop, const struct vault_effect *effect);

#endif
