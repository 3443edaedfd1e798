/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/address.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "proto/ranges.h"

/* What crosses one hop: a msgpack array, its type first.  Numbers are given
 * once and never reused. */
enum frame_type {
    FRAME_HELLO = 1,
    FRAME_PING = 2,
    FRAME_PONG = 3,
    FRAME_DISCONNECT = 4,
    FRAME_JOIN = 5,
    FRAME_FORWARD_JOIN = 6,
    FRAME_NEIGHBOR = 7,
    FRAME_NEIGHBOR_REPLY = 8,
    FRAME_SHUFFLE = 9,
    FRAME_SHUFFLE_REPLY = 10,
    FRAME_TERMS = 11,
    FRAME_PUSH = 16,
    FRAME_IHAVE = 17,
    FRAME_GRAFT = 18,
    FRAME_PRUNE = 19,
    FRAME_IDONTWANT = 20,
    FRAME_WANT = 21,
    FRAME_STEM = 22,
    FRAME_DECLINED = 23,
    FRAME_RECONCILE = 24,
    FRAME_UNKEPT = 25,
    FRAME_RECEIPT = 32,
    FRAME_STEM_RECEIPT = 33,
    FRAME_CLEARED = 34,
};

enum { FRAME_PROTOCOL_VERSION = 1 };

/* Bits of a HELLO's features. */
enum {
    FEATURE_TREE = 1,   /* understands 17 to 20, and CLEARED */
    FEATURE_MEMBER = 2, /* takes part in membership: frames 5 to 10 */
    FEATURE_STEM = 4,   /* understands STEM and STEM_RECEIPT */
    FEATURE_STAMP = 8,  /* keeps to TERMS; understands DECLINED and UNKEPT */
};

/* [1, version, node, features, zones, endpoints, clock]: the first frame each
 * way on a link. */
struct frame_hello {
    uint32_t version;
    struct node_key node;
    uint32_t features; /* bits; unknown ones are ignored */
    size_t zone_count; /* always 0 until a mesh has zones */
    size_t endpoint_count;
    struct span endpoints[LIMIT_HELLO_ENDPOINTS]; /* text, borrowed */
    uint64_t clock_s; /* seconds since the epoch, as the sender sees it */
};

/* [2, nonce] and its echo [3, nonce]. */
struct frame_ping {
    uint64_t nonce;
};

/* [4, reason]: a graceful goodbye; the link ends behind it. */
enum disconnect_reason {
    DISCONNECT_LEAVING = 0,   /* the node stops */
    DISCONNECT_DUPLICATE = 1, /* another link to the same node is kept */
    DISCONNECT_FULL = 2,      /* no room for one more link */
    DISCONNECT_ASKED = 3,     /* its person ended the link */
    DISCONNECT_SCORE = 4,     /* the peer misbehaved */
    DISCONNECT_VERSION = 5,   /* no common version */
    DISCONNECT_NEIGHBORS = 6, /* it has enough neighbours */
    DISCONNECT_CLOCK = 7,     /* the clocks are too far apart */
};

struct frame_disconnect {
    uint32_t reason;
};

/* [5] asks for the edge, urgently, and that others hear of the sender.
 * [7, urgent] asks for the edge; [8, accepted, [node ...]] answers both, and
 * names others who may have room.  A node is [key, address, port]. */
struct frame_neighbor {
    bool urgent; /* the sender has too few, or gives one up for it */
};

struct frame_nodes {
    size_t count;                     /* 0 .. LIMIT_FRAME_NODES */
    const struct node_address *nodes; /* borrowed */
};

struct frame_neighbor_reply {
    bool accepted;
    struct frame_nodes list;
};

/* [6, node, hops]: a newcomer, on a random walk with so many hops left. */
struct frame_forward_join {
    struct node_address node;
    uint8_t hops; /* 0 .. LIMIT_WALK_HOPS */
};

/* [9, walk, hops, [node ...]]: some that the sender knows, on a random walk;
 * [10, walk, [node ...]]: some in return, back along the same way. */
struct frame_shuffle {
    uint64_t walk; /* drawn by who began it */
    uint8_t hops;  /* SHUFFLE */
    struct frame_nodes list;
};

/* [11, least, asked, rate]: on what terms the sender takes new envelopes.
 * Values are those of stamps (crypto/stamp.h). */
