/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_PEERS_FILE_H
#define DAEMON_PEERS_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "relay/effect.h"

/* Whom a relay knows, over a restart: a text of one node a line,
 *
 *     tcp://ADDRESS:PORT#NODEKEY
 *     tcp://ADDRESS:PORT#NODEKEY anchor
 */
enum { PEERS_FILE_BYTES = 32768 };

/* Put these nodes in the file's place, whole or not at all.  STATUS_IO
 * (errno). */
MUST_USE enum status peers_file_write(
    const char *path, size_t count, const struct kept_node *nodes);

/* Read at most LIMIT_KEPT_NODES into out; sets *count, and *wrong to the number
 * of the first line that is none of the two, or 0.  STATUS_NOT_FOUND where
 * there is no file, STATUS_TOO_LARGE, STATUS_IO (errno). */
MUST_USE enum status peers_file_read(const char *path,
    struct kept_node out[static LIMIT_KEPT_NODES], size_t *count,
    size_t *wrong);

#endif
