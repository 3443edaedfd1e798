/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LOTS_H
#define SIM_LOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/scenario.h"

/* What falls to a node before a run begins. */
struct lot {
    uint8_t role;     /* enum role */
    bool dies;        /* with kill_at */
    bool far_side;    /* of a partition */
    bool is_slow;     /* its links have slow_bandwidth */
    uint32_t friends; /* nodes that it and they are told to stay linked; not
                         drawn here (world.c) */
    int32_t skew_s;   /* its clock is so far ahead, from skew_at on */
};

/* Draw a lot for each node.  A share of n nodes is that many of them, rounded,
 * not each with that chance; and of two shares of one kind the smaller takes
 * of those that the greater would.  STATUS_NO_MEMORY. */
MUST_USE enum status lots_draw(
    const struct scenario *scenario, uint32_t nodes, struct lot *out);

/* Whether people live at such a node: it is honest (and no spy, who relays as
 * one), stays, is not slow, and its clock is tolerable. */
bool lot_is_home(const struct lot *lot);

#endif
