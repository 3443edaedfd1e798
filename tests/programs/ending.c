/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands before the C library in a sottod whose vault comes to an end at a
 * change to its files: ENDING_AT=N is the N-th since it first said anything.
 * Half of a write gets through.  It then says so on descriptor 8, and waits on
 * descriptor 9 for whoever kills the node; until then a byte for each change
 * goes to descriptor 7. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHANGES_FD = 7, STRUCK_FD = 8, NEVER_FD = 9 };

static bool is_vault, has_spoken;
static long changes, last;

/* glibc hands a program's arguments to its constructors, too. */
__attribute__((constructor)) static void begin(int argc, char **argv)
{
    const char *at = getenv("ENDING_AT");
    last = at ? atol(at) : 0;
    is_vault = argc > 2 && strcmp(argv[1], "--role") == 0 &&
               strcmp(argv[2], "vault") == 0;
}

static long call_write(int fd, const void *bytes, size_t size)
{
    return syscall(SYS_write, fd, bytes, size);
}

/* Whether this change is the last, which is to be half done or not at all. */
static bool is_last(char kind)
{
    if (!is_vault || !has_spoken)
        return false;
    if (call_write(CHANGES_FD, &kind, 1) != 1)
        abort();
    return ++changes == last;
}

static void end(void)
{
    char byte;
    call_write(STRUCK_FD, "\n", 1);
    for (;;)
        syscall(SYS_read, NEVER_FD, &byte, 1);
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at)
{
    if (is_last('w')) {
        syscall(SYS_pwrite64, fd, bytes, size / 2, at);
        end();
    }
    return syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return write_at(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return write_at(fd, bytes, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    struct stat stat;
    bool is_known = fd > STDERR_FILENO && fstat(fd, &stat) == 0;
    has_spoken = has_spoken || (is_known && S_ISSOCK(stat.st_mode));
    if (is_known && S_ISREG(stat.st_mode) && is_last('w')) {
        call_write(fd, bytes, size / 2);
        end();
    }
    return call_write(fd, bytes, size);
}

static int cut(int fd, off_t size)
{
    if (is_last('c'))
        end();
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return cut(fd, size);
}

int ftruncate64(int fd, off_t size)
{
    return cut(fd, size);
}

int unlink(const char *path)
{
    if (is_last('u'))
        end();
    return (int)syscall(SYS_unlink, path);
}

int rename(const char *from, const char *to)
{
    if (is_last('r'))
        end();
    return (int)syscall(SYS_rename, from, to);
}
