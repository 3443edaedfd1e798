/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SHRINK_H
#define SIM_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "sim/scenario.h"
#include "sim/trial.h"

/* Make a scenario that fails smaller, while it fails in the same way: greedily,
 * one setting at a time towards what is least or calmest, until no step is left
 * (after ddmin, Zeller and Hildebrandt 2002, and QuickCheck's shrinking). */
struct shrink {
    struct scenario best;
    struct trial failure; /* of best; its kind and words are the first one's */
    size_t jobs;          /* runs at a time */
    size_t runs;
    size_t runs_most;
    size_t taken; /* steps that made it smaller */
    size_t next;  /* candidate to look at */
    bool has_moved;
};

/* Run it as it is, which counts as the first run.  STATUS_NOT_FOUND when it
 * passes or cannot be run: failure says which; STATUS_IO when no process can be
 * started. */
MUST_USE enum status shrink_init(struct shrink *shrink,
    const struct scenario *scenario, size_t jobs, size_t runs_most);

/* Try a few candidates; *goes_on is false when none is left, or no run.
 * STATUS_IO.  What the best is does not depend on how many are tried at a time.
 */
MUST_USE enum status shrink_step(struct shrink *shrink, bool *goes_on);

/* A candidate of a scenario that failed so, by number: false when there is none
 * of that number, which is less than shrink_candidates. */
size_t shrink_candidates(void);
bool shrink_candidate(const struct scenario *from, const struct trial *failure,
    size_t number, struct scenario *out);

#endif
