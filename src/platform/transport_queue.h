/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_QUEUE_H
#define PLATFORM_TRANSPORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/status.h"
#include "platform/transport_event.h"
#include "proto/ids.h"
#include "proto/lanes.h"

/* The frames that wait for one link (proto/lanes.h), each in memory of its
 * own. */
struct transport_queue {
    struct lanes lanes;
};

bool transport_queue_is_empty(const struct transport_queue *queue);

/* What is demoted and was not taken is gone as well. */
void transport_queue_clear(struct transport_queue *queue);

/* Copy a frame to the end of its lane, as lanes_add; what is demoted for it is
 * to be taken.  STATUS_AGAIN, STATUS_NO_MEMORY. */
MUST_USE enum status transport_queue_push(struct transport_queue *queue,
    struct lane lane, const struct transport_frame *frame,
    const struct lanes_terms *terms);

/* The envelope of a forward that was demoted: as lanes_pass_time has it, or for
 * what was pushed.  False when there is none. */
bool transport_queue_take_demoted(
    struct transport_queue *queue, struct envelope_id *out);

/* The first frame's lane; the queue is not empty. */
struct lane transport_queue_lane(const struct transport_queue *queue);

/* The first frame; the queue is not empty.  Valid until it is popped, or time
 * passes. */
struct span transport_queue_first(const struct transport_queue *queue);
void transport_queue_pop(struct transport_queue *queue);

#endif
