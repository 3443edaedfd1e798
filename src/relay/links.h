/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_LINKS_H
#define RELAY_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/address.h"
#include "proto/frame.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* The links that are there: HELLO opens one, silence ends it, and no node has
 * two.  Times are of the monotonic clock. */
enum {
    LINK_HELLO_AGAIN_MS = 3000, /* in probation, as long as none came */
    LINK_PROBATION_MS = 12000,  /* then it is given up */
    LINK_SILENCE_MS = 20000,    /* then PING */
    LINK_PING_AGAIN_MS = 8000,  /* and again, as long as nothing came */
    LINK_DEAD_MS = 45000,       /* of silence */
    LINK_HELLO_ANSWERS = 4,     /* to repeated HELLOs, a link */
};

struct link {
    uint32_t number;
    uint32_t target; /* outbound */
    struct node_key key;
    struct address from; /* inbound; size 0 where not known */
    bool outbound;
    bool open; /* its HELLO came */
    uint8_t hello_answers;
    uint64_t since_ms; /* up, and then open */
    uint64_t heard_ms;
    uint64_t asked_ms;   /* the last HELLO in probation, the last PING after */
    uint64_t ping_nonce; /* of the PING that is out; 0: none */
    uint32_t srtt_ms8;   /* smoothed round trip, in eighths (RFC 6298) */
    uint32_t rttvar_ms4; /* its variation, in quarters */
    uint64_t received_bytes;
    uint64_t received_frames;
};

struct links_config {
    size_t maximum;
    size_t reserved;   /* of these, for links that we dial */
    uint32_t features; /* what our HELLO says that we understand */
};

struct links {
    struct link *list; /* in the order in which they came up */
    uint32_t *numbers; /* theirs: all of them are one line or two of memory */
    size_t count;
    uint64_t due_ms;    /* nothing is to be said, or over, before */
    struct peers peers; /* the open ones */
    struct links_config config;
    struct node_key self;
    size_t capacity;
    size_t numbers_capacity;
    size_t peers_capacity;
    char *endpoints[LIMIT_HELLO_ENDPOINTS]; /* what our HELLO says */
    size_t endpoint_count;
};

void links_init(struct links *links, const struct node_key *self,
    const struct links_config *config);
void links_clear(struct links *links);
/* STATUS_NO_MEMORY, and then no endpoints are told. */
MUST_USE enum status links_set_endpoints(
    struct links *links, size_t count, const struct span endpoints[]);

/* Borrowed until the next change of the links; NULL. */
struct link *links_find(const struct links *links, uint32_t number);
struct link *links_find_key(
    const struct links *links, const struct node_key *key);

/* A link to a key that has one already, judged: of two, the one dialled by the
 * smaller node key is kept, so that both ends keep the same; a second inbound
 * one replaces the first (the peer restarted before we noticed); a second
 * outbound one is refused. */
enum links_verdict {
    LINKS_KEEP,    /* no other link to that key */
    LINKS_REPLACE, /* end the other one, then take this */
    LINKS_REFUSE,  /* keep the other one */
    LINKS_FULL,
    LINKS_SELF, /* our own key: a loop */
};
enum links_verdict links_judge(
    const struct links *links, const struct node_key *key, bool outbound);

/* Take a link that was judged, and say HELLO on it. */
void links_add(struct links *links, struct turn *turn, const struct link *link);

/* Forget a link; nothing is sent. */
void links_remove(struct links *links, uint32_t number);

/* A frame came: whatever it is, the peer lives. */
void links_heard(struct link *link, const struct turn *turn, uint32_t bytes);

enum links_hello {
    HELLO_OPENED,
    HELLO_REPEATED, /* answered, a few times: it lost ours */
    HELLO_FALSE,    /* names another node than the transport proved */
    HELLO_VERSION,  /* no common version */
    HELLO_CLOCK,    /* its clock is so far off that expiries mean nothing */
};
enum links_hello links_hello(struct links *links, struct turn *turn,
    struct link *link, const struct frame_hello *hello);

/* A peer says on what terms it takes envelopes; true when it may now take some
 * that it would not take before. */
bool links_terms(
    struct links *links, uint32_t number, const struct frame_terms *terms);

/* A round trip to a peer has taken so long. */
void links_measured(struct links *links, uint32_t number, uint32_t rtt_ms);
/* A PONG: measure the round trip if it echoes the PING that is out. */
void links_pong(struct links *links, struct link *link, const struct turn *turn,
    uint64_t nonce);

/* Repeat HELLOs, send PINGs, where they are due. */
void links_tick(struct links *links, struct turn *turn);

/* A link that has been silent for too long, or NULL. */
struct link *links_dead(const struct links *links, uint64_t now_ms);

/* Nothing is due before; by then perhaps nothing, either. */
static inline uint64_t links_deadline_ms(const struct links *links)
{
    return links->due_ms;
}
uint32_t link_rtt_ms(const struct link *link);
size_t links_bytes(const struct links *links);

/* What of all links can be seen without looking at each, and what of that one;
 * the first that does not hold, or NULL.  Then all of them. */
const char *links_step_violation(
    const struct links *links, uint64_t now_ms, uint32_t number);
const char *links_violation(const struct links *links, uint64_t now_ms);

#endif
