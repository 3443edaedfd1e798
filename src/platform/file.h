/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* Small files read and written whole. */

/* Read a regular file of at most capacity bytes and set *size.
 * STATUS_NOT_FOUND when it is not there, STATUS_TOO_LARGE, STATUS_IO (errno).
 */
MUST_USE enum status file_read(
    const char *path, uint8_t *out, size_t capacity, size_t *size);

/* Put these bytes in the file's place, 0600: a reader, also after a power cut,
 * finds the old content or the new, whole.  STATUS_IO (errno). */
MUST_USE enum status file_replace(const char *path, struct span bytes);

/* Make the directory entry of a path durable.  STATUS_IO (errno). */
MUST_USE enum status file_sync_directory(const char *path);

#endif
