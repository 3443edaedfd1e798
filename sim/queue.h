/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* What is going to happen, in the order in which it will: (time, destination,
 * source, source's sequence).  The order is total and depends neither on when
 * something was added nor on how the queue keeps it, as long as no two events
 * share all four. */
struct queue_event {
    uint64_t at_us;
    uint32_t to;
    uint32_t from;
    uint32_t sequence; /* counted by the source; of timers, which are all alike,
                          the last */
    uint32_t link;     /* the rest is the caller's */
    uint32_t handle;
    uint8_t kind;
    uint8_t bits;  /* of an envelope under way: of its stamp */
    uint16_t hops; /* of an envelope under way: how far it has come, from 1 */
};

/* The destination of what happens to all at once. */
#define QUEUE_ALL UINT32_MAX

/* A calendar of buckets a millisecond wide, each sorted once when its time
 * comes; what lies beyond the ring waits in a heap and feeds it. */
struct queue;

struct queue *queue_new(void); /* NULL when there is no memory */
void queue_free(struct queue *queue);

/* From the next bucket on: whatever is added reaches another destination than
 * the last popped event's so long after that one's time at the soonest, so
 * destinations may take turns: within so long, all that happens at one comes
 * before what happens at the next, each in order.  What happens to all comes
 * when all before it has, and nothing behind it.  0, as at first: all events
 * come in order. */
void queue_set_window(struct queue *queue, uint64_t window_us);

/* Add an event, not before the last one popped.  STATUS_NO_MEMORY. */
MUST_USE enum status queue_push(
    struct queue *queue, const struct queue_event *event);

/* Take the first event off, if it is due by then; false when none is.
 * STATUS_NO_MEMORY can meet the sorting: *failed says so, and the queue may
 * only be freed. */
bool queue_pop(struct queue *queue, uint64_t until_us, struct queue_event *out,
    bool *failed);

/* When the first in time is due; UINT64_MAX when there is none. */
uint64_t queue_first_us(const struct queue *queue);

/* The next events in their order, as many as are known; others may yet come
 * before them; NULL for none.  Borrowed until the queue changes. */
const struct queue_event *queue_ahead(const struct queue *queue, size_t *count);

/* Pending events, and bytes of memory held. */
size_t queue_count(const struct queue *queue);
size_t queue_bytes(const struct queue *queue);

/* Whether a comes before b, in order of time. */
bool queue_before(const struct queue_event *a, const struct queue_event *b);

#endif
