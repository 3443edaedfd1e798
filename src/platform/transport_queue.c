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
    while (queue->first)
        transport_queue_pop(queue);
}

enum status transport_queue_push(
    struct transport_queue *queue, struct span frame, size_t maximum)
{
    size_t cost = transport_queue_cost(frame.size);

    if (queue->bytes + cost > maximum)
        return STATUS_AGAIN;
    struct transport_frame *item = malloc(sizeof(*item) + frame.size);
    if (!item)
        return STATUS_NO_MEMORY;
    item->next = NULL;
    item->size = frame.size;
    if (frame.size > 0)
        memcpy(item->bytes, frame.data, frame.size);
    if (queue->last)
        queue->last->next = item;
    else
        queue->first = item;
    queue->last = item;
    queue->bytes += cost;
    return STATUS_OK;
}

struct span transport_queue_first(const struct transport_queue *queue)
{
    assert(queue->first);
    return (struct span){queue->first->bytes, queue->first->size};
}

void transport_queue_pop(struct transport_queue *queue)
{
    struct transport_frame *item = queue->first;

    assert(item);
    queue->first = item->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= transport_queue_cost(item->size);
    free(item);
}
