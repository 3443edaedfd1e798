/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neighbours: what the room for membership wants done with links and dials,
 * which are other rooms'.  A dial that is gone while no link has come of it has
 * failed, for whatever reason. */
#include "relay/relay_state.h"

#include <string.h>

/* Where a peer was dialled, or came from. */
static struct address seen_at(
    const struct relay *relay, const struct link *link)
{
    struct address address = {0};
    if (!link->outbound)
        return link->from;
    const struct dial_target *target = dial_find(&relay->dial, &link->key);
    if (!target || address_parse(span_of_text(target->endpoint), &address))
        return (struct address){0}; /* a name, say */
    return address;
}

void relay_member_open(struct relay *relay, struct turn *turn,
    const struct link *link, const struct frame_hello *hello)
{
    struct address seen = seen_at(relay, link);
    member_link_open(&relay->member, turn,
        &(struct member_guest){
            .link = link->number,
            .key = &link->key,
            .seen = &seen,
            .hello = hello,
            .outbound = link->outbound,
            .pinned = dial_is_pinned(&relay->dial, &link->key),
        });
}

static void find_failed(struct relay *relay, struct turn *turn)
{
    const struct member *member = &relay->member;
    for (size_t i = member->dial_count; i-- > 0;) {
        struct node_key key = member->dials[i].key;
        if (!dial_find(&relay->dial, &key) &&
            !links_find_key(&relay->links, &key))
            member_failed(&relay->member, turn, &key);
    }
}

static void begin_dial(
    struct relay *relay, struct turn *turn, const struct node_address *node)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    address_print(&node->address, endpoint);
    dial_connect(&relay->dial, turn,
        &(struct dial_request){
            .endpoint = span_of_text(endpoint),
            .key = &node->node,
            .origin = ORIGIN_MEMBER,
        });
}

static void settle(struct relay *relay, struct turn *turn)
{
    struct node_address node;
    uint32_t number;
    find_failed(relay, turn);
    while ((number = member_unwanted(&relay->member)))
        relay_end_link(relay, turn, number, DISCONNECT_NEIGHBORS);
    if (member_is_starving(&relay->member))
        dial_hurry(&relay->dial, turn);
    while (member_next_dial(&relay->member, turn, &node))
        begin_dial(relay, turn, &node);
}

void relay_member_settle(struct relay *relay, struct turn *turn)
{
    if (relay->member.is_on && !relay->stopped)
        settle(relay, turn);
}
