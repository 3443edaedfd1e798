/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_FAIR_H
#define BASE_FAIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Things that wait, each of some flow: first in first out within a flow, and
 * each flow in its turn, so that none has to wait for all that another has put
 * there.  Deficit round robin (Shreedhar, Varghese, "Efficient Fair Queuing
 * Using Deficit Round-Robin", 1995): in a turn a flow may take FAIR_QUANTUM,
 * and what it does not use of that while it waits is added to its next. */
enum { FAIR_QUANTUM = 2048 };

/* First in whatever waits; the caller's memory. */
struct fair_item {
    struct fair_item *next;
    size_t cost;
};

struct fair_flow;

struct fair {
    struct fair_flow *first; /* whose turn it is; NULL: nothing waits */
    struct fair_flow *last;
};

/* Put an item, its cost set, behind all of its flow, which is new where nothing
 * of it waits: then its turn comes last.  STATUS_NO_MEMORY. */
MUST_USE enum status fair_add(
    struct fair *fair, uint32_t flow, struct fair_item *item);

/* The item that is to go next, until it is taken, whatever is added; NULL. */
struct fair_item *fair_first(const struct fair *fair);

/* Take that item off, and give it back; something waits. */
struct fair_item *fair_take(struct fair *fair);

/* What all that waits of a flow costs. */
size_t fair_flow_cost(const struct fair *fair, uint32_t flow);

#endif
