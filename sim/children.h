/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_CHILDREN_H
#define SIM_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* Work in processes of its own, some at a time: what one does to memory, or
 * dies of, is no matter of the others. */
enum {
    CHILDREN_MAXIMUM = 64,
    CHILDREN_RESULT_BYTES = 2048, /* a pipe takes so few whole */
    CHILDREN_SAID_CHARS = 511,
};

struct child {
    pid_t pid;
    int pipe; /* its result comes here */
    int said; /* what it prints on standard error; -1: that goes to ours */
    size_t job;
    size_t got;
    uint8_t result[CHILDREN_RESULT_BYTES];
};

struct children {
    size_t result_bytes; /* of each; at most CHILDREN_RESULT_BYTES */
    bool is_quiet;       /* keep what they print on standard error */
    size_t count;
    struct child list[CHILDREN_MAXIMUM];
};

/* How one ended. */
struct child_end {
    size_t job;
    bool came;                          /* with a result */
    int signal;                         /* that ended it; 0: none did */
    char said[CHILDREN_SAID_CHARS + 1]; /* the beginning, where it is kept */
};

/* What one does: fills in its result; whether there is one. */
typedef bool (*child_work)(const void *task, void *result);

/* Begin; there is room for one more, and the task may be forgotten afterwards.
 * STATUS_IO when the system refuses. */
MUST_USE enum status children_start(
    struct children *children, size_t job, child_work work, const void *task);

/* Wait a moment for one to end: whether one did; how, and its result. */
bool children_wait(
    struct children *children, struct child_end *end, void *result);

/* End all that are still going on. */
void children_stop(struct children *children);

#endif
