/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEETINGS_H
#define SIM_MEETINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/scenario.h"

/* Who meets whom, and when they part: a trace that was recorded, or one that
 * moving nodes make.  In order of time; at one moment those who part come
 * before those who meet. */
struct meeting {
    uint64_t at_us;
    uint32_t one;
    uint32_t other;
    bool meets; /* else they part */
};

struct meetings {
    struct meeting *list;
    size_t count;
    size_t capacity;
    uint32_t nodes;
};

/* Read the trace of a scenario ("seconds CONN a b up|down", as the ONE has
 * it).  STATUS_IO, STATUS_INVALID with a complaint: a line that cannot be read
 * or is out of order, two who meet that have met or part that have not.
 * STATUS_NO_MEMORY. */
MUST_USE enum status meetings_read(const struct scenario *scenario,
    struct meetings *out, struct complaint *complaint);

/* Append one. */
MUST_USE enum status meetings_add(
    struct meetings *meetings, const struct meeting *meeting);
void meetings_clear(struct meetings *meetings);

#endif
