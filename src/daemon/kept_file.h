/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_KEPT_FILE_H
#define DAEMON_KEPT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/status.h"

/* A text of what outlives a relay, one record a line. */
enum { KEPT_FILE_BYTES = 32768 };

struct kept_form {
    size_t most; /* records */
    size_t record_bytes;
    bool (*read)(struct span line, void *record); /* false: it is none */
};

struct kept_count {
    size_t records;
    size_t wrong; /* the first line that is none, or one too many; 0 */
};

/* Read records of that form into out, which has room for the most there may be.
 * STATUS_NOT_FOUND where there is no file, STATUS_TOO_LARGE, STATUS_IO
 * (errno). */
MUST_USE enum status kept_file_read(const char *path,
    const struct kept_form *form, void *out, struct kept_count *count);

#endif
