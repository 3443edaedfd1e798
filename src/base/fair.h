/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_FAIR_H
#define BASE_FAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Things that wait, each of some flow: first in first out within a flow, and
 * each flow in its turn, so that none has to wait for all that another has put
 * there.  Deficit round robin (Shreedhar, Varghese, "Efficient Fair Queuing
 * Using Deficit Round-Robin", 1995): in a turn a flow may take FAIR_QUANTUM,
 * and what it does not use of that while it waits is added to its next. */
enum { FAIR_QUANTUM = 2048 };

struct fair_flow;

/* First in whatever waits; the caller's memory. */
struct fair_item {
    struct fair_item *next;
    struct fair_item *before;
    struct fair_flow *flow;
    size_t cost;
    bool yields; /* it may be taken off for what comes */
};

struct fair {
    struct fair_flow *first; /* whose turn it is; NULL: nothing waits */
    struct fair_flow *last;
};

/* Put an item, its cost and whether it yields set, behind all of its flow,
 * which is new where nothing of it waits: then its turn comes last.
 * STATUS_NO_MEMORY. */
MUST_USE enum status fair_add(
    struct fair *fair, uint32_t flow, struct fair_item *item);

/* The item that is to go next, until it is taken, whatever is added; NULL. */
struct fair_item *fair_first(const struct fair *fair);

/* Take that item off, and give it back; something waits. */
struct fair_item *fair_take(struct fair *fair);

/* Take off one that waits, wherever it stands. */
void fair_remove(struct fair *fair, struct fair_item *item);

/* The first that yields, of the flow that costs the most of those that have
 * such; NULL.  So who has put most there makes room (McKenney, "Stochastic
 * Fairness Queueing", 1990). */
struct fair_item *fair_yielding(const struct fair *fair);

/* What all that waits of a flow costs; and that which does not yield. */
size_t fair_flow_cost(const struct fair *fair, uint32_t flow);
size_t fair_firm_cost(const struct fair *fair, uint32_t flow);

#endif
