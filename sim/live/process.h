/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_PROCESS_H
#define SIM_LIVE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* A program that was started here, with all that it starts: a process group of
 * its own, so that no signal of the terminal reaches it, that the kernel asks
 * to end when this process dies. */
struct process {
    pid_t pid;      /* the leader, not yet waited for; 0: there is none */
    int descriptor; /* readable when the leader has ended */
};

struct process_plan {
    char **argv;      /* the first is the program's path */
    const char *log;  /* what it prints is added to this file */
    int name_space;   /* the network namespace that it begins in, or -1 */
    char **variables; /* of its environment: "NAME=value", ended by a NULL; or
                         NULL: as this one's */
};

/* Have what a process leaves behind come to this one, to be waited for.  Once,
 * before the first start. */
void process_adopt_orphans(void);

/* STATUS_IO (errno).  A program that cannot be run is one that ends with 127,
 * and says so in its log. */
MUST_USE enum status process_start(
    const struct process_plan *plan, struct process *out);

/* Ask the leader to end; it ends the others. */
void process_ask(const struct process *process);

/* End the whole group at once, without a word to anybody, and wait until no
 * process of it is left. */
void process_kill(struct process *process);

/* Whether the leader has ended. */
bool process_has_ended(const struct process *process);

/* What a group has used. */
struct process_use {
    pid_t group;
    uint64_t busy_us;      /* processor time of those that run */
    uint64_t waited_us;    /* for a processor, by their threads that run */
    uint64_t memory_bytes; /* resident; what they share counts for each */
};

/* Add up the use of groups, sorted by number, whose figures are zeroed first.
 * One look at the process table serves them all. */
void process_measure(struct process_use *uses, size_t count);

#endif
