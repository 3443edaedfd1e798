/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One allocation a frame.  libzmq's own queues are kept short and are never
 * trusted to hold back: what they do not take waits here, where its bytes are
 * counted, and what has waited too long is not sent. */
#include "platform/transport_queue.h"

#include <stdlib.h>
#include <string.h>

struct waiting_frame {
    struct lanes_item item; /* first */
    struct envelope_id id;  /* of a forward */
    size_t size;
    uint8_t bytes[];
};

static struct waiting_frame *first(const struct transport_queue *queue)
{
    return (struct waiting_frame *)lanes_first(&queue->lanes);
}

bool transport_queue_is_empty(const struct transport_queue *queue)
{
    return lanes_is_empty(&queue->lanes);
}

void transport_queue_clear(struct transport_queue *queue)
{
    struct envelope_id unused;
    while (transport_queue_take_demoted(queue, &unused))
        continue;
    while (!transport_queue_is_empty(queue))
        transport_queue_pop(queue);
}

enum status transport_queue_push(struct transport_queue *queue,
    struct lane lane, const struct transport_frame *frame,
    const struct lanes_terms *terms)
{
    size_t size = frame->bytes.size;
    struct waiting_frame *waiting = malloc(sizeof(*waiting) + size);
    if (!waiting)
        return STATUS_NO_MEMORY;
    *waiting = (struct waiting_frame){.item = {.lane = lane}, .size = size};
    waiting->item.item.yields = frame->forward != NULL;
    if (frame->forward)
        waiting->id = *frame->forward;
    if (size > 0)
        memcpy(waiting->bytes, frame->bytes.data, size);
    enum status status = lanes_add(&queue->lanes, &waiting->item, size, terms);
    if (status)
        free(waiting);
    return status;
}

bool transport_queue_take_demoted(
    struct transport_queue *queue, struct envelope_id *out)
{
    struct waiting_frame *waiting =
        (struct waiting_frame *)lanes_take_demoted(&queue->lanes);
    if (!waiting)
        return false;
    *out = waiting->id;
    free(waiting);
    return true;
}

struct lane transport_queue_lane(const struct transport_queue *queue)
{
    return lanes_first(&queue->lanes)->lane;
}

struct span transport_queue_first(const struct transport_queue *queue)
{
    const struct waiting_frame *waiting = first(queue);
    return (struct span){waiting->bytes, waiting->size};
}

void transport_queue_pop(struct transport_queue *queue)
{
    free(lanes_take(&queue->lanes)); /* the frame begins with it */
}
