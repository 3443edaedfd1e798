/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The band.  Who has fewer edges than it aims at dials; who is asked agrees as
 * long as it has room (member_plea.c).
 *
 * Rooms do no dialling and end no links: what is to be done is read off the
 * state by member_next_dial and member_unwanted. */
#include "relay/member.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "relay/member_inside.h"

enum {
    MEMBER_EDGES_NAMED = 3, /* of those that a shuffle names */
    MEMBER_NODES_NAMED = 7,
    MEMBER_FEW_KNOWN = 8,      /* a node that knows so few announces itself */
    MEMBER_PARTED_MS = 300000, /* not dialled again so soon */
    MEMBER_LOST_MS = 10000,
    MEMBER_FIRST_KEEP_MS = 30000,
    MEMBER_NEWS_MS = 250, /* who has too few dials those he hears of so soon */
};

void member_init(struct member *member, const struct member_config *config,
    const struct node_key *self, struct random *random)
{
    *member = (struct member){
        .is_on = config->is_on,
        .is_proxied = config->is_proxied,
        .self = *self,
        .cycle_ms = UINT64_MAX,
        .sweep_ms = UINT64_MAX,
        .keep_ms = UINT64_MAX,
    };
    if (member->is_on)
        view_init(&member->view, random);
}

void member_clear(struct member *member)
{
    free(member->list);
    free(member->walks);
    free(member->dials);
    view_clear(&member->view);
    *member = (struct member){0};
}

struct member_link *member_find(const struct member *member, uint32_t link)
{
    for (size_t i = 0; i < member->count; i++)
        if (member->list[i].link == link)
            return &member->list[i];
    return NULL;
}

struct member_link *member_find_key(
    const struct member *member, const struct node_key *key)
{
    for (size_t i = 0; i < member->count; i++)
        if (node_key_equal(&member->list[i].at.node, key))
            return &member->list[i];
    return NULL;
}

bool member_is_near(const struct member *member, const struct node_key *key)
{
    return node_key_equal(key, &member->self) || member_find_key(member, key);
}

size_t member_count_in(const struct member *member, enum member_place place)
{
    size_t count = 0;
    for (size_t i = 0; i < member->count; i++)
        count += member->list[i].place == place;
    return count;
}

size_t member_degree(const struct member *member)
{
    return member_count_in(member, MEMBER_EDGE);
}

bool member_is_starving(const struct member *member)
{
    return member->is_on && member_degree(member) < MEMBER_LOW;
}

size_t member_inbound_strangers(const struct member *member)
{
    size_t count = 0;
    for (size_t i = 0; i < member->count; i++) {
        const struct member_link *link = &member->list[i];
        count += link->place == MEMBER_EDGE && !link->outbound && !link->pinned;
    }
    return count;
}

struct member_link *member_random_edge(
    const struct member *member, struct turn *turn, uint32_t but)
{
    struct member_link *chosen = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < member->count; i++) {
        struct member_link *link = &member->list[i];
        if (link->place == MEMBER_EDGE && link->link != but &&
            random_below(turn->random, ++count) == 0)
            chosen = link;
    }
    return chosen;
}

void member_enter(
    struct member_link *link, const struct turn *turn, enum member_place place)
{
    link->place = place;
    link->since_ms = turn->now_ms;
}

/* Where a peer can be dialled: where we dialled it; or, of what its HELLO says,
 * what matches where it came from; or there, at the port that it names.  Only
 * a peer on our own machine, which may have come through a tunnel, is taken at
 * its word.  So a node need not know its own address, and can't claim
 * another's. */
static struct address address_of(const struct member_guest *guest)
{
    struct address first = {0}, said;
    if (guest->outbound)
        return *guest->seen;
    for (size_t i = 0; i < guest->hello->endpoint_count; i++) {
        if (address_parse(guest->hello->endpoints[i], &said))
            continue;
        if (address_same_host(&said, guest->seen))
            return said;
        if (first.size == 0)
            first = said;
    }
    if (first.size == 0 || guest->seen->size == 0)
        return (struct address){0};
    if (address_scope(guest->seen) == ADDRESS_LOOPBACK)
        return first;
    said = *guest->seen;
    said.port = first.port;
    return said;
}

static enum address_scope scope_of(
    const struct member *member, const struct address *seen)
{
    enum address_scope scope = address_scope(seen);
    return member->is_proxied || scope == ADDRESS_NOWHERE ? ADDRESS_PUBLIC
                                                          : scope;
}

static void ask(
    struct member *member, struct turn *turn, struct member_link *link)
{
    bool is_new = view_count(&member->view) < MEMBER_FEW_KNOWN;
    link->asked_ms = turn->now_ms;
    if (is_new && member_is_starving(member))
        turn_send(turn, link->link, FRAME_JOIN);
    else
        turn_send(turn, link->link, FRAME_NEIGHBOR)->neighbor.urgent =
            link->renews || link->pinned || member_is_starving(member);
}

size_t member_dialled_edges(const struct member *member)
{
    size_t count = 0;
    for (size_t i = 0; i < member->count; i++)
        count +=
            member->list[i].place == MEMBER_EDGE && member->list[i].outbound;
    return count;
}

