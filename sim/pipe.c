/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Few links have a bandwidth, and of these few have to wait: a pipe is made
 * when a link first carries something slowly, and the others are as small as
 * before. A frame keeps its lane's place by the size that it has on the wire,
 * though only its number lies here: so a queue is as full as sottod's. */
#include "sim/pipe.h"

#include <stdlib.h>

#include "proto/limits.h"

struct pipe *pipe_new(void)
{
    struct pipe *pipe = calloc(1, sizeof(*pipe));
    if (pipe)
        pipe->wake_us = UINT64_MAX;
    return pipe;
}

void pipe_free(struct pipe *pipe)
{
    struct pipe_frame *frame;
    while ((frame = pipe_take_any(pipe)))
        free(frame);
    free(pipe);
}

bool pipe_is_busy(const struct pipe *pipe, uint64_t now_us)
{
    return pipe && (pipe->free_us > now_us || !lanes_is_empty(&pipe->lanes));
}

size_t pipe_bytes(const struct pipe *pipe)
{
    return pipe ? pipe->lanes.bytes : 0;
}

bool pipe_can_take(const struct pipe *pipe, const struct pipe_frame *frame,
    const struct lanes_terms *terms)
{
    return lanes_can_take(&pipe->lanes, frame->item.lane, frame->bytes, terms);
}

enum status pipe_add(struct pipe *pipe, const struct pipe_frame *frame,
    const struct lanes_terms *terms)
{
    struct pipe_frame *waiting = malloc(sizeof(*waiting));
    if (!waiting)
        return STATUS_NO_MEMORY;
    *waiting = *frame;
    enum status status =
        lanes_add(&pipe->lanes, &waiting->item, frame->bytes, terms);
    if (status)
        free(waiting);
    return status;
}

struct pipe_frame *pipe_take(struct pipe *pipe, uint64_t until_us)
{
    if (!pipe || pipe->free_us > until_us || lanes_is_empty(&pipe->lanes))
        return NULL;
    return (struct pipe_frame *)lanes_take(&pipe->lanes);
}

struct pipe_frame *pipe_take_demoted(struct pipe *pipe)
{
    return pipe ? (struct pipe_frame *)lanes_take_demoted(&pipe->lanes) : NULL;
}

struct pipe_frame *pipe_take_any(struct pipe *pipe)
{
    struct pipe_frame *demoted = pipe_take_demoted(pipe);
    return demoted ? demoted : pipe_take(pipe, UINT64_MAX);
}

bool pipe_is_stale(const struct pipe_frame *frame, uint64_t now_ms)
{
    return frame->item.item.yields &&
           now_ms - frame->item.since_ms >= LIMIT_FORWARD_STALE_MS;
}

uint64_t pipe_due_us(const struct pipe *pipe)
{
    if (!pipe || lanes_is_empty(&pipe->lanes))
        return UINT64_MAX;
    uint64_t stale_ms = lanes_stale_ms(&pipe->lanes);
    return stale_ms < pipe->free_us / 1000 ? stale_ms * 1000 : pipe->free_us;
}
