/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_EVENT_H
#define PLATFORM_TRANSPORT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/address.h"
#include "proto/ids.h"

/* What a transport tells (see platform/transport.h). */
enum transport_event_kind {
    TRANSPORT_UP, /* a link is there, its peer's key proven by CURVE */
    TRANSPORT_DOWN,
    TRANSPORT_CUT,    /* likewise: it sent a message without end, or such that
                         libzmq gave the connection up */
    TRANSPORT_FAILED, /* a dial came to nothing */
    TRANSPORT_FRAME,
    TRANSPORT_DEMOTED, /* a forward was not sent, or several */
};

struct transport_event {
    enum transport_event_kind kind;
    uint32_t link;         /* from 1; never used twice */
    uint32_t target;       /* outbound UP, FAILED */
    bool was_answered;     /* FAILED: by somebody, who ended the handshake */
    bool outbound;         /* UP */
    struct node_key key;   /* UP */
    struct address from;   /* inbound UP; size 0 where it is not known */
    struct span bytes;     /* FRAME: borrowed until the next call, or held */
    bool is_known;         /* DEMOTED: the envelope of the forward ... */
    struct envelope_id id; /* ... is that; else they were too many */
};

/* A frame to be sent.  One that came in this turn need not be copied where it
 * is held. */
struct transport_frame {
    struct span bytes;
    uint64_t held; /* as transport_hold has named it; 0: it is not */
    bool is_last;  /* of those that it is sent to: it is let go */
    const struct envelope_id *forward; /* its envelope, where it may be demoted
                                          (proto/lanes.h); else NULL */
};

/* What the transport refused or dropped by itself, and what it holds. */
struct transport_counts {
    uint64_t dials_unanswered;  /* nobody was there to refuse anything */
    uint64_t handshakes_failed; /* of dials that somebody answered */
    uint64_t sends_dropped;     /* full queues */
    uint64_t demoted;           /* forwards that waited too long for a link */
    uint64_t inbound_refused;   /* over the limits of links or links a key */
    uint64_t hasty;             /* new links, over the rate of their network */
    uint64_t oversize; /* links that sent what is larger than any frame, has no
                          end, or is nothing that libzmq can read */
    uint64_t queued_bytes;
};

#endif
