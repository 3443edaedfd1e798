/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_NODE_KEY_H
#define DAEMON_NODE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"

/* The node's transport key, unlinkable to any person: 32 bytes in a file, 0600.
 * Read it, or make it (durably, unless fresh: then it is made in memory alone
 * and a file that is there stays untouched).  The caller wipes secret.
 * STATUS_INVALID when the file is no key; STATUS_IO (errno). */
MUST_USE enum status node_key_load(const char *path, bool fresh,
    struct node_key *public_key, uint8_t secret[static 32]);

#endif
