/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SCORES_FILE_H
#define DAEMON_SCORES_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "daemon/kept_file.h"
#include "relay/effect.h"

/* Who has a bad score, over a restart; a line is
 *
 *     NODEKEY SCORE TIME UNTIL
 *
 * a node's key in hexadecimal; its score in thousandths of a point, at most 0;
 * when it was that, and how long the node is on the graylist (0: it is not), in
 * seconds since the epoch. */

/* Put these in the file's place, whole or not at all.  STATUS_IO (errno). */
MUST_USE enum status scores_file_write(
    const char *path, size_t count, const struct kept_score *scores);

/* Read at most LIMIT_KEPT_SCORES into out.  Fails as kept_file_read does. */
MUST_USE enum status scores_file_read(const char *path,
    struct kept_score out[static LIMIT_KEPT_SCORES], struct kept_count *count);

#endif
