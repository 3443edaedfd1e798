/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Written beside its place under a name of its own, synced, and renamed.  Not
 * every file system (FAT on a stick is one that does not) can refuse by itself
 * to rename over a file; there the place is looked at first, which two who
 * write to it at once could fool.
 *
 * An unnamed file (O_TMPFILE) would leave nothing behind a crash, but exists on
 * few of the file systems that a person has at hand. */
#include "config.h"

#include "platform/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"

struct draft {
    int fd;
    char path[PATH_MAX];
    char fresh[PATH_MAX];
};

enum status draft_open(const char *path, struct draft **out)
{
    struct draft *draft = calloc(1, sizeof(*draft));
    if (!draft)
        return STATUS_NO_MEMORY;
    int size = snprintf(draft->fresh, sizeof(draft->fresh), "%s.XXXXXX", path);
    if (size < 0 || (size_t)size >= sizeof(draft->fresh)) {
        free(draft);
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    strcpy(draft->path, path);
    draft->fd = mkostemp(draft->fresh, O_CLOEXEC);
    if (draft->fd < 0) {
        int saved = errno;
        free(draft);
        errno = saved;
        return STATUS_IO;
    }
    *out = draft;
    return STATUS_OK;
}

enum status draft_write(struct draft *draft, struct span bytes)
{
    for (size_t done = 0; done < bytes.size;) {
        ssize_t put = write(draft->fd, bytes.data + done, bytes.size - done);
        if (put < 0 && errno != EINTR)
            return STATUS_IO;
        done += put > 0 ? (size_t)put : 0;
    }
    return STATUS_OK;
}

/* Rename, unless something is there. */
static int move_into_place(const struct draft *draft, bool may_replace)
{
    if (may_replace)
        return rename(draft->fresh, draft->path);
    if (renameat2(AT_FDCWD, draft->fresh, AT_FDCWD, draft->path,
            RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    struct stat about;
    if (lstat(draft->path, &about) == 0) {
        errno = EEXIST;
        return -1;
    }
    return errno == ENOENT ? rename(draft->fresh, draft->path) : -1;
}

enum status draft_keep(struct draft *draft, bool may_replace)
{
    enum status status = fsync(draft->fd) == 0 ? STATUS_OK : STATUS_IO;
    if (!status && move_into_place(draft, may_replace))
        status = errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    if (status) {
        int saved = errno;
        draft_drop(draft);
        errno = saved;
        return status;
    }
    status = file_sync_directory(draft->path);
    int saved = errno;
    close(draft->fd);
    free(draft);
    errno = saved;
    return status;
}

void draft_drop(struct draft *draft)
{
    if (!draft)
        return;
    close(draft->fd);
    unlink(draft->fresh);
    free(draft);
}
