/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_ERASE_H
#define DAEMON_VAULT_ERASE_H

#include "daemon/vault_state.h"

/* Erase the vault's files in one of the ways of enum vault_erase; the loop has
 * an empty database afterwards.  STATUS_IO, and the log says what could not be
 * done; what could was. */
MUST_USE enum status vault_erase(
    struct vault_loop *loop, struct span slots, enum vault_erase how);

#endif
