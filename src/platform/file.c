/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replacing a file durably takes four steps in this order: write another, sync
 * it, rename it over the old one, sync the directory.  Left out: extended
 * attributes and owners, since every file here is our own and 0600.
 *
 * The bytes of the old one are then free, and unchanged.  Where they are a
 * secret, it is opened before and overwritten after. */
#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status read_all(int fd, uint8_t *out, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, out + done, size - done);
        if (got == 0)
            errno = EIO; /* it shrank meanwhile */
        if (got <= 0 && errno != EINTR)
            return STATUS_IO;
        done += got > 0 ? (size_t)got : 0;
    }
    return STATUS_OK;
}

/* Where a file's bytes go. */
struct file_room {
    uint8_t *bytes;
    size_t capacity;
    size_t *size;
};

/* As ssh has it for a key, a group's bits count only on a file of one's own:
 * one that root gives out by an access list shows that list's bits there, as
 * the credentials of systemd do. */
static bool is_shared(const struct stat *stat)
{
    mode_t others = S_IRWXO;
    if (stat->st_uid == geteuid())
        others |= S_IRWXG;
    return (stat->st_mode & others) != 0;
}

/* Read all of an open file. */
static enum status read_opened(
    int fd, bool as_secret, const struct file_room *room)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return STATUS_IO;
    if (!S_ISREG(stat.st_mode)) {
        errno = S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;
        return STATUS_IO;
    }
    if (as_secret && is_shared(&stat))
        return STATUS_REFUSED;
    if ((uint64_t)stat.st_size > room->capacity)
        return STATUS_TOO_LARGE;
    if (read_all(fd, room->bytes, (size_t)stat.st_size))
        return STATUS_IO;
    *room->size = (size_t)stat.st_size;
    return STATUS_OK;
}

static enum status read_file(
    const char *path, bool as_secret, const struct file_room *room)
{
    /* A pipe that nobody writes to would be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    enum status status = read_opened(fd, as_secret, room);
    int saved = errno;
    close(fd);
    errno = saved;
    return status;
}

enum status file_read(
    const char *path, uint8_t *out, size_t capacity, size_t *size)
{
    return read_file(path, false, &(struct file_room){out, capacity, size});
}

enum status file_read_secret(
    const char *path, uint8_t *out, size_t capacity, size_t *size)
{
    return read_file(path, true, &(struct file_room){out, capacity, size});
}

static enum status write_all(int fd, struct span bytes)
{
    for (size_t done = 0; done < bytes.size;) {
        ssize_t put = write(fd, bytes.data + done, bytes.size - done);
        if (put < 0 && errno != EINTR)
            return STATUS_IO;
        done += put > 0 ? (size_t)put : 0;
    }
    return fsync(fd) == 0 ? STATUS_OK : STATUS_IO;
}

enum status file_sync_directory(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    if (size >= sizeof(directory)) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    memcpy(directory, path, size);
    directory[size] = '\0';
    if (size == 0)
        strcpy(directory, slash ? "/" : ".");
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return STATUS_IO;
    int result = fsync(fd);
    int saved = errno;
    close(fd);
    errno = saved;
    return result == 0 ? STATUS_OK : STATUS_IO;
}

enum status file_replace(const char *path, struct span bytes)
{
    char fresh[PATH_MAX];
    int size = snprintf(fresh, sizeof(fresh), "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof(fresh)) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    int fd = open(
        fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return STATUS_IO;
    enum status status = write_all(fd, bytes);
    int saved = errno;
    if (close(fd) != 0 && !status) {
        saved = errno;
        status = STATUS_IO;
    }
    if (!status && rename(fresh, path) != 0) {
        saved = errno;
        status = STATUS_IO;
    }
    if (status) {
        unlink(fresh);
        errno = saved;
        return status;
    }
    return file_sync_directory(path);
}

static int open_existing(const char *path)
{
    return open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* Close what write_all has written, keeping the first failure. */
static enum status close_written(int fd, enum status status)
{
    int saved = errno;
    if (close(fd) != 0 && !status) {
        saved = errno;
        status = STATUS_IO;
    }
    errno = saved;
    return status;
}

enum status file_replace_secret(const char *path, struct span bytes)
{
    int old = open_existing(path);
    enum status status = file_replace(path, bytes);
    if (old < 0)
        return status;
    if (!status)
        status = write_all(old, bytes);
    return close_written(old, status);
}

enum status file_overwrite(const char *path, struct span bytes)
{
    int fd = open_existing(path);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    return close_written(fd, write_all(fd, bytes));
}

enum status file_remove(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT ? STATUS_OK : STATUS_IO;
}
