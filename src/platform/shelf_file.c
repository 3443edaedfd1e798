/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions are always given, so a write that failed half way is simply made
 * again.  Not mapped into memory: a disk that fails would end the process
 * there, where here it is an error. */
#include "platform/shelf_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void shelf_file_init(struct shelf_file *file)
{
    *file = (struct shelf_file){.fd = -1};
}

enum status shelf_file_open(struct shelf_file *file, const char *path)
{
    struct stat stat;
    file->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->fd < 0 || fstat(file->fd, &stat) != 0)
        return STATUS_IO;
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? STATUS_EXISTS : STATUS_IO;
    file->size = (uint64_t)stat.st_size;
    file->unsynced = true; /* who had it before may have ended too soon */
    return STATUS_OK;
}

void shelf_file_close(struct shelf_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->kept);
    shelf_file_init(file);
}

bool shelf_file_has_room(const struct shelf_file *file, size_t size)
{
    return file->run_count < SHELF_FILE_RUNS &&
           size <= SHELF_FILE_BYTES - file->kept_bytes;
}

enum status shelf_file_write(
    struct shelf_file *file, uint64_t at, struct span bytes)
{
    assert(shelf_file_has_room(file, bytes.size));
    if (!file->kept && !(file->kept = malloc(SHELF_FILE_BYTES)))
        return STATUS_NO_MEMORY;
    memcpy(file->kept + file->kept_bytes, bytes.data, bytes.size);
    file->kept_bytes += bytes.size;
    struct shelf_run *last =
        file->run_count > 0 ? &file->runs[file->run_count - 1] : NULL;
    if (last && last->at + last->size == at)
        last->size += bytes.size;
    else
        file->runs[file->run_count++] = (struct shelf_run){at, bytes.size};
    return STATUS_OK;
}

static enum status write_run(
    int fd, const struct shelf_run *run, const uint8_t *bytes)
{
    for (size_t done = 0; done < run->size;) {
        ssize_t put =
            pwrite(fd, bytes + done, run->size - done, (off_t)(run->at + done));
        if (put < 0 && errno != EINTR)
            return STATUS_IO;
        done += put > 0 ? (size_t)put : 0;
    }
    return STATUS_OK;
}

enum status shelf_file_flush(struct shelf_file *file)
{
    const uint8_t *bytes = file->kept;
    for (size_t i = 0; i < file->run_count; i++) {
        const struct shelf_run *run = &file->runs[i];
        file->unsynced = true;
        if (write_run(file->fd, run, bytes))
            return STATUS_IO;
        if (file->size < run->at + run->size)
            file->size = run->at + run->size;
        bytes += run->size;
    }
    file->kept_bytes = file->run_count = 0;
    return STATUS_OK;
}

/* The last that is kept of it, or NULL. */
static const uint8_t *find_kept(
    const struct shelf_file *file, uint64_t at, size_t size)
{
    const uint8_t *bytes = file->kept + file->kept_bytes;
    for (size_t i = file->run_count; i-- > 0;) {
        const struct shelf_run *run = &file->runs[i];
        bytes -= run->size;
        if (run->at <= at && at + size <= run->at + run->size)
            return bytes + (at - run->at);
    }
    return NULL;
}

enum status shelf_file_read(
    const struct shelf_file *file, uint64_t at, uint8_t *out, size_t size)
{
    const uint8_t *kept =
        file->run_count > 0 ? find_kept(file, at, size) : NULL;
    if (kept) {
        memcpy(out, kept, size);
        return STATUS_OK;
    }
    for (size_t done = 0; done < size;) {
        ssize_t got =
            pread(file->fd, out + done, size - done, (off_t)(at + done));
        if (got == 0)
            return STATUS_NOT_FOUND;
        if (got < 0 && errno != EINTR)
            return STATUS_IO;
        done += got > 0 ? (size_t)got : 0;
    }
    return STATUS_OK;
}

enum status shelf_file_sync(struct shelf_file *file)
{
    if (!file->unsynced)
        return STATUS_OK;
    if (fdatasync(file->fd) != 0)
        return STATUS_IO;
    file->unsynced = false;
    return STATUS_OK;
}

enum status shelf_file_cut(struct shelf_file *file, uint64_t size)
{
    assert(file->run_count == 0);
    if (size >= file->size)
        return STATUS_OK;
    if (ftruncate(file->fd, (off_t)size) != 0)
        return STATUS_IO;
    file->size = size;
    file->unsynced = true;
    return STATUS_OK;
}
