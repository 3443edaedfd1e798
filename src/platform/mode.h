/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_MODE_H
#define PLATFORM_MODE_H

#include "base/status.h"

/* Which of its two processes a running node has, so that a client knows which
 * sockets to wait for.  One word in run_dir/mode: sottod writes it before
 * either process listens, and a later start overwrites what a killed one
 * left. */
enum mode {
    MODE_NODE,       /* relay and vault */
    MODE_RELAY_ONLY, /* carries mail, has none of its own */
    MODE_VAULT_ONLY, /* for `sotto init` where no node runs */
};

/* Write the mode of the node whose run_dir this is, 0600, in place of what was
 * there.  STATUS_IO (errno). */
MUST_USE enum status mode_write(const char *run_dir, enum mode mode);

/* Read it.  STATUS_NOT_FOUND when there is none, STATUS_INVALID when it is no
 * word of ours, STATUS_IO (errno). */
MUST_USE enum status mode_read(const char *run_dir, enum mode *out);

/* Remove it when the node has ended; harmless when it is not there. */
void mode_remove(const char *run_dir);

#endif
