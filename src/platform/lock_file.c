/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lock by flock: it goes with the process however that ends, so a file left
 * behind by a killed node stops nobody.  The file stays when the node ends;
 * removing it would let two nodes lock two files of one name. */
#include "platform/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static pid_t read_holder(int fd)
{
    char text[16] = {0};
    ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
    long pid = size > 0 ? strtol(text, NULL, 10) : 0;
    return pid > 0 ? (pid_t)pid : 0;
}

static enum status write_holder(int fd)
{
    char text[16];
    int size = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size)
        return STATUS_IO;
    return STATUS_OK;
}

enum status lock_file_take(const char *path, int *out, pid_t *pid)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return STATUS_IO;
    enum status status = STATUS_IO;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        status = write_holder(fd);
    } else if (errno == EWOULDBLOCK) {
        status = STATUS_EXISTS;
        *pid = read_holder(fd);
    }
    if (status) {
        int saved = errno;
        close(fd);
        errno = saved;
        return status;
    }
    *out = fd;
    return STATUS_OK;
}
