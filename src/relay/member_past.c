/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nineteen in twenty fail at once, some nodes are left of whose view
 * nobody lives, and whom nobody that lives has in theirs.  They have heard of
 * many more, so that is kept: whoever loses a place in the view gets one here.
 *
 * A name's place follows from its network and from who named it, and one
 * introducer's names reach a quarter of the places (as Bitcoin's table of
 * addresses does it, after Heilman and others 2015): who names many washes out
 * no more than that.  Nothing need be searched for, and the same name by the
 * same way finds its old place.  The newer takes it, but hearsay never that of
 * one to whom we had a link.
 *
 * They are dialled in rounds, and nobody is forgotten for having failed: it may
 * be our own network that is down.  Rounds grow rare while nobody answers, and
 * never end. */
#include "relay/member_past.h"

#include <stdlib.h>

_Static_assert(PAST_NODES % PAST_INTRODUCER == 0, "shares are even");

void past_clear(struct past *past)
{
    free(past->list);
    *past = (struct past){0};
}

static bool is_there(const struct past_entry *entry)
{
    return entry->at.address.size > 0;
}

/* Of what we know ourselves, any place; else one of an introducer's share. */
static size_t place_of(const struct past_offer *offer)
{
    if (offer->is_known || offer->introducer == 0)
        return offer->rank % PAST_NODES;
    uint64_t shares = PAST_NODES / PAST_INTRODUCER;
    uint64_t share = offer->introducer / 2 % shares; /* they are odd */
    return offer->rank % PAST_INTRODUCER * shares + share;
}

void past_add(
    struct past *past, struct turn *turn, const struct past_offer *offer)
{
    if (!past->list)
        past->list = calloc(PAST_NODES, sizeof(*past->list));
    if (!past->list) {
        turn->status = STATUS_NO_MEMORY;
        return;
    }
    size_t place = place_of(offer);
    struct past_entry *entry = &past->list[place];
    if (is_there(entry) && entry->is_known && !offer->is_known)
        return;
    past->last = place;
    *entry = (struct past_entry){*offer->at, offer->is_known};
}

static void end_round(struct past *past, uint64_t now_ms)
{
    uint64_t rest_ms = PAST_REST_MS;
    for (uint8_t i = 0; i < past->rounds && rest_ms < PAST_REST_MOST_MS; i++)
        rest_ms *= 2;
    past->walked = 0;
    past->rest_until_ms =
        now_ms + (rest_ms < PAST_REST_MOST_MS ? rest_ms : PAST_REST_MOST_MS);
    if (past->rounds < UINT8_MAX)
        past->rounds++;
}

bool past_pick(
    struct past *past, const struct turn *turn, struct node_address *out)
{
    if (!past->list || turn->now_ms < past->rest_until_ms)
        return false;
    while (past->walked < PAST_NODES) {
        const struct past_entry *entry = &past->list[past->walked++];
        if (!is_there(entry))
            continue;
        *out = entry->at;
        return true;
    }
    end_round(past, turn->now_ms);
    return false;
}

void past_hope(struct past *past)
{
    past->rounds = 0;
}

const struct past_entry *past_next(const struct past *past, size_t *cursor)
{
    while (past->list && *cursor < PAST_NODES) {
        const struct past_entry *entry = &past->list[(*cursor)++];
        if (is_there(entry))
            return entry;
    }
    return NULL;
}

size_t past_bytes(const struct past *past)
{
    return past->list ? PAST_NODES * sizeof(*past->list) : 0;
}

static const char *entry_violation(
    const struct past_entry *entry, const struct node_key *self)
{
    return is_there(entry) && node_key_equal(&entry->at.node, self)
               ? "a node is among those that it knew before"
               : NULL;
}

const char *past_step_violation(
    const struct past *past, const struct node_key *self)
{
    if (past->walked > PAST_NODES)
        return "a round of those known before has no end";
    return past->list ? entry_violation(&past->list[past->last], self) : NULL;
}

const char *past_violation(const struct past *past, const struct node_key *self)
{
    const char *why = past_step_violation(past, self);
    for (size_t i = 0; !why && past->list && i < PAST_NODES; i++)
        why = entry_violation(&past->list[i], self);
    return why;
}
