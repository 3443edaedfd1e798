/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an event needs of its node is cold in a large mesh, and scattered: it is
 * sent for some events before its turn, each time what the last step made
 * known: the node, its relay, what that points at, and what it has of the link
 * and of the mail that the event is about.  No more than that: a processor has
 * a dozen lines under way at most, and one that was sent for in vain costs as
 * much as one that was not. */
#include "sim/warm.h"

enum { WARM_NODE = 12, WARM_RELAY = 9, WARM_ROOMS = 6, WARM_FRAME = 3 };

static const struct node *node_ahead(const struct world *world, size_t places)
{
    const struct queue_event *event = queue_ahead(world->queue, places);
    if (!event || event->to >= world->node_count)
        return NULL;
    return &world->nodes[event->to];
}

/* The same, but for a node that the event before is for, too: what is there of
 * it has been sent for. */
static const struct node *next_ahead(const struct world *world, size_t places)
{
    const struct queue_event *event = queue_ahead(world->queue, places);
    const struct queue_event *before = queue_ahead(world->queue, places - 1);
    return event && event->to == before->to ? NULL : node_ahead(world, places);
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

static void warm_frame(const struct world *world)
{
    const struct queue_event *event = queue_ahead(world->queue, WARM_FRAME);
    const struct node *node = node_ahead(world, WARM_FRAME);
    if (!node || !node->relay)
        return;
    if (is_mail(event))
        warm_books(world, node, event);
    if (event->kind != EVENT_FRAME)
        return;
    parcels_warm(&world->parcels, event->handle);
    relay_warm_frame(node->relay, event->link, CATALOG_NONE);
}

void warm_ahead(const struct world *world)
{
    const struct node *node = next_ahead(world, WARM_NODE);
    if (node) {
        __builtin_prefetch(node);
        __builtin_prefetch((const char *)node + 64);
        __builtin_prefetch((const char *)node + 128);
    }
    node = next_ahead(world, WARM_RELAY);
    if (node && node->relay) {
        relay_warm(node->relay);
        for (uint32_t i = 0; i < node->link_count && i < 16; i++)
            __builtin_prefetch(&node->links[i]);
    }
    node = next_ahead(world, WARM_ROOMS);
    if (node && node->relay)
        relay_warm_rooms(node->relay);
    warm_frame(world);
}
