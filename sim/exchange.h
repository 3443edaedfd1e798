/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EXCHANGE_H
#define SIM_EXCHANGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/status.h"

/* How the parts of one run speak with each other: all of them swap at the same
 * places of their course, and each then has what every other had for it.
 * Whoever carries the bytes (threads.h, ranks.h) fills in swap. */
enum exchange_of {
    EXCHANGE_STATUS, /* whether all could begin */
    EXCHANGE_CARDS,
    EXCHANGE_WINDOW, /* what crossed, and how far all may go */
    EXCHANGE_TOTALS,
    EXCHANGE_EDGES, /* of nodes that have other ones */
    EXCHANGE_SKETCH,
    EXCHANGE_OPENED,
    EXCHANGE_ACCOUNT, /* to the first, at the end */
};

struct exchange {
    uint32_t part; /* ours, from 0 */
    uint32_t parts;
    struct buf *out;     /* by part: what goes there; to be appended to */
    struct span *in;     /* by part: what came; valid until the next swap */
    struct buf *sets[2]; /* out is one of them, and the last out the other */
    /* Let in[i] be what part i has in its out[part]. */
    void (*swap)(struct exchange *exchange);
    void *carrier;
};

/* Part number part of so many; one that is alone needs no carrier.
 * STATUS_NO_MEMORY. */
MUST_USE enum status exchange_init(
    struct exchange *exchange, uint32_t part, uint32_t parts);
void exchange_clear(struct exchange *exchange);

/* Append to what goes to every part, our own among them.  STATUS_NO_MEMORY. */
MUST_USE enum status exchange_tell_all(
    struct exchange *exchange, struct span bytes);

/* Swap.  Parts that are not at the same place are a bug, and end the program.
 * STATUS_NO_MEMORY, and then there is no going on. */
MUST_USE enum status exchange_swap(
    struct exchange *exchange, enum exchange_of what);

#endif
