/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_LANES_H
#define PROTO_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fair.h"
#include "base/status.h"
#include "proto/frame.h"

/* What goes first where frames have to wait; within a rank and a flow they keep
 * their order. */
enum lane_rank {
    LANE_CONTROL,
    LANE_URGENT,  /* own letters that cannot wait */
    LANE_RECEIPT, /* and what is on its stem */
    LANE_FORWARD,
    LANE_RECONCILE,
    LANE_RANKS,
};

/* Where a frame has to wait: by its rank, and there by whose mail it is.  Each
 * flow within a rank has its turn; what that number says, the caller knows. */
struct lane {
    enum lane_rank rank;
    uint32_t flow;
};

/* The lane of a frame; urgent: of a push that cannot wait; from: the link by
 * whose mail it came about, 0 for none. */
struct lane lanes_of(enum frame_type type, bool urgent, uint32_t from);

/* First in whatever waits; the caller's memory. */
struct lanes_item {
    struct fair_item item; /* first */
    struct lanes_item *older;
    struct lanes_item *newer;
    uint64_t since_ms;
    struct lane lane;
};

/* Frames that wait for one link, by rank and then each flow in its turn
 * (fair.h), bounded in bytes.  No flow may fill more than eight times what it
 * leaves, so that there is room for what another brings.  A lower rank may fill
 * a part of the queue alone, so that there is always room for what is above it.
 * The bound counts what a frame costs in memory, not only its bytes, so that
 * tiny frames are bounded as well.
 *
 * Forwards yield: others have that mail, and who is told of it can ask.  Those
 * that have waited for LIMIT_FORWARD_STALE_MS, and those in the way of what
 * comes, are demoted: the caller takes them, and announces them.  Nothing that
 * was asked for, or that nobody else has, is a forward in this sense. */
struct lanes {
    struct fair ranks[LANE_RANKS];
    size_t bytes;
    size_t yielding[LANE_RANKS]; /* bytes, of these */
    struct lanes_item *oldest;   /* of all that yield */
    struct lanes_item *newest;
    struct lanes_item *demoted; /* not taken yet, the first of them */
    struct lanes_item *demoted_last;
};

/* Now; up to how many bytes it may be filled; by how many it may grow. */
struct lanes_terms {
    uint64_t now_ms;
    size_t maximum;
    size_t spare;
};

bool lanes_is_empty(const struct lanes *lanes);

/* What a frame of that size counts for. */
size_t lanes_cost(size_t frame_bytes);

/* Whether a frame of that size has room in that lane as it is. */
bool lanes_has_room(const struct lanes *lanes, struct lane lane,
    size_t frame_bytes, const struct lanes_terms *terms);

/* Whether it has or, were all demoted that yields to it, would have. */
bool lanes_can_take(const struct lanes *lanes, struct lane lane,
    size_t frame_bytes, const struct lanes_terms *terms);

/* Put a frame of that size at the end of its lane, which is set, as is whether
 * it yields.  Where there is no room, as many forwards of its rank and of lower
 * ones are demoted as make some, the lowest rank's first, of the flow that has
 * most there, and of it the stalest; but none in vain.  STATUS_AGAIN when even
 * so what of the queue is open to that rank, or to that flow in it, would be
 * passed, STATUS_NO_MEMORY; the item is still the caller's then. */
MUST_USE enum status lanes_add(struct lanes *lanes, struct lanes_item *item,
    size_t frame_bytes, const struct lanes_terms *terms);

/* Demote what is stale by now; when the next will be, UINT64_MAX for never. */
void lanes_pass_time(struct lanes *lanes, uint64_t now_ms);
uint64_t lanes_stale_ms(const struct lanes *lanes);

/* What was demoted and not taken yet, the first; NULL. */
struct lanes_item *lanes_take_demoted(struct lanes *lanes);

/* The first that waits, until something is added, taken or demoted; NULL. */
struct lanes_item *lanes_first(const struct lanes *lanes);

/* Take it off; something waits. */
struct lanes_item *lanes_take(struct lanes *lanes);

#endif
