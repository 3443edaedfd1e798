/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SCORES_FILE_H
#define DAEMON_SCORES_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "relay/effect.h"

/* Who has a bad score, over a restart: a text of one node a line,
 *
 *     NODEKEY SCORE TIME UNTIL
 *
 * its key in hexadecimal; its score in thousandths of a point, at most 0; when
 * it was that, and how long the node is on the graylist (0: it is not), in
 * seconds since the epoch. */
enum { SCORES_FILE_BYTES = 32768 };

/* Put these in the file's place, whole or not at all.  STATUS_IO (errno). */
MUST_USE enum status scores_file_write(
    const char *path, size_t count, const struct kept_score *scores);

/* Read at most LIMIT_KEPT_SCORES into out; sets *count, and *wrong to the
 * number of the first line that is not as above, or is one too many, or to 0.
 * STATUS_NOT_FOUND where there is no file, STATUS_TOO_LARGE, STATUS_IO
 * (errno). */
MUST_USE enum status scores_file_read(const char *path,
    struct kept_score out[static LIMIT_KEPT_SCORES], size_t *count,
    size_t *wrong);

#endif
