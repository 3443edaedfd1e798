/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_WANTS_H
#define RELAY_WANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* What peers have and we lack: asked for in batches, each when the last has
 * come, so that a catch-up never holds more than a batch in anybody's queue. */
enum {
    WANTS_BATCH_BYTES = 64 * 1024,
    WANTS_ANSWER_MS = 10000, /* then what did not come is given up */
    WANTS_PAUSE_MS = 32,     /* between batches: at most 2 MiB/s */
    WANTS_QUEUE = 4096,      /* ids a link */
};

/* What is wanted of one link, in the order of asking. */
struct wants_queue {
    uint32_t link;
    uint32_t largest_bytes; /* of the batch that is out */
    uint32_t suppose_bytes; /* for the next batch */
    size_t asked;
    size_t behind; /* that were left for later batches then */
    size_t owed;
    uint64_t at_ms; /* ask, or, while something is owed, give up */
    struct envelope_id *ids;
    size_t count;
    size_t capacity;
};

struct wants {
    size_t count;
    struct table ids;           /* each id is wanted from one link at a time */
    struct wants_queue *queues; /* of links that have something to ask */
    size_t capacity;
};

void wants_init(struct wants *wants, uint64_t seed);
void wants_clear(struct wants *wants);

/* Want an id from a link, which has it.  False when too much is wanted from
 * that link already, or when it is wanted from another: ask again later. */
bool wants_add(struct wants *wants, struct turn *turn, uint32_t link,
    const struct envelope_id *id);

/* Whether it is wanted of anybody. */
bool wants_wanted(const struct wants *wants, const struct envelope_id *id);

/* Whether this link was asked for it. */
bool wants_asked(
    const struct wants *wants, uint32_t link, const struct envelope_id *id);

/* It is here, or it is no longer to be had; bytes: what it cost. */
void wants_settle(struct wants *wants, struct turn *turn,
    const struct envelope_id *id, uint32_t bytes);

/* Nothing is wanted from that link. */
bool wants_idle(const struct wants *wants, uint32_t link);

/* A link is gone.  True when it still owed something. */
bool wants_link_down(struct wants *wants, uint32_t link);

/* Ask for the next batches, where they are due. */
void wants_tick(struct wants *wants, struct turn *turn);

/* Give up a batch that did not come in time, and all that was wanted of its
 * link besides; false when there is none. */
bool wants_give_up(struct wants *wants, uint64_t now_ms, uint32_t *link);

uint64_t wants_deadline_ms(const struct wants *wants);
size_t wants_bytes(const struct wants *wants);

/* The first that does not hold of the queues as they are counted, or NULL; then
 * also of each id. */
const char *wants_step_violation(const struct wants *wants);
const char *wants_violation(const struct wants *wants);

#endif
