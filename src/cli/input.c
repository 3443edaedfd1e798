/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what a person hands over.  What is too long is still counted, so that
 * the refusal can name the number; but not for ever, since a stream need not
 * end.  Without stdio, whose buffers would keep a copy of a text. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

enum { BLOCK_BYTES = 4096 };

int input_stream(
    int fd, const char *source, char *out, size_t capacity, size_t *size)
{
    char block[BLOCK_BYTES];
    size_t count = 0;
    ssize_t got = 1;
    while (got && count < INPUT_COUNTED_BYTES) {
        got = read(fd, block, sizeof(block));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        size_t room = count < capacity ? capacity - count : 0;
        size_t kept = (size_t)got < room ? (size_t)got : room;
        if (kept)
            memcpy(out + count, block, kept);
        count += (size_t)got;
    }
    int saved = errno;
    explicit_bzero(block, sizeof(block));
    if (got < 0)
        return fail(EXIT_USAGE, "cannot read %s: %s", source, strerror(saved));
    *size = count;
    return EXIT_DONE;
}

int input_file(const char *path, char *out, size_t capacity, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
    int code = input_stream(fd, path, out, capacity, size);
    close(fd);
    return code;
}
