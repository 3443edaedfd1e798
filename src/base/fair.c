/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flows in a list in the order of their turns.  The one in front can always pay
 * for its first item: whenever that changes, turns pass until one can.  A flow
 * is there while something of it waits, so there are never more of them than
 * items; they are looked for one by one, as there are few: links of a node. */
#include "base/fair.h"

#include <assert.h>
#include <stdlib.h>

struct fair_flow {
    struct fair_flow *next;
    struct fair_item *first;
    struct fair_item *last;
    size_t credit;
    size_t cost;
    size_t yielding_cost;
    uint32_t flow;
};

static struct fair_flow *find(const struct fair *fair, uint32_t flow)
{
    struct fair_flow *there = fair->first;
    while (there && there->flow != flow)
        there = there->next;
    return there;
}

static void append(struct fair *fair, struct fair_flow *flow)
{
    flow->next = NULL;
    if (fair->last)
        fair->last->next = flow;
    else
        fair->first = flow;
    fair->last = flow;
}

static struct fair_flow *remove_first(struct fair *fair)
{
    struct fair_flow *flow = fair->first;
    fair->first = flow->next;
    if (!fair->first)
        fair->last = NULL;
    return flow;
}

/* Let turns pass until the flow in front can pay. */
static void pass_turns(struct fair *fair)
{
    while (fair->first && fair->first->credit < fair->first->first->cost) {
        append(fair, remove_first(fair));
        fair->first->credit += FAIR_QUANTUM;
    }
}

enum status fair_add(struct fair *fair, uint32_t flow, struct fair_item *item)
{
    struct fair_flow *there = find(fair, flow);
    if (!there) {
        there = calloc(1, sizeof(*there));
        if (!there)
            return STATUS_NO_MEMORY;
        there->flow = flow;
        append(fair, there);
    }
    item->next = NULL;
    item->before = there->last;
    item->flow = there;
    if (there->last)
        there->last->next = item;
    else
        there->first = item;
    there->last = item;
    there->cost += item->cost;
    there->yielding_cost += item->yields ? item->cost : 0;
    pass_turns(fair);
    return STATUS_OK;
}

struct fair_item *fair_first(const struct fair *fair)
{
    return fair->first ? fair->first->first : NULL;
}

/* A flow that has nothing left gives up its turn. */
static void end_flow(struct fair *fair, struct fair_flow *flow)
{
    struct fair_flow *before = NULL;
    if (fair->first != flow)
        for (before = fair->first; before->next != flow;)
            before = before->next;
    if (before) {
        before->next = flow->next;
        if (!flow->next)
            fair->last = before;
        free(flow);
        return;
    }
    free(remove_first(fair));
    if (fair->first)
        fair->first->credit += FAIR_QUANTUM;
}

/* Out of its flow, which may have nothing then. */
static void unlink_item(struct fair_item *item)
{
    struct fair_flow *flow = item->flow;
    if (item->before)
        item->before->next = item->next;
    else
        flow->first = item->next;
    if (item->next)
        item->next->before = item->before;
    else
        flow->last = item->before;
    flow->cost -= item->cost;
    flow->yielding_cost -= item->yields ? item->cost : 0;
}

void fair_remove(struct fair *fair, struct fair_item *item)
{
    struct fair_flow *flow = item->flow;
    unlink_item(item);
    if (!flow->first)
        end_flow(fair, flow);
    pass_turns(fair);
}

struct fair_item *fair_take(struct fair *fair)
{
    assert(fair->first);
    struct fair_item *item = fair->first->first;
    fair->first->credit -= item->cost;
    fair_remove(fair, item);
    return item;
}

struct fair_item *fair_yielding(const struct fair *fair)
{
    const struct fair_flow *most = NULL;
    for (const struct fair_flow *flow = fair->first; flow; flow = flow->next)
        if (flow->yielding_cost > 0 && (!most || flow->cost > most->cost))
            most = flow;
    struct fair_item *item = most ? most->first : NULL;
    while (item && !item->yields)
        item = item->next;
    return item;
}

size_t fair_flow_cost(const struct fair *fair, uint32_t flow)
{
    const struct fair_flow *there = find(fair, flow);
    return there ? there->cost : 0;
}

size_t fair_firm_cost(const struct fair *fair, uint32_t flow)
{
    const struct fair_flow *there = find(fair, flow);
    return there ? there->cost - there->yielding_cost : 0;
}
