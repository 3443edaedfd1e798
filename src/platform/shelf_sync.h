/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_SYNC_H
#define PLATFORM_SHELF_SYNC_H

#include <pthread.h>
#include <stdatomic.h>

#include "platform/shelf_file.h"

/* Files on their way onto the disk itself, in a thread of its own. */
enum { SHELF_SYNC_FILES = 8 };

struct shelf_sync {
    pthread_t thread;
    bool is_under_way;
    atomic_bool is_done;
    int error; /* errno, once it is done */
    size_t count;
    struct shelf_file *files[SHELF_SYNC_FILES];
    int fds[SHELF_SYNC_FILES]; /* theirs; all that the thread sees */
};

void shelf_sync_init(struct shelf_sync *sync);

/* Begin with what has been written so far to those files, which are put there
 * in their order; they may be written to meanwhile, and stay open until the
 * end.  None is under way.  STATUS_IO (errno) when there is no thread. */
MUST_USE enum status shelf_sync_begin(
    struct shelf_sync *sync, size_t count, struct shelf_file *const *files);

/* STATUS_AGAIN while one is under way, unless that is to be waited for;
 * otherwise it is over: STATUS_OK, also when none was under way, or STATUS_IO
 * (errno), and what was written is as little on the disk as before. */
MUST_USE enum status shelf_sync_end(struct shelf_sync *sync, bool wait);

#endif
