/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk takes milliseconds to tens of them, and a relay has other things to
 * do.  The thread sees descriptors and nothing else of the files; whether they
 * have something unsynced is the owner's to know, and is noted before the
 * thread begins: what is written meanwhile counts as not synced.  A thread for
 * each time, as one costs nothing beside what it does. */
#include "platform/shelf_sync.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

void shelf_sync_init(struct shelf_sync *sync)
{
    memset(sync, 0, sizeof(*sync));
    atomic_init(&sync->is_done, false);
}

static void *run(void *argument)
{
    struct shelf_sync *sync = argument;
    for (size_t i = 0; i < sync->count && sync->error == 0; i++)
        if (fdatasync(sync->fds[i]) != 0)
            sync->error = errno;
    atomic_store(&sync->is_done, true);
    return NULL;
}

static enum status finish(struct shelf_sync *sync)
{
    sync->is_under_way = false;
    if (sync->error == 0)
        return STATUS_OK;
    for (size_t i = 0; i < sync->count; i++)
        sync->files[i]->unsynced = true;
    errno = sync->error;
    return STATUS_IO;
}

enum status shelf_sync_begin(
    struct shelf_sync *sync, size_t count, struct shelf_file *const *files)
{
    assert(!sync->is_under_way && count <= SHELF_SYNC_FILES);
    sync->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!files[i]->unsynced)
            continue;
        files[i]->unsynced = false;
        sync->files[sync->count] = files[i];
        sync->fds[sync->count++] = files[i]->fd;
    }
    sync->error = 0;
    atomic_store(&sync->is_done, false);
    int failed = pthread_create(&sync->thread, NULL, run, sync);
    sync->is_under_way = !failed;
    if (!failed)
        return STATUS_OK;
    sync->error = failed;
    return finish(sync);
}

enum status shelf_sync_end(struct shelf_sync *sync, bool wait)
{
    if (!sync->is_under_way)
        return STATUS_OK;
    if (!wait && !atomic_load(&sync->is_done))
        return STATUS_AGAIN;
    int failed = pthread_join(sync->thread, NULL);
    assert(!failed);
    (void)failed;
    return finish(sync);
}
