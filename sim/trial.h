/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TRIAL_H
#define SIM_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/children.h"
#include "sim/scenario.h"
#include "sim/trace.h"

/* A run that may fail in any way: what it came to, for those who look for
 * failures and make them small. */
enum trial_kind {
    TRIAL_PASSED,
    TRIAL_VIOLATION,   /* an invariant did not hold */
    TRIAL_EXPECTATION, /* an [expect] line did not */
    TRIAL_DIFFERED,    /* encoded, or in threads, it is another run */
    TRIAL_DIED,        /* the program did: an assertion, a signal */
    TRIAL_ENDLESS,     /* more events, or processor time, than any run needs */
    TRIAL_IMPOSSIBLE,  /* the scenario cannot be run */
};

enum { TRIAL_TEXT_CHARS = 191 };

struct trial {
    enum trial_kind kind;
    char text[TRIAL_TEXT_CHARS + 1]; /* how it failed, in words */
    char trace[TRACE_CHARS + 1];     /* as far as it went */
    uint64_t second;                 /* of virtual time, at its end */
    uint64_t events;
    uint64_t checks; /* of invariants */
};

struct trial_task {
    struct scenario scenario;
    bool compares; /* run it again with every frame encoded, and in threads */
};

/* Run it here, to its first violation or its end.  What kills a program kills
 * this one. */
void trial_run(const struct trial_task *task, struct trial *out);

/* The same in a process of its own; a pool of nothing but trials.  As
 * children_start and children_wait; a death is a result like others. */
MUST_USE enum status trial_start(
    struct children *children, size_t job, const struct trial_task *task);
bool trial_wait(struct children *children, size_t *job, struct trial *out);

/* Invariant 10: whether two that should be one are not. */
bool trial_is_other(const struct trial *one, const struct trial *other);

/* Whether two failed in the same way: kind and words, not time or place. */
bool trial_is_same(const struct trial *one, const struct trial *other);

#endif
