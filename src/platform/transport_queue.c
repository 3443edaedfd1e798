/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames in lists, one allocation each.  libzmq's own queues are kept short and
 * are never trusted to hold back: what they do not take waits here, where its
 * bytes are counted.
 *
 * A flow that is alone may fill nearly all that is open to its rank; the more
 * others have, the less it may (a dynamic threshold; Choudhury, Hahne, 1998):
 * so nothing that waits has to be thrown out for another. */
#include "platform/transport_queue.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FLOW_TIMES = 8 }; /* a flow may fill, of what it leaves */

struct waiting_frame {
    struct fair_item item; /* first */
    size_t size;
    uint8_t bytes[];
};

size_t transport_queue_cost(size_t frame_bytes)
{
    enum { ALLOCATOR_BYTES = 16 };
    return sizeof(struct waiting_frame) + ALLOCATOR_BYTES + frame_bytes;
}

void transport_queue_clear(struct transport_queue *queue)
{
    while (!transport_queue_is_empty(queue))
        transport_queue_pop(queue);
}

bool transport_queue_is_empty(const struct transport_queue *queue)
{
    for (int rank = 0; rank < TRANSPORT_RANKS; rank++)
        if (fair_first(&queue->ranks[rank]))
            return false;
    return true;
}

/* Up to where a rank may fill the queue, in eighths of it. */
static size_t open_to(enum transport_rank rank, size_t maximum)
{
    static const size_t eighths[TRANSPORT_RANKS] = {
        [TRANSPORT_CONTROL] = 8,
        [TRANSPORT_URGENT] = 8,
        [TRANSPORT_RECEIPT] = 7,
        [TRANSPORT_FORWARD] = 6,
        [TRANSPORT_RECONCILE] = 4,
    };
    return maximum / 8 * eighths[rank];
}

/* Whether there is room: of what others leave, a flow leaves a part. */
static bool has_room(const struct transport_queue *queue,
    struct transport_lane lane, size_t cost, size_t open)
{
    size_t flow = fair_flow_cost(&queue->ranks[lane.rank], lane.flow) + cost;
    size_t all = queue->bytes + cost;
    return all <= open && (lane.rank == TRANSPORT_CONTROL ||
                              flow <= FLOW_TIMES * (open - all));
}

enum status transport_queue_push(struct transport_queue *queue,
    struct transport_lane lane, struct span frame, size_t maximum)
{
    size_t cost = transport_queue_cost(frame.size);

    if (!has_room(queue, lane, cost, open_to(lane.rank, maximum)))
        return STATUS_AGAIN;
    struct waiting_frame *waiting = malloc(sizeof(*waiting) + frame.size);
    if (!waiting)
        return STATUS_NO_MEMORY;
    waiting->item.cost = cost;
    waiting->size = frame.size;
    if (frame.size > 0)
        memcpy(waiting->bytes, frame.data, frame.size);
    if (fair_add(&queue->ranks[lane.rank], lane.flow, &waiting->item)) {
        free(waiting);
        return STATUS_NO_MEMORY;
    }
    queue->bytes += cost;
    return STATUS_OK;
}

enum transport_rank transport_queue_rank(const struct transport_queue *queue)
{
    int rank = 0;

    while (rank < TRANSPORT_RANKS && !fair_first(&queue->ranks[rank]))
        rank++;
    assert(rank < TRANSPORT_RANKS);
    return (enum transport_rank)rank;
}

struct span transport_queue_first(const struct transport_queue *queue)
{
    const struct waiting_frame *waiting =
        (const struct waiting_frame *)fair_first(
            &queue->ranks[transport_queue_rank(queue)]);

    return (struct span){waiting->bytes, waiting->size};
}

void transport_queue_pop(struct transport_queue *queue)
{
    struct fair_item *item =
        fair_take(&queue->ranks[transport_queue_rank(queue)]);

    queue->bytes -= item->cost;
    free(item); /* the frame begins with it */
}
