/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_MEMBER_PAST_H
#define RELAY_MEMBER_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/address.h"
#include "relay/turn.h"

/* Nodes whose names had to give way in the view: whom a node turns to that
 * nobody of its view answers. */
enum {
    PAST_NODES = 256,
    PAST_INTRODUCER = 64, /* places that one introducer's names reach */
    PAST_REST_MS = 60000, /* between two rounds; doubled for each other */
    PAST_REST_MOST_MS = 3600000,
};

struct past_entry {
    struct node_address at; /* address size 0: a free place */
    bool is_known;          /* we have had a link to it */
};

struct past {
    struct past_entry *list; /* PAST_NODES, or NULL */
    size_t walked;           /* places of this round */
    size_t last;             /* the place that was taken last */
    uint8_t rounds;          /* since a node last answered */
    uint64_t rest_until_ms;  /* no round begins before */
};

void past_clear(struct past *past);

/* Take in a name.  rank: of its network, introducer: who named it, both keyed
 * by a secret, so that nobody else can tell what place it falls to. */
struct past_offer {
    const struct node_address *at;
    uint64_t rank;
    uint32_t introducer;
    bool is_known;
};
void past_add(
    struct past *past, struct turn *turn, const struct past_offer *offer);

/* The next of a round, in which each comes once; false: the round is over, or
 * there is nobody. */
bool past_pick(
    struct past *past, const struct turn *turn, struct node_address *out);

/* A node answered: the next round need not wait long. */
void past_hope(struct past *past);

/* NULL at the end; start with *cursor = 0. */
const struct past_entry *past_next(const struct past *past, size_t *cursor);

size_t past_bytes(const struct past *past);
/* The first that does not hold of the round, and of who came last; of all. */
const char *past_step_violation(
    const struct past *past, const struct node_key *self);
const char *past_violation(
    const struct past *past, const struct node_key *self);

#endif
