/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an event needs of its node is cold in a large mesh, and scattered: it is
 * sent for some events before its turn, each time what the last step made
 * known: the node, its relay, what that points at, and what it has of the link
 * and of the mail that the event is about.  No more than that: a processor has
 * a dozen lines under way at most, and one that was sent for in vain costs as
 * much as one that was not. */
#include "sim/warm.h"

enum { WARM_NODE = 12, WARM_RELAY = 9, WARM_ROOMS = 6, WARM_FRAME = 3 };

/* The node of the event at that place, unless the event before is for it, too:
 * then what is there of it has been sent for.  NULL. */
static const struct node *new_ahead(
    const struct world *world, const struct queue_event *ahead, size_t place)
{
    uint32_t to = ahead[place].to;
    return to == ahead[place - 1].to || to >= world->node_count
               ? NULL
               : &world->nodes[to];
}

/* An event about mail that the slab knows. */
static bool is_mail(const struct queue_event *event)
{
    return event->kind == EVENT_PUSH || event->kind == EVENT_STEM ||
           event->kind == EVENT_RECEIPT;
}

/* The number of what it is about says what of it the node has. */
static void warm_books(const struct world *world, const struct node *node,
    const struct queue_event *event)
{
    const struct slab_item *item = slab_item(&world->slab, event->handle);
    relay_warm_frame(node->relay, event->link, item->numbered);
    ledger_warm(&node->shelf, event->handle);
    if (item->hops)
        __builtin_prefetch(&item->hops[world_place(world, event->to)], 1);
}

static void warm_frame(
    const struct world *world, const struct queue_event *event)
{
    if (event->to >= world->node_count || !world->nodes[event->to].relay)
        return;
    const struct node *node = &world->nodes[event->to];
    if (is_mail(event))
        warm_books(world, node, event);
    if (event->kind != EVENT_FRAME)
        return;
    parcels_warm(&world->parcels, event->handle);
    relay_warm_frame(node->relay, event->link, CATALOG_NONE);
}

static void warm_node(const struct node *node)
{
    __builtin_prefetch(node);
    __builtin_prefetch((const char *)node + 64);
    __builtin_prefetch((const char *)node + 128);
}

static void warm_relay(const struct node *node)
{
    relay_warm(node->relay);
    for (uint32_t i = 0; i < node->link_count && i < 16; i++)
        __builtin_prefetch(&node->links[i]);
}

void warm_ahead(const struct world *world)
{
    const struct node *node;
    size_t count;
    const struct queue_event *ahead = queue_ahead(world->queue, &count);
    if (count > WARM_FRAME)
        warm_frame(world, &ahead[WARM_FRAME]);
    if (count > WARM_NODE && (node = new_ahead(world, ahead, WARM_NODE)))
        warm_node(node);
    if (count > WARM_RELAY && (node = new_ahead(world, ahead, WARM_RELAY)) &&
        node->relay)
        warm_relay(node);
    if (count > WARM_ROOMS && (node = new_ahead(world, ahead, WARM_ROOMS)) &&
        node->relay)
        relay_warm_rooms(node->relay);
}
