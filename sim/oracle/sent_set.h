/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ORACLE_SENT_SET_H
#define SIM_ORACLE_SENT_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Which envelopes went over a link, either way, since the peer last asked for
 * anything: a set of slab numbers, from the first that anybody still holds.
 * Zero is the empty one. */
struct sent_set {
    uint64_t *words;
    uint32_t first_word; /* number / 64 of the first */
    uint32_t word_count;
};

/* Add a number; *was_there: it was in it.  Of those before first_held nobody
 * asks again: when there is no room, they are forgotten.  STATUS_NO_MEMORY. */
MUST_USE enum status sent_set_add(struct sent_set *set, uint32_t number,
    uint32_t first_held, bool *was_there);

/* It never left: the link's queue was full. */
void sent_set_remove(struct sent_set *set, uint32_t number);

/* Nothing is in it, and it has no memory. */
void sent_set_clear(struct sent_set *set);

#endif