struct frame_terms {
    uint8_t least;         /* what is worth less is not taken */
    uint8_t asked;         /* what it would stamp its own for */
    uint32_t rate_bytes_s; /* that may be pushed to it unasked; 0: no limit */
};

/* [16, envelope]: one sealed envelope, its encoding as a byte string.  The id
 * is worked out once, by the border that decoded or made the frame, and does
 * not travel.  [22, envelope]: the same on its hidden first hops. */
struct frame_push {
    struct envelope_id id;
    const struct envelope
        *envelope; /* borrowed; its encoding is what is sent */
};

/* [17, [id ...]]: these are here.  [18, [id ...]]: push these, and what is new
 * from now on.  [20, [id ...]]: these are here, push them no more.
 * [21, [id ...]]: push these.  [23, [id ...]]: these were pushed, are worth
 * less than the sender's TERMS, and are not here.  [34, [id ...]]: the receipts
 * of these are here, and WANT brings them.  A PRUNE, [19], asks for
 * announcements in place of pushes and names none. */
struct frame_ids {
    size_t count;                  /* 1 .. LIMIT_FRAME_IDS */
    const struct envelope_id *ids; /* borrowed */
};

/* [32, id, opening]: proof of delivery, or a recall; nobody can tell.
 * [33, id, opening]: the same on its hidden first hops. */
struct frame_receipt {
    struct envelope_id id;
    struct opening opening;
};

struct frame {
    enum frame_type type;
    union {
        struct frame_hello hello;
        struct frame_ping ping; /* PING and PONG */
        struct frame_disconnect disconnect;
        struct frame_forward_join forward_join;
        struct frame_neighbor neighbor;
        struct frame_neighbor_reply neighbor_reply;
        struct frame_shuffle shuffle; /* SHUFFLE and SHUFFLE_REPLY */
        struct frame_terms terms;
        struct frame_push push; /* where frame_has_envelope */
        struct frame_ids ids;   /* where frame_has_ids */
        struct frame_reconcile reconcile;
        struct frame_receipt receipt; /* RECEIPT and STEM_RECEIPT */
    };
};

/* Where a decoded frame's lists lie: the caller's, reused frame after frame.
 * About 60 KiB: never on the stack of an engine. */
struct frame_scratch {
    struct envelope envelope;
    struct envelope_id ids[LIMIT_FRAME_IDS];
    struct node_address nodes[LIMIT_FRAME_NODES];
    struct ranges_scratch ranges;
};

/* Decode one frame.  *out borrows from bytes and from scratch.  An envelope
 * comes out with a zero id: the caller, who can hash, fills it in.
 * STATUS_INVALID when it is malformed; STATUS_NOT_FOUND when it is well formed
 * and of a type that this version does not know (to be counted and ignored). */
MUST_USE enum status frame_decode(
    struct span bytes, struct frame_scratch *scratch, struct frame *out);

/* Encode into out (room for LIMIT_FRAME_BYTES is always enough) and set *size.
 * STATUS_TOO_LARGE when it does not fit the capacity or a limit;
 * STATUS_INVALID when it says what no decoder would take: an endpoint that is
 * not UTF-8, an empty list of ids, ranges or items out of order, a node
 * without an address. */
MUST_USE enum status frame_encode(
    const struct frame *frame, uint8_t *out, size_t capacity, size_t *size);

/* Bytes that frame_encode would write, without writing them; 0 when it would
 * fail. */
size_t frame_bytes(const struct frame *frame);

/* Whether a frame of that type lists ids: IHAVE, GRAFT, IDONTWANT, WANT,
 * DECLINED, UNKEPT, CLEARED. */
static inline bool frame_has_ids(enum frame_type type)
{
    return type == FRAME_IHAVE || type == FRAME_GRAFT ||
           type == FRAME_IDONTWANT || type == FRAME_WANT ||
           type == FRAME_DECLINED || type == FRAME_UNKEPT ||
           type == FRAME_CLEARED;
}

/* Whether a frame of that type carries an envelope: PUSH, STEM. */
static inline bool frame_has_envelope(enum frame_type type)
{
    return type == FRAME_PUSH || type == FRAME_STEM;
}

/* The nodes that a frame lists (NEIGHBOR_REPLY, SHUFFLE, SHUFFLE_REPLY); NULL
 * for another. */
const struct frame_nodes *frame_nodes_of(const struct frame *frame);

/* The type as a word ("push"), static; NULL for an unknown number. */
const char *frame_type_name(enum frame_type type);

#endif
