/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_PORT_H
#define PROTO_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/beacon.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* The letterbox between a node's vault and its relay: msgpack arrays, one a
 * datagram on a local SOCK_SEQPACKET pair.  The relay learns sealed envelopes
 * and tags, never a key; neither side trusts the other's bytes. */
enum port_type {
    /* vault to relay */
    PORT_SUBMIT = 1,  /* [1, envelope, urgent]: carry this; same id, no harm */
    PORT_RELEASE = 2, /* [2, id, opening]: let this receipt go */
    PORT_LOOKUP = 3,  /* [3, [tag ...]]: hand me what lies under these tags */
    PORT_LISTEN = 4,  /* [4, bool]: (do not) hand me every new envelope */
    /* [5, epoch, own, keys]: say this to contacts on the local network (own),
     * or this is how they say it; keys: 40 bytes each, tag and key, ascending
     * by their tags */
    PORT_BEACON = 5,
    /* relay to vault */
    PORT_ENVELOPE = 16, /* [16, envelope]: new on the shelf, or looked up */
    PORT_HANDED = 17,   /* [17, id, peers]: so many peers have taken it */
    PORT_CLEARED = 18,  /* [18, id, opening]: a valid receipt was seen */
    PORT_REFUSED = 19,  /* [19, id, reason]: not taken (enum status) */
    PORT_WAITS = 20,    /* [20, id, bits]: for a stamp of so many; 0: no more */
};

struct port_message {
    enum port_type type;
    union {
        struct {
            struct envelope_id id; /* not carried; filled by the border */
            const struct envelope *envelope; /* borrowed */
            bool urgent;                     /* SUBMIT only */
        } envelope;                          /* SUBMIT and ENVELOPE */
        struct {
            struct envelope_id id;
            struct opening opening;
        } receipt; /* RELEASE and CLEARED */
        struct {
            size_t count;           /* 1 .. LIMIT_PORT_TAGS */
            const struct tag *tags; /* borrowed */
        } lookup;
        bool listen;
        struct {
            uint32_t epoch;
            bool own;
            size_t count;                  /* at most LIMIT_BEACON_KEYS */
            const struct beacon_key *keys; /* borrowed */
        } beacon;
        struct {
            struct envelope_id id;
            uint32_t peers;
        } handed;
        struct {
            struct envelope_id id;
            uint32_t reason; /* enum status */
        } refused;
        struct {
            struct envelope_id id;
            uint32_t bits;
        } waits;
    };
};

/* Where a decoded message's lists lie: the caller's, reused. */
struct port_scratch {
    struct envelope envelope;
    struct tag tags[LIMIT_PORT_TAGS];
    struct beacon_key beacon_keys[LIMIT_BEACON_KEYS]; /* secret: wipe it */
};

/* As frame_decode and frame_encode; LIMIT_PORT_BYTES is always enough room.
 * The ids of SUBMIT and ENVELOPE come out zero, for the caller to fill in. */
MUST_USE enum status port_decode(
    struct span bytes, struct port_scratch *scratch, struct port_message *out);
MUST_USE enum status port_encode(const struct port_message *message,
    uint8_t *out, size_t capacity, size_t *size);

#endif
