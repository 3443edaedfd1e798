/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_PEERS_FILE_H
#define DAEMON_PEERS_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "daemon/kept_file.h"
#include "relay/effect.h"

/* Whom a relay knows, over a restart; a line is
 *
 *     tcp://ADDRESS:PORT#NODEKEY
 *     tcp://ADDRESS:PORT#NODEKEY anchor
 */

/* Put these nodes in the file's place, whole or not at all.  STATUS_IO
 * (errno). */
MUST_USE enum status peers_file_write(
    const char *path, size_t count, const struct kept_node *nodes);

/* Read at most LIMIT_KEPT_NODES into out.  Fails as kept_file_read does. */
MUST_USE enum status peers_file_read(const char *path,
    struct kept_node out[static LIMIT_KEPT_NODES], struct kept_count *count);

#endif
