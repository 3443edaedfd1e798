/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that looks at a real clock. */
#include "sim/outside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

uint64_t outside_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t outside_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec;
}

uint64_t outside_peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

void outside_hold_interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool outside_is_interrupted(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGINT) || sigismember(&set, SIGTERM);
}

enum status outside_make_folder(const char *path, struct complaint *complaint)
{
    struct stat at;
    if (mkdir(path, 0777) == 0 ||
        (errno == EEXIST && stat(path, &at) == 0 && S_ISDIR(at.st_mode)))
        return STATUS_OK;
    if (!path[0])
        complain(complaint, "--out: \"\" is no folder's name");
    else if (errno == EEXIST)
        complain(complaint, "%s: is no folder, as --out has to be", path);
    else
        complain(complaint, "%s: %s%s", path, strerror(errno),
            errno == ENOENT ? "; the folder above it has to be there" : "");
    return STATUS_IO;
}
