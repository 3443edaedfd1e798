/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in small files: what was replaced or overwritten is not there any
 * more, also for who held the old file open. */
#include "config.h"

#include "platform/file.h"

#include <sys/stat.h>

#include "tests/platform/scratch.h"
#include "tests/tap.h"

static bool holds(int fd, const char *text)
{
    char bytes[64] = {0};
    return pread(fd, bytes, sizeof(bytes) - 1, 0) >= 0 &&
           strcmp(bytes, text) == 0;
}

static struct span text(const char *words)
{
    return span_of_text(words);
}

int main(void)
{
    scratch_make();
    const char *path = scratch_path("slots");
    uint8_t bytes[16];
    size_t size = 0;
    ok(file_overwrite(path, text("none")) == STATUS_NOT_FOUND,
        "what is not there is not overwritten");
    ok(file_replace_secret(path, text("the first")) == STATUS_OK,
        "a file is made");
    int first = open(path, O_RDONLY);
    ok(file_replace(path, text("the other")) == STATUS_OK &&
            holds(first, "the first"),
        "replaced, the old bytes stay for who has them");
    int other = open(path, O_RDONLY);
    ok(file_replace_secret(path, text("the third")) == STATUS_OK &&
            holds(other, "the third"),
        "replaced as a secret, they do not");
    ok(file_read(path, bytes, sizeof(bytes), &size) == STATUS_OK && size == 9 &&
            memcmp(bytes, "the third", 9) == 0,
        "and the new ones are in place");
    ok(file_read_secret(path, bytes, sizeof(bytes), &size) == STATUS_OK &&
            size == 9,
        "its owner's alone, it is read as a secret");
    const char *pipe = scratch_path("pipe");
    need(mkfifo(pipe, S_IRUSR | S_IWUSR) == 0);
    ok(file_read(pipe, bytes, sizeof(bytes), &size) == STATUS_IO && size == 9,
        "a pipe is no file, and is not waited for");
    int refused = 0;
    for (mode_t bit = S_IXOTH; bit <= S_IRGRP; bit <<= 1) {
        need(chmod(path, S_IRUSR | S_IWUSR | bit) == 0);
        size = 7;
        refused += file_read_secret(path, bytes, sizeof(bytes), &size) ==
                       STATUS_REFUSED &&
                   size == 7;
    }
    ok(refused == 6, "and not when its group or others could use it");
    need(chmod(path, S_IRUSR | S_IWUSR) == 0);
    int third = open(path, O_RDONLY);
    ok(file_overwrite(path, text("nothing!!")) == STATUS_OK &&
            holds(third, "nothing!!"),
        "overwritten, it is the same file with other bytes");
    ok(file_remove(path) == STATUS_OK && access(path, F_OK) != 0 &&
            file_remove(path) == STATUS_OK,
        "removed, it is gone, and may be removed again");
    need(symlink("elsewhere", path) == 0);
    ok(file_overwrite(path, text("x")) == STATUS_IO, "a link is not followed");
    close(first);
    close(other);
    close(third);
    return tap_done();
}
