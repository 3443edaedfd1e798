/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHAPE_H
#define PLATFORM_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "platform/transport_event.h"
#include "proto/ids.h"
#include "proto/lanes.h"

/* Frames on their way over links that are slow, uneven or lossy, as the
 * simulator's [links] has them: sotto-scenario(5).  Time is passed in. */
struct shape_terms {
    uint64_t latency_us; /* of each frame */
    uint64_t jitter_us;  /* added, uniform from 0; frames keep their order */
    uint64_t loss_ppm;   /* chance of each to be lost */
    uint64_t bandwidth;  /* bytes a second of each link; 0: without limit */
};

/* Read "latency_us=20000,jitter_us=10000,loss_ppm=0,bandwidth=0", the names in
 * any order; what is not named is 0.  STATUS_INVALID. */
MUST_USE enum status shape_read(const char *text, struct shape_terms *out);

struct shape;

/* random is borrowed.  NULL without memory. */
struct shape *shape_new(const struct shape_terms *terms, struct random *random);
void shape_free(struct shape *shape);

/* A frame is sent on a link: it is kept until it arrives, or lost.  What has to
 * wait for the bandwidth does so as in lanes_add, whose refusals these are;
 * what is demoted for it is to be taken.  STATUS_AGAIN, STATUS_NO_MEMORY. */
MUST_USE enum status shape_send(struct shape *shape, uint32_t link,
    struct lane lane, const struct transport_frame *frame, uint64_t now_us);

/* When to take next: something arrives, leaves or is stale; UINT64_MAX when
 * nothing is kept. */
uint64_t shape_due_us(const struct shape *shape);

/* The next that has arrived by now; false when none has.  The frame is
 * borrowed until the next call. */
struct shape_arrival {
    uint32_t link;
    struct lane lane;
    struct span frame;
};
bool shape_take(
    struct shape *shape, uint64_t now_us, struct shape_arrival *out);

/* A forward that was demoted, its link and envelope; false when none was. */
bool shape_take_demoted(
    struct shape *shape, uint32_t *link, struct envelope_id *out);

/* What is kept for a link arrives now: it is about to end. */
void shape_hurry(struct shape *shape, uint32_t link);

#endif
