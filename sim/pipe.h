/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PIPE_H
#define SIM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"
#include "proto/lanes.h"
#include "sim/queue.h"

/* One end of a link that has a bandwidth: what it cannot take yet waits as it
 * does in sottod (proto/lanes.h), and leaves when its turn comes.  Where a
 * function takes one that may be NULL, that is one in which nothing waits. */
struct pipe {
    struct lanes lanes;
    uint64_t free_us; /* it is taken up to then */
    uint64_t wake_us; /* it is looked at then; UINT64_MAX: never */
};

/* A frame, as the event that its arrival will be but for the time; what that
 * holds is its owner's. */
struct pipe_frame {
    struct lanes_item item; /* first */
    struct queue_event event;
    enum frame_type type;
    uint32_t bytes;
};

/* NULL when there is no memory.  What still waits is freed with it. */
struct pipe *pipe_new(void);
void pipe_free(struct pipe *pipe);

/* Whether a frame that leaves its node now has to wait; NULL: no. */
bool pipe_is_busy(const struct pipe *pipe, uint64_t now_us);

/* Bytes that wait; NULL: none. */
size_t pipe_bytes(const struct pipe *pipe);

/* Whether a frame could wait; let it wait, as a copy: STATUS_NO_MEMORY, and as
 * lanes_add. */
bool pipe_can_take(const struct pipe *pipe, const struct pipe_frame *frame,
    const struct lanes_terms *terms);
MUST_USE enum status pipe_add(struct pipe *pipe, const struct pipe_frame *frame,
    const struct lanes_terms *terms);

/* The first that waits, where its turn comes by then; what was demoted, one
 * after the other; any.  NULL for none, or the caller frees it. */
struct pipe_frame *pipe_take(struct pipe *pipe, uint64_t until_us);
struct pipe_frame *pipe_take_demoted(struct pipe *pipe);
struct pipe_frame *pipe_take_any(struct pipe *pipe);

/* Whether a forward has waited so long that it is to be demoted. */
bool pipe_is_stale(const struct pipe_frame *frame, uint64_t now_ms);

/* When it is to be looked at: what waits is to leave, or will be stale;
 * UINT64_MAX. */
uint64_t pipe_due_us(const struct pipe *pipe);

#endif
