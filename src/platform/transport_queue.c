/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A linked list of frames, one allocation each.  libzmq's own queues are kept
 * short and are never trusted to hold back: what they do not take waits here,
 * where its bytes are counted. */
#include "platform/transport_queue.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct transport_frame {
    struct transport_frame *next;
    size_t size;
    uint8_t bytes[];
};

size_t transport_queue_cost(size_t frame_bytes)
{
    enum { ALLOCATOR_BYTES = 16 };
    return sizeof(struct transport_frame) + ALLOCATOR_BYTES + frame_bytes;
}

void transport_queue_clear(struct transport_queue *queue)
{
    while (!transport_queue_is_empty(queue))
        transport_queue_pop(queue);
}

bool transport_queue_is_empty(const struct transport_queue *queue)
{
    for (int rank = 0; rank < TRANSPORT_RANKS; rank++)
        if (queue->first[rank])
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

enum status transport_queue_push(struct transport_queue *queue,
    enum transport_rank rank, struct span frame, size_t maximum)
{
    size_t cost = transport_queue_cost(frame.size);

    if (queue->bytes + cost > open_to(rank, maximum))
        return STATUS_AGAIN;
    struct transport_frame *item = malloc(sizeof(*item) + frame.size);
    if (!item)
        return STATUS_NO_MEMORY;
    item->next = NULL;
    item->size = frame.size;
    if (frame.size > 0)
        memcpy(item->bytes, frame.data, frame.size);
    if (queue->last[rank])
        queue->last[rank]->next = item;
    else
        queue->first[rank] = item;
    queue->last[rank] = item;
    queue->bytes += cost;
    return STATUS_OK;
}

enum transport_rank transport_queue_rank(const struct transport_queue *queue)
{
    int rank = 0;

    while (rank < TRANSPORT_RANKS && !queue->first[rank])
        rank++;
    assert(rank < TRANSPORT_RANKS);
    return (enum transport_rank)rank;
}

struct span transport_queue_first(const struct transport_queue *queue)
{
    const struct transport_frame *item =
        queue->first[transport_queue_rank(queue)];

    return (struct span){item->bytes, item->size};
}

void transport_queue_pop(struct transport_queue *queue)
{
    enum transport_rank rank = transport_queue_rank(queue);
    struct transport_frame *item = queue->first[rank];

    queue->first[rank] = item->next;
    if (!queue->first[rank])
        queue->last[rank] = NULL;
    queue->bytes -= transport_queue_cost(item->size);
    free(item);
}
