/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Written beside its place and renamed.  A path that is a device or a folder is
 * refused, since a rename would put a file in its stead. */
#include "sim/import/saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status fail(const struct saved *saved, struct complaint *complaint)
{
    complain(complaint, "%s: %s", saved->path ? saved->path : "standard output",
        strerror(errno));
    return STATUS_IO;
}

/* As open(2) would have made it. */
static int open_fresh(struct saved *saved)
{
    int fd = mkstemp(saved->fresh);
    if (fd < 0)
        return -1;
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0 && (saved->stream = fdopen(fd, "w")))
        return 0;
    int code = errno;
    close(fd);
    unlink(saved->fresh);
    errno = code;
    return -1;
}

enum status saved_begin(
    struct saved *saved, const char *path, struct complaint *complaint)
{
    *saved = (struct saved){.stream = stdout, .path = path};
    if (!path)
        return STATUS_OK;
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
        complain(complaint,
            "%s: is no plain file; without --out, standard "
            "output is written",
            path);
        return STATUS_IO;
    }
    int size = snprintf(saved->fresh, sizeof(saved->fresh), "%s.XXXXXX", path);
    if (size >= (int)sizeof(saved->fresh)) {
        errno = ENAMETOOLONG;
        return fail(saved, complaint);
    }
    return open_fresh(saved) == 0 ? STATUS_OK : fail(saved, complaint);
}

enum status saved_end(
    struct saved *saved, enum status status, struct complaint *complaint)
{
    if (fflush(saved->stream) != 0 || ferror(saved->stream))
        status = status ? status : fail(saved, complaint);
    if (!saved->path)
        return status;
    if (fclose(saved->stream) != 0 && !status)
        status = fail(saved, complaint);
    if (!status && rename(saved->fresh, saved->path) != 0)
        status = fail(saved, complaint);
    if (status)
        unlink(saved->fresh);
    return status;
}
