/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_RESTORE_H
#define DAEMON_RELAY_RESTORE_H

#include "daemon/relay_state.h"

/* Tell the engine, before any link, what an earlier run left on the disk: the
 * shelf, bad scores, known nodes.  What of the last two cannot be read is named
 * in the log, and the rest taken.  STATUS_IO (errno) where the shelf cannot be
 * read. */
MUST_USE enum status relay_restore(struct relay_loop *loop);

#endif
