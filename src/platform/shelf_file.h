/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_FILE_H
#define PLATFORM_SHELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* A file that is written in batches: writes are kept, and go out in their
 * order, those that lie behind one another as one. */
enum { SHELF_FILE_BYTES = 256 * 1024, SHELF_FILE_RUNS = 256 };

struct shelf_run {
    uint64_t at;
    size_t size;
};

struct shelf_file {
    int fd; /* -1: not open */
    uint64_t size;
    bool unsynced;
    uint8_t *kept; /* SHELF_FILE_BYTES; NULL until the first write */
    size_t kept_bytes;
    size_t run_count;
    struct shelf_run runs[SHELF_FILE_RUNS];
};

void shelf_file_init(struct shelf_file *file);

/* Open or make it, 0600, for this process alone.  STATUS_EXISTS when another
 * has it open; STATUS_IO (errno). */
MUST_USE enum status shelf_file_open(struct shelf_file *file, const char *path);

/* What is kept is lost. */
void shelf_file_close(struct shelf_file *file);

/* Whether so many bytes more can be kept. */
bool shelf_file_has_room(const struct shelf_file *file, size_t size);

/* Keep bytes to be written there; there is room.  STATUS_NO_MEMORY. */
MUST_USE enum status shelf_file_write(
    struct shelf_file *file, uint64_t at, struct span bytes);

/* Write what is kept.  STATUS_IO (errno): all of it is kept still, and part of
 * it may be in the file. */
MUST_USE enum status shelf_file_flush(struct shelf_file *file);

/* Read what is there or, as it was written, is kept.  STATUS_NOT_FOUND when the
 * file is too short; STATUS_IO. */
MUST_USE enum status shelf_file_read(
    const struct shelf_file *file, uint64_t at, uint8_t *out, size_t size);

/* Onto the disk itself, if anything was written.  STATUS_IO. */
MUST_USE enum status shelf_file_sync(struct shelf_file *file);

/* Cut it down to that size; nothing is kept.  STATUS_IO. */
MUST_USE enum status shelf_file_cut(struct shelf_file *file, uint64_t size);

#endif
