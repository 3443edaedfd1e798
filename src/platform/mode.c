/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node's mode as one word in a file of its run directory.  A file and not an
 * answer on a socket, since the question is which sockets there will be: it is
 * written under another name and renamed, so a reader finds the old word or
 * the new one and never half of one. */
#include "platform/mode.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const mode_words[] = {
    [MODE_NODE] = "node\n",
    [MODE_RELAY_ONLY] = "relay-only\n",
    [MODE_VAULT_ONLY] = "vault-only\n",
};

enum { MODE_COUNT = sizeof(mode_words) / sizeof(mode_words[0]) };

/* run_dir/name, or an empty string (which no call opens) when it is too long.
 */
static void mode_path(const char *run_dir, const char *name, char *out)
{
    int size = snprintf(out, PATH_MAX, "%s/%s", run_dir, name);
    if (size < 0 || size >= PATH_MAX)
        *out = '\0';
}

enum status mode_write(const char *run_dir, enum mode mode)
{
    assert((int)mode < MODE_COUNT);
    char path[PATH_MAX], fresh[PATH_MAX];
    mode_path(run_dir, "mode", path);
    mode_path(run_dir, "mode.new", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return STATUS_IO;
    size_t size = strlen(mode_words[mode]);
    bool whole = write(fd, mode_words[mode], size) == (ssize_t)size;
    if (close(fd) != 0 || !whole || rename(fresh, path) != 0) {
        int saved = errno;
        unlink(fresh);
        errno = saved;
        return STATUS_IO;
    }
    return STATUS_OK;
}

enum status mode_read(const char *run_dir, enum mode *out)
{
    char path[PATH_MAX], word[16] = {0};
    mode_path(run_dir, "mode", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    ssize_t size = read(fd, word, sizeof(word) - 1);
    close(fd);
    if (size < 0)
        return STATUS_IO;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        if (strcmp(word, mode_words[mode]) == 0) {
            *out = (enum mode)mode;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID;
}

void mode_remove(const char *run_dir)
{
    char path[PATH_MAX];
    mode_path(run_dir, "mode", path);
    unlink(path);
}
