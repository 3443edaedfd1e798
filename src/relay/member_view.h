/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_MEMBER_VIEW_H
#define RELAY_MEMBER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/address.h"
#include "relay/member_past.h"
#include "relay/turn.h"

/* Nodes that are no neighbours now and might become some: the passive view of
 * HyParView (Leitão et al. 2007), and anchors. */
enum {
    VIEW_RANKED = 32, /* places that only the least rank can take */
    VIEW_PASSIVE = 64,
    VIEW_ANCHORS = 16,
    VIEW_INTRODUCER = 8, /* unranked places that one introducer can fill */
    VIEW_SUBNET = 2,     /* places for one public network */
    VIEW_LEAST_PORT = 1024,
    VIEW_REST_MS = 60000,      /* between two dials of one node */
    VIEW_REST_LEAST_MS = 5000, /* after a failure; doubled for each other */
    VIEW_REST_MOST_MS = 3600000,
    VIEW_PATIENCE = 4,         /* failures of one that we found ourselves */
    VIEW_REST_NEED_MS = 10000, /* of one that answers, for who is in need */
    VIEW_HISTORY = 256, /* past anchors that a new one competes with, at most */
    VIEW_MISSED_MS = 3600000, /* a silent anchor is, unheard for so long */
};

struct view_entry {
    struct node_address at; /* address size 0: a free place */
    uint64_t rank;          /* a keyed hash of where it is */
    uint64_t rest_from_ms;
    uint64_t rest_until_ms; /* it is not dialled before, unless in need */
    uint64_t heard_ms;      /* an anchor: when we last had a link to it */
    uint32_t introducer;    /* who named it; 0: we found it ourselves */
    uint8_t failures;       /* dials since we last had a link to it */
    bool is_known;          /* we have had a link to it */
    bool is_silent;         /* an anchor: its last dial came to nothing */
};

struct view {
    struct view_entry *list; /* VIEW_PASSIVE and VIEW_ANCHORS, or NULL */
    uint16_t generations[VIEW_RANKED]; /* of the places' secrets */
    struct past past;                  /* who lost a place in it */
    uint8_t secret[32];
    uint32_t anchors_ever; /* that competed for a place */
};

void view_init(struct view *view, struct random *random);
void view_clear(struct view *view);

/* A node was named by that introducer, or (0) found ourselves; known: we have
 * had a link to it.  It is not dialled before rest_until_ms.  Where a node is
 * there already, only what we know ourselves changes its address. */
struct view_offer {
    const struct node_address *at;
    uint32_t introducer;
    bool is_known;
    uint64_t rest_until_ms;
};
void view_offer(
    struct view *view, struct turn *turn, const struct view_offer *offer);

/* It answered, and is a neighbour now; it stays an anchor where it is one. */
void view_remove(
    struct view *view, const struct turn *turn, const struct node_key *key);

/* A dial of it came to nothing: it is forgotten, unless it is needed, or nobody
 * else named it and it has not failed often.  Where
 * there are few edges the failure may be our own, or nobody else's name may
 * lead out of a small part of the mesh. */
void view_failed(struct view *view, const struct turn *turn,
    const struct node_key *key, bool is_needed);

/* Compete for a place among the anchors: each that ever did has the same
 * chance to be one (reservoir sampling, Vitter 1985), however the view about
 * it has changed since. */
void view_anchor(
    struct view *view, struct turn *turn, const struct node_address *at);

/* Draw one that may be dialled now, and let it rest; false: there is none.  Who
 * is in need does not wait long for those that are known to answer, and before
 * those that failed turns to anchors, and to those that were known before. */
bool view_pick(struct view *view, struct turn *turn, bool is_in_need,
    struct node_address *out);
/* The one that nothing was heard of for longest, since before that moment,
 * whether it has rested or not: it is drawn once, but that one which nobody
 * else named, and which failed, is drawn again when it has rested. */
bool view_pick_stale(struct view *view, const struct turn *turn,
    uint64_t before_ms, struct node_address *out);
bool view_pick_anchor(
    struct view *view, struct turn *turn, struct node_address *out);

/* Of the anchors that are missed the one that was drawn longest ago, whether it
 * has rested or not; false: none is missed. */
bool view_pick_missed(
    struct view *view, const struct turn *turn, struct node_address *out);

/* Draw one that may be dialled now, of those that that introducer named. */
bool view_pick_named(struct view *view, struct turn *turn, uint32_t introducer,
    struct node_address *out);

/* Whether it is an anchor that is missed: if it is there again, then so may be
 * a part of the mesh that nobody else here remembers. */
bool view_misses(const struct view *view, const struct turn *turn,
    const struct node_key *key);

/* Draw up to maximum different ones that we have had a link to and that may be
 * named over a link of that scope; returns how many. */
size_t view_sample(const struct view *view, struct turn *turn,
    enum address_scope scope, struct node_address *out, size_t maximum);

/* Give one ranked place another secret, so that who is there has to win it
 * again. */
void view_turn_over(struct view *view, struct turn *turn);

/* Whether an address may be named, and dialled, where the news of it crosses a
 * link of that scope: what is nearer than the link is not the sender's to
 * name. */
bool view_may_cross(const struct address *address, enum address_scope scope);

/* Another number for each introducer, never 0. */
uint32_t view_introducer(const struct view *view, const struct node_key *key);

/* All of them, passive ones and anchors; *is_anchor says which.  NULL at the
 * end; start with *cursor = 0. */
const struct view_entry *view_next(
    const struct view *view, size_t *cursor, bool *is_anchor);
size_t view_count(const struct view *view); /* the passive ones */
bool view_has_any(const struct view *view);
size_t view_bytes(const struct view *view);

/* The first that does not hold of who is in the view, and of whom it forgot
 * last, or NULL; also of all that it forgot. */
const char *view_step_violation(
    const struct view *view, const struct node_key *self);
const char *view_violation(
    const struct view *view, const struct node_key *self);

#endif
