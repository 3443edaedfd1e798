/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_KEEPER_H
#define SIM_LIVE_KEEPER_H

#include <sys/types.h>

#include "base/status.h"

/* A process that outlives this one to take a folder away, however this one
 * ends: it waits for the end of a pipe that only this process has. */
struct keeper {
    pid_t pid; /* 0: there is none */
    int pipe;
};

/* Start it, before anything else is started; the path is copied.  Signals of
 * the terminal do not reach it.  STATUS_IO (errno). */
MUST_USE enum status keeper_start(struct keeper *keeper, const char *folder);

/* Let the folder stay. */
void keeper_spare(struct keeper *keeper);

/* End it, and wait until the folder is gone (or was spared). */
void keeper_end(struct keeper *keeper);

#endif
