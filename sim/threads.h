/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_THREADS_H
#define SIM_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/exchange.h"
#include "sim/scenario.h"

/* The other parts of a run, each in a thread of its own; the caller's is the
 * first. */
struct threads;

struct threads_job {
    const struct scenario *scenario; /* borrowed until threads_end */
    uint32_t count;                  /* of all, 2 or more */
    bool wire;
    bool examines_all;
    bool has_picture;
};

/* Start them.  From now on the caller has to go through a whole run, with
 * threads_exchange, and then end them.  A system without so many threads ends
 * the program. */
struct threads *threads_start(const struct threads_job *job);
struct exchange *threads_exchange(struct threads *threads);

/* Wait until the others have ended, which they do with the run.  NULL does
 * nothing. */
void threads_end(struct threads *threads);

#endif
