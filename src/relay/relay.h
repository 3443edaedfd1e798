/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "relay/effect.h"
#include "relay/event.h"

/* The relay engine: everything that strangers touch, and no key of anybody's.
 * Pure: one event in, effects out; it reads no clock, socket or file. */
struct relay;

struct catalog;

struct relay_config {
    struct node_key node;
    size_t endpoint_count;
    char endpoints[LIMIT_HELLO_ENDPOINTS][LIMIT_ENDPOINT_BYTES + 1];
    uint64_t shelf_quota_bytes;     /* of envelopes; 0: LIMIT_SHELF_BYTES */
    uint32_t link_maximum;          /* 0: LIMIT_LINKS */
    uint32_t life_maximum_h;        /* 0: LIMIT_ENVELOPE_LIFE_H */
    uint64_t reconcile_interval_ms; /* with one peer in turn; 0: 5 minutes */
    uint32_t push_rate_bytes_s; /* unasked new payload a peer; 0: 64 KiB/s */
    uint8_t stamp_bits;         /* on own, at most; 0: LIMIT_STAMP_BITS */
    bool is_member;             /* finds neighbours by itself, and is found */
    bool is_proxied;            /* all dials go through a proxy */
    uint32_t unspoken;          /* FEATURE_ bits that its HELLO leaves out */
    struct catalog *catalog; /* borrowed, shared with others; NULL: its own */
};

/* Make a relay that draws from random (borrowed for its life).  The address it
 * listens on may be learnt later: relay_set_endpoints.  NULL when there is no
 * memory. */
struct relay *relay_new(
    const struct relay_config *config, struct random *random);
void relay_free(struct relay *relay);
void relay_set_endpoints(
    struct relay *relay, size_t count, const struct span endpoints[]);

/* Let one event happen.  Effects are appended.  STATUS_OK whatever a stranger
 * did; STATUS_NO_MEMORY is the only failure, after which the relay may only be
 * freed. */
MUST_USE enum status relay_step(struct relay *relay,
    const struct relay_event *event, struct relay_effects *effects);

/* Hints, for who runs thousands of relays, that one of them is soon to be
 * stepped: its memory is sent for, first its own, a few events later what that
 * points at, and then what it has of the link that something comes over, and
 * of an envelope by its number in the catalog (UINT32_MAX: of none). */
void relay_warm(const struct relay *relay);
void relay_warm_rooms(const struct relay *relay);
void relay_warm_frame(
    const struct relay *relay, uint32_t link, uint32_t number);

/* The same of one envelope, for who runs a single relay: what it takes to find
 * that it is new, and to have it then. */
void relay_warm_new(const struct relay *relay, const struct envelope_id *id);

/* When to call again with RELAY_TICK; UINT64_MAX when nothing is pending. */
uint64_t relay_deadline_ms(const struct relay *relay);

/* A reason as a stable word ("false-receipt"); static. */
const char *refusal_name(enum refusal refusal);

enum link_state { LINK_DIALLING, LINK_PROBATION, LINK_OPEN, LINK_BACKOFF };
const char *link_state_name(enum link_state state);

/* Why a link is there. */
enum link_why {
    LINK_WHY_PINNED, /* a person, or the configuration, named the node */
    LINK_WHY_BEACON, /* it was seen on the local network */
    LINK_WHY_FOUND,  /* membership chose it */
    LINK_WHY_INBOUND /* it dialled */
};
const char *link_why_name(enum link_why why);
const char *standing_name(enum standing standing);

struct relay_link_view {
    uint32_t link; /* 0 while dialling or backing off */
    struct node_key key;
    enum link_state state;
    enum link_why why;
    bool outbound;
    bool was_answered; /* BACKOFF: but the handshake was ended there */
    char endpoint[LIMIT_ENDPOINT_BYTES + 1]; /* outbound */
    uint64_t since_ms;
    uint32_t rtt_ms; /* smoothed (RFC 6298); 0 = not measured */
    int32_t score;
    enum standing standing;
    uint64_t received_bytes;
    uint64_t received_frames;
};

/* A look from outside, for `status` and for measurements. */
struct relay_view {
    size_t link_count;
    struct relay_link_view links[LIMIT_LINKS + LIMIT_DIAL_TARGETS];
    uint64_t shelf_envelopes;
    uint64_t shelf_bytes;
    uint64_t shelf_quota_bytes;
    uint64_t shelf_cleared;
    uint64_t shelf_saved_bytes; /* what the cleared would take up */
    uint64_t shelf_evicted;
    uint64_t hidden; /* envelopes and receipts on their stems */
    uint64_t known_ids;
    uint64_t refused[REFUSAL_COUNT];
    uint8_t least_value; /* that is taken now; 0: anything */
    uint8_t asked_value; /* that own envelopes are stamped for */
    uint64_t stamps_making;
    uint64_t stamps_checked;
};
void relay_look(const struct relay *relay, struct relay_view *out);

/* Whether an envelope is known, and in which state. */
bool relay_knows(const struct relay *relay, const struct envelope_id *id,
    enum shelf_state *state);

/* Whether it is here on its stem, and therefore not known; false of all where
 * not even the second is true. */
bool relay_hides(const struct relay *relay, const struct envelope_id *id);
bool relay_hides_any(const struct relay *relay);

/* The least value that the peer of an open link takes, as it says; 0. */
uint8_t relay_least_of(const struct relay *relay, uint32_t link);

/* How much was refused for that reason so far. */
uint64_t relay_refused(const struct relay *relay, enum refusal why);

/* What the peer of a link has earned by now; 0 where there is no such link. */
int32_t relay_score_of(const struct relay *relay, uint32_t link);

/* The links that are edges of the mesh (see member.h), by number.  Returns how
 * many. */
size_t relay_edges(const struct relay *relay, uint32_t out[static LIMIT_LINKS]);

/* The links over which what is new is pushed (see tree.h), likewise. */
size_t relay_eager(const struct relay *relay, uint32_t out[static LIMIT_LINKS]);

/* Bytes of memory this relay holds. */
size_t relay_bytes(const struct relay *relay);

/* For tests and the simulator: a static text naming the local invariant (see
 * proto/README.md, "What always holds") that does not hold, or NULL.
 *
 * After a step, of what the step was about and brought about, and of what can
 * be seen at once: a small part of what the step itself did.  Else of all that
 * the relay holds, which walks over all of it. */
const char *relay_step_violation(const struct relay *relay,
    const struct relay_event *event, const struct relay_effects *effects);
const char *relay_violation(const struct relay *relay);

#endif
