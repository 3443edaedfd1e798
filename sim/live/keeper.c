/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever is killed cannot clean up, so another process does, by one way for
 * every end.  Nodes that are still ending may add a file while the folder is
 * being taken away; then it is gone over again, until the folder is gone and
 * nobody can add anything.  Bounded all the same: somebody else's file system
 * may refuse for ever. */
#include "config.h"

#include "sim/live/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIES = 400, PAUSE_MS = 25, DESCRIPTORS = 16 };

static int take_away(
    const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    remove(path);
    return 0;
}

static void take_folder(const char *folder)
{
    for (int i = 0; i < TRIES; i++) {
        nftw(folder, take_away, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        if (access(folder, F_OK) != 0)
            return;
        poll(NULL, 0, PAUSE_MS);
    }
}

/* Never returns. */
static void keep(int pipe, const char *folder)
{
    char spared = 0;
    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (read(pipe, &spared, 1) < 0 && errno == EINTR)
        continue;
    if (!spared)
        take_folder(folder);
    _exit(0);
}

enum status keeper_start(struct keeper *keeper, const char *folder)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_IO;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        keep(ends[0], folder);
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return STATUS_IO;
    }
    *keeper = (struct keeper){.pid = pid, .pipe = ends[1]};
    return STATUS_OK;
}

void keeper_spare(struct keeper *keeper)
{
    if (keeper->pid)
        (void)!write(keeper->pipe, "s", 1);
}

void keeper_end(struct keeper *keeper)
{
    if (!keeper->pid)
        return;
    close(keeper->pipe);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    *keeper = (struct keeper){0};
}
