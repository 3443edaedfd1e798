/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_QUEUE_H
#define PLATFORM_TRANSPORT_QUEUE_H

#include <stddef.h>

#include "base/span.h"
#include "base/status.h"

/* Frames that wait for one link, first in first out, bounded in bytes.  The
 * bound counts what a frame costs in memory, not only its bytes, so that tiny
 * frames are bounded as well. */
struct transport_frame;

struct transport_queue {
    struct transport_frame *first;
    struct transport_frame *last;
    size_t bytes;
};

/* What a frame of that size counts for. */
size_t transport_queue_cost(size_t frame_bytes);

void transport_queue_clear(struct transport_queue *queue);

/* Copy a frame to the end.  STATUS_AGAIN when the queue would pass maximum,
 * STATUS_NO_MEMORY. */
MUST_USE enum status transport_queue_push(
    struct transport_queue *queue, struct span frame, size_t maximum);

/* The first frame; the queue is not empty.  Valid until it is popped. */
struct span transport_queue_first(const struct transport_queue *queue);
void transport_queue_pop(struct transport_queue *queue);

#endif
