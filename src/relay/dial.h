/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_DIAL_H
#define RELAY_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ids.h"
#include "relay/event.h"
#include "relay/turn.h"

/* Whom to dial, and when.  One target a node key. */
enum {
    DIAL_BACKOFF_LEAST_MS = 1000,
    DIAL_BACKOFF_MOST_MS = 60000,
    DIAL_ANSWER_MS = 90000, /* a dial that nobody answers is given up */
    DIAL_BEACON_LINKS = 8,  /* with so many open links, beacons are ignored */
    DIAL_BEACON_YIELD_MS = 5000,  /* the larger key lets the smaller dial */
    DIAL_BEACON_ATTEMPTS = 6,     /* then a beacon's target is forgotten */
    DIAL_BEACON_REST_MS = 600000, /* its beacons ignored after a goodbye */
    DIAL_REFUSED_MS = 600000,     /* a pinned node that has no room */
};

enum dial_state {
    DIAL_WAITING,  /* dialled at at_ms */
    DIAL_DIALLING, /* given up at at_ms */
    DIAL_LINKED,
    DIAL_RESTING, /* forgotten at at_ms; not dialled */
};

struct dial_target {
    uint32_t number;
    struct node_key key;
    enum relay_origin origin;
    enum dial_state state;
    bool was_refused;  /* WAITING: the node has neighbours enough */
    bool was_answered; /* WAITING: somebody did, and ended the handshake */
    uint8_t attempts;  /* failed ones since the last open link */
    uint64_t since_ms;
    uint64_t at_ms;
    char *endpoint;
};

struct dial {
    size_t capacity;
    uint32_t last_number;
    struct node_key self;
    struct dial_target *list;
    size_t count;
    uint64_t due_ms; /* no target is due before; UINT64_MAX: none waits */
};

void dial_init(struct dial *dial, const struct node_key *self);
void dial_clear(struct dial *dial);

/* A node is named.  linked: whether a link to it is there. */
struct dial_request {
    struct span endpoint;
    const struct node_key *key;
    enum relay_origin origin;
    bool linked;
};
void dial_connect(
    struct dial *dial, struct turn *turn, const struct dial_request *request);

/* A person wants no link to that node: by key, or by endpoint where the key is
 * zero.  Sets *key to its key; false when there is no such target. */
bool dial_disconnect(struct dial *dial, struct turn *turn, struct span endpoint,
    struct node_key *key);

/* The target with that key, or NULL. */
const struct dial_target *dial_find(
    const struct dial *dial, const struct node_key *key);
/* Whether a person, or the configuration, wants a link to that node. */
bool dial_is_pinned(const struct dial *dial, const struct node_key *key);
/* There are too few links: dial those now that had no room for us. */
void dial_hurry(struct dial *dial, const struct turn *turn);

/* Whether that dial is still wanted. */
bool dial_expects(
    const struct dial *dial, const struct node_key *key, uint32_t target);

/* A link to that key is there and kept. */
void dial_link_up(struct dial *dial, struct turn *turn,
    const struct node_key *key, bool outbound);
void dial_link_open(struct dial *dial, const struct node_key *key);

/* The last link to that key is gone: how? */
enum dial_end {
    DIAL_END_LOST,    /* redial after back-off */
    DIAL_END_GOODBYE, /* redial much later where pinned, else not at all */
    DIAL_END_REFUSED, /* ... later still: it has neighbours enough */
};
/* What a peer's goodbye means: one that leaves, or has another link to us, is
 * there again. */
enum dial_end dial_end_of(enum disconnect_reason reason);
void dial_link_down(struct dial *dial, struct turn *turn,
    const struct node_key *key, enum dial_end end);
/* was_answered: somebody is there, and ended the handshake. */
void dial_failed(
    struct dial *dial, struct turn *turn, uint32_t target, bool was_answered);

/* Give up all dials. */
void dial_stop(struct dial *dial, struct turn *turn);

void dial_tick(struct dial *dial, struct turn *turn);
static inline uint64_t dial_deadline_ms(const struct dial *dial)
{
    return dial->due_ms;
}
size_t dial_bytes(const struct dial *dial);

/* What does not hold of how many targets there are, or NULL; also of each. */
const char *dial_step_violation(const struct dial *dial);
const char *dial_violation(const struct dial *dial);

#endif
