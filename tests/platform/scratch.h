/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PLATFORM_SCRATCH_H
#define TESTS_PLATFORM_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of a test's own, removed when it ends, and looks into the raw
 * files of one. */
static char scratch[128];

static inline int scratch_unlink(
    const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static inline void scratch_remove(void)
{
    nftw(scratch, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(scratch, sizeof(scratch), "%.90s/sotto-test.XXXXXX",
        base ? base : "/tmp");
    if (!mkdtemp(scratch))
        exit(99);
    atexit(scratch_remove);
}

/* The path of a file there; good until the fourth next call. */
static inline const char *scratch_path(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
    return path;
}

/* A file's bytes, for the caller to free; size 0 when it is not there. */
static inline char *scratch_read(const char *path, size_t *size)
{
    struct stat stat;
    int fd = open(path, O_RDONLY);
    *size = 0;
    if (fd < 0 || fstat(fd, &stat) != 0)
        return NULL;
    char *bytes = malloc((size_t)stat.st_size + 1);
    ssize_t got = bytes ? read(fd, bytes, (size_t)stat.st_size) : -1;
    close(fd);
    *size = got > 0 ? (size_t)got : 0;
    return bytes;
}

/* How often a text occurs in a file. */
static inline int scratch_count(const char *path, const char *text)
{
    size_t size, length = strlen(text);
    char *bytes = scratch_read(path, &size);
    int count = 0;
    for (size_t i = 0; bytes && i + length <= size; i++)
        count += memcmp(bytes + i, text, length) == 0;
    free(bytes);
    return count;
}

/* Copy a file as it lies there now; nothing when it is not there. */
static inline void scratch_copy(const char *from, const char *to)
{
    size_t size;
    char *bytes = scratch_read(from, &size);
    int fd = bytes ? open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd >= 0 && write(fd, bytes, size) != (ssize_t)size)
        exit(99);
    if (fd >= 0)
        close(fd);
    free(bytes);
}

/* A database as a crash would leave it: the file and its log. */
static inline void scratch_crash(const char *from, const char *to)
{
    char a[300], b[300];
    scratch_copy(from, to);
    snprintf(a, sizeof(a), "%s-wal", from);
    snprintf(b, sizeof(b), "%s-wal", to);
    scratch_copy(a, b);
}

#endif