size_t member_dial_below(const struct member *member, bool renews)
{
    if (renews)
        return MEMBER_HIGH + 1;
    return member_dialled_edges(member) < MEMBER_DIALLED ? MEMBER_HIGH
                                                         : MEMBER_AIM;
}

static bool may_ask(const struct member *member, const struct member_link *link)
{
    size_t degree =
        member_degree(member) + member_count_in(member, MEMBER_ASKED);
    return link->pinned || degree < member_dial_below(member, link->renews);
}

static void start(struct member *member, struct turn *turn)
{
    if (member->cycle_ms == UINT64_MAX)
        member->cycle_ms =
            turn->now_ms + random_below(turn->random, MEMBER_CYCLE_MS);
    if (member->keep_ms == UINT64_MAX)
        member->keep_ms = turn->now_ms + MEMBER_FIRST_KEEP_MS;
}

void member_link_open(
    struct member *member, struct turn *turn, const struct member_guest *guest)
{
    if (!member->is_on || turn_grow(turn, (void **)&member->list, member->count,
                              &member->capacity, sizeof(*member->list)))
        return;
    struct member_link *link = &member->list[member->count++];
    *link = (struct member_link){
        .link = guest->link,
        .at = {*guest->key, address_of(guest)},
        .scope = scope_of(member, guest->seen),
        .outbound = guest->outbound,
        .pinned = guest->pinned,
    };
    enum member_purpose purpose = member_take_dial(member, guest->key);
    link->bridge_ms = member_bridge_until_ms(member, turn, guest->key);
    link->renews = purpose == MEMBER_RENEWS ||
                   (purpose == MEMBER_REVISITS && link->bridge_ms > 0);
    view_remove(&member->view, turn, guest->key);
    start(member, turn);
    if (!(guest->hello->features & FEATURE_MEMBER)) {
        member_enter(link, turn, MEMBER_LEAF);
    } else if (!guest->outbound) {
        member_enter(link, turn, MEMBER_GUEST);
    } else if (may_ask(member, link)) {
        member_enter(link, turn, MEMBER_ASKED);
        ask(member, turn, link);
    } else {
        member_enter(link, turn, MEMBER_OUT);
    }
}

/* Whether we would dial it again, and when. */
static void remember(struct member *member, struct turn *turn,
    const struct member_link *link, enum member_end end)
{
    if (end == MEMBER_END_UNWELCOME || link->place == MEMBER_LEAF ||
        !view_may_cross(&link->at.address, link->scope))
        return;
    view_offer(&member->view, turn,
        &(struct view_offer){
            .at = &link->at,
            .is_known = true,
            .rest_until_ms =
                turn->now_ms +
                (end == MEMBER_END_LOST ? MEMBER_LOST_MS : MEMBER_PARTED_MS),
        });
}

void member_link_down(struct member *member, struct turn *turn, uint32_t number,
    enum member_end end)
{
    struct member_link *link = member_find(member, number);
    if (!link)
        return;
    struct member_link gone = *link;
    size_t behind = member->count - (size_t)(link - member->list) - 1;
    memmove(link, link + 1, behind * sizeof(*link));
    member->count--;
    remember(member, turn, &gone, end);
}

void member_pin(struct member *member, const struct node_key *key)
{
    struct member_link *link = member_find_key(member, key);
    if (link)
        link->pinned = true;
}

void member_failed(
    struct member *member, struct turn *turn, const struct node_key *key)
{
    member_take_dial(member, key);
    view_failed(&member->view, turn, key, member_is_starving(member));
}

void member_learn(struct member *member, struct turn *turn,
    const struct member_link *from, const struct frame_nodes *list)
{
    uint32_t introducer = view_introducer(&member->view, &from->at.node);
    for (size_t i = 0; i < list->count; i++) {
        const struct node_address *node = &list->nodes[i];
        if (member_is_near(member, &node->node) ||
            !view_may_cross(&node->address, from->scope))
            continue;
        view_offer(&member->view, turn,
            &(struct view_offer){.at = node, .introducer = introducer});
    }
    uint64_t soon_ms = turn->now_ms + MEMBER_NEWS_MS;
    if (member_is_starving(member) && member->dial_ms > soon_ms)
        member->dial_ms = soon_ms;
}

/* Algorithm R again, over the edges. */
static size_t sample_edges(const struct member *member, struct turn *turn,
    const struct member_link *to, struct node_address *out, size_t maximum)
{
    size_t seen = 0;
    for (size_t i = 0; i < member->count; i++) {
        const struct member_link *link = &member->list[i];
        if (link->place != MEMBER_EDGE || link->link == to->link ||
            !view_may_cross(&link->at.address, to->scope))
            continue;
        size_t place = seen < maximum
                           ? seen
                           : (size_t)random_below(turn->random, seen + 1);
        if (place < maximum)
            out[place] = link->at;
        seen++;
    }
    return seen < maximum ? seen : maximum;
}

