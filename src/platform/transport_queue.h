/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_QUEUE_H
#define PLATFORM_TRANSPORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fair.h"
#include "base/span.h"
#include "base/status.h"
#include "platform/transport_rank.h"

/* Frames that wait for one link, by rank and then each flow in its turn
 * (fair.h), bounded in bytes.  No flow may fill more than eight times what it
 * leaves, so that there is room for what another brings.  A lower rank may fill
 * a part of the queue alone, so that there is always room for what is above it;
 * what does not fit is refused.  The bound counts what a frame costs in memory,
 * not only its bytes, so that tiny frames are bounded as well. */
struct transport_queue {
    struct fair ranks[TRANSPORT_RANKS];
    size_t bytes;
};

bool transport_queue_is_empty(const struct transport_queue *queue);

/* What a frame of that size counts for. */
size_t transport_queue_cost(size_t frame_bytes);

void transport_queue_clear(struct transport_queue *queue);

/* Copy a frame to the end of its lane.  STATUS_AGAIN when the queue would pass
 * what of maximum is open to that rank, or to that flow in it,
 * STATUS_NO_MEMORY. */
MUST_USE enum status transport_queue_push(struct transport_queue *queue,
    struct transport_lane lane, struct span frame, size_t maximum);

/* The first frame's rank; the queue is not empty. */
enum transport_rank transport_queue_rank(const struct transport_queue *queue);

/* The first frame; the queue is not empty.  Valid until it is popped. */
struct span transport_queue_first(const struct transport_queue *queue);
void transport_queue_pop(struct transport_queue *queue);

#endif
