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

/* The same of a file that holds a secret: STATUS_REFUSED, with nothing read,
 * when other users could read or change it. */
MUST_USE enum status file_read_secret(
    const char *path, uint8_t *out, size_t capacity, size_t *size);

/* Put these bytes in the file's place, 0600: a reader, also after a power cut,
 * finds the old content or the new, whole.  STATUS_IO (errno). */
MUST_USE enum status file_replace(const char *path, struct span bytes);

/* As file_replace, for a secret: the bytes that the old content lay in are then
 * overwritten.  (Storage that writes elsewhere, as flash does, may keep them.)
 * STATUS_IO (errno); the old content is then there, or the new, whole. */
MUST_USE enum status file_replace_secret(const char *path, struct span bytes);

/* Write these bytes over those of a file that is there, in their place, and
 * sync.  STATUS_NOT_FOUND; STATUS_IO (errno). */
MUST_USE enum status file_overwrite(const char *path, struct span bytes);

/* Remove a file, if it is there; its directory is to be synced.  STATUS_IO
 * (errno). */
MUST_USE enum status file_remove(const char *path);

/* Make the directory entry of a path durable.  STATUS_IO (errno). */
MUST_USE enum status file_sync_directory(const char *path);

#endif