void member_sample(const struct member *member, struct turn *turn,
    const struct member_link *to, struct frame_nodes *out)
{
    struct node_address *nodes =
        turn_alloc(turn, MEMBER_NODES_NAMED * sizeof(*nodes));
    *out = (struct frame_nodes){0, nodes};
    if (!nodes)
        return;
    size_t known = view_sample(&member->view, turn, to->scope, nodes,
        MEMBER_NODES_NAMED - MEMBER_EDGES_NAMED);
    out->count = known + sample_edges(member, turn, to, nodes + known,
                             MEMBER_NODES_NAMED - known);
}

static void on_edge_frame(struct member *member, struct turn *turn,
    struct member_link *link, const struct frame *frame)
{
    if (link->place != MEMBER_EDGE)
        turn_refuse(turn, REFUSAL_MEMBER);
    else if (frame->type == FRAME_FORWARD_JOIN)
        member_on_forward_join(member, turn, link, &frame->forward_join);
    else if (frame->type == FRAME_SHUFFLE)
        member_on_shuffle(member, turn, link, &frame->shuffle);
    else
        member_on_shuffle_reply(member, turn, link, &frame->shuffle);
}

void member_frame(struct member *member, struct turn *turn, uint32_t number,
    const struct frame *frame)
{
    struct member_link *link = member_find(member, number);
    if (!link || link->place == MEMBER_LEAF) {
        turn_refuse(turn, REFUSAL_MEMBER);
    } else if (frame->type == FRAME_JOIN) {
        member_on_plea(member, turn, link, true);
        member_announce(member, turn, link);
    } else if (frame->type == FRAME_NEIGHBOR) {
        member_on_plea(member, turn, link, frame->neighbor.urgent);
    } else if (frame->type == FRAME_NEIGHBOR_REPLY) {
        member_on_reply(member, turn, link, &frame->neighbor_reply);
    } else {
        on_edge_frame(member, turn, link, frame);
    }
}

/* When a link has waited long enough in its place. */
static uint64_t due_ms(const struct member_link *link)
{
    uint64_t guest_ms = link->since_ms + MEMBER_GUEST_MS;
    uint64_t again_ms = link->asked_ms + MEMBER_ASK_AGAIN_MS;
    switch (link->place) {
    case MEMBER_GUEST:
        return guest_ms;
    case MEMBER_ASKED:
        return again_ms < guest_ms ? again_ms : guest_ms;
    case MEMBER_LEAF:
    case MEMBER_EDGE:
    case MEMBER_OUT:
        break;
    }
    return UINT64_MAX;
}

uint64_t member_links_deadline_ms(const struct member *member)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < member->count; i++) {
        uint64_t at_ms = due_ms(&member->list[i]);
        least = at_ms < least ? at_ms : least;
    }
    return least;
}

void member_tick_links(struct member *member, struct turn *turn)
{
    for (size_t i = 0; i < member->count; i++) {
        struct member_link *link = &member->list[i];
        if (due_ms(link) > turn->now_ms)
            continue;
        if (turn->now_ms - link->since_ms >= MEMBER_GUEST_MS)
            member_enter(link, turn, MEMBER_OUT);
        else
            ask(member, turn, link);
    }
}

uint32_t member_unwanted(const struct member *member)
{
    for (size_t i = 0; i < member->count; i++)
        if (member->list[i].place == MEMBER_OUT)
            return member->list[i].link;
    return 0;
}

size_t member_edges(const struct member *member, uint32_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < member->count; i++)
        if (member->list[i].place == MEMBER_EDGE)
            out[count++] = member->list[i].link;
    return count;
}

size_t member_bytes(const struct member *member)
{
    return member->capacity * sizeof(*member->list) +
           (member->walks ? MEMBER_WALKS * sizeof(*member->walks) : 0) +
           (member->dials ? MEMBER_DIALS_ALONE * sizeof(*member->dials) : 0) +
           view_bytes(&member->view);
}

const char *member_step_violation(const struct member *member, uint64_t now_ms)
{
    size_t strangers = 0;
    for (size_t i = 0; i < member->count; i++) {
        const struct member_link *link = &member->list[i];
        strangers += link->place == MEMBER_EDGE && !link->pinned;
        if (link->place == MEMBER_OUT)
            return "a link that is not wanted was left";
    }
    if (strangers > MEMBER_HIGH)
        return "there are more edges than the band has";
    if (member_inbound_strangers(member) > MEMBER_HIGH - MEMBER_DIALLED)
        return "strangers hold the places of those that we dial";
    if (member->dial_count > MEMBER_DIALS_ALONE)
        return "more dials for membership than allowed";
    if (member->count > 0 && member->cycle_ms > now_ms + MEMBER_CYCLE_MOST_MS)
        return "a cycle would never begin";
    return NULL;
}

const char *member_nodes_violation(const struct member *member)
{
    for (size_t i = 0; i < member->count; i++)
        if (member_find_key(member, &member->list[i].at.node) !=
            &member->list[i])
            return "a node is a neighbour twice";
    return view_step_violation(&member->view, &member->self);
}

const char *member_violation(const struct member *member, uint64_t now_ms)
{
    const char *why = member_nodes_violation(member);
    if (!why)
        why = member_step_violation(member, now_ms);
    return why ? why : view_violation(&member->view, &member->self);
}
