/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_EFFECT_H
#define RELAY_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"
#include "proto/ids.h"

/* What a relay wants done, in this order.  The performer stores before it
 * sends because the list says so. */
enum relay_effect_kind {
    RELAY_SEND,    /* a frame without an envelope, on a link */
    RELAY_PUSH,    /* the stored envelope of that id, on a link */
    RELAY_STEM,    /* the same, on its hidden first hops */
    RELAY_STORE,   /* put this envelope into the store */
    RELAY_CLEAR,   /* wipe its payload, keep id, expiry and opening */
    RELAY_EVICT,   /* wipe its payload, keep id and expiry */
    RELAY_FORGET,  /* delete all that is known of it */
    RELAY_RESTAMP, /* it is stored: put this in its place, better stamped */
    RELAY_CHECK,   /* check the stamp of what this link pushed, and answer by
                      CHECKED at once, while the event's bytes last */
    RELAY_STAMP,   /* make a stamp for the stored envelope; answer by STAMPED */
    RELAY_DELIVER, /* hand the stored envelope of that id to the vault */
    RELAY_FIND,    /* hand all stored envelopes under that tag to the vault */
    RELAY_HANDED,  /* tell the vault how many peers have taken an envelope */
    RELAY_CLEARED, /* tell the vault of a valid receipt */
    RELAY_REFUSED, /* tell the vault that its envelope was not taken */
    RELAY_WAITS,   /* ... or waits for a stamp of so many bits; 0: no more */
    RELAY_IMPORTED,    /* say what became of an IMPORT */
    RELAY_DIAL,        /* dial a target; answer with LINK_UP or DIAL_FAILED */
    RELAY_HANGUP,      /* end a link; no LINK_DOWN follows */
    RELAY_UNDIAL,      /* give up a dial that has not been answered */
    RELAY_KEEP_NODES,  /* write down whom we know, in place of those before */
    RELAY_KEEP_SCORES, /* the same of who has a bad score */
};

/* A node to be known again after a restart. */
struct kept_node {
    struct node_address at;
    bool is_anchor;
};

/* How a node is held to what it has done here (score.h). */
enum standing {
    STANDING_GOOD,
    STANDING_POOR,       /* nothing is pushed to it unasked */
    STANDING_REFUSED,    /* no link */
    STANDING_GRAYLISTED, /* ... for an hour, whatever its score */
};

/* A bad score, to be held against its peer after a restart. */
struct kept_score {
    struct node_key key;
    int32_t score_milli;   /* thousandths of a point, at most 0 */
    uint64_t as_of_s;      /* ... at that time; wall clock, as all here */
    uint64_t gray_until_s; /* no link before; 0: it is not on the graylist */
};

/* Why something was not taken.  Each is counted. */
enum refusal {
    REFUSAL_MALFORMED,    /* bytes that are no frame, or a lie in a HELLO */
    REFUSAL_UNKNOWN_TYPE, /* a frame of a later version */
    REFUSAL_BEFORE_HELLO, /* a frame that needs HELLO first */
    REFUSAL_DUPLICATE,    /* an envelope or a receipt that is known */
    REFUSAL_EXPIRED,
    REFUSAL_TOO_FAR_AHEAD, /* expires later than this relay keeps anything */
    REFUSAL_NO_ROOM,       /* the shelf is full of what is worth more */
    REFUSAL_RATE,          /* over the peer's quota */
    REFUSAL_VALUE,         /* worth less than what is taken here now */
    REFUSAL_FALSE_STAMP,   /* not the work that it claims */
    REFUSAL_FALSE_RECEIPT, /* the opening does not match */
    REFUSAL_EARLY_RECEIPT, /* for an id not known yet; waits */
    REFUSAL_RECONCILE,     /* out of turn, over its rounds, or inconsistent */
    REFUSAL_LINK,          /* no room for the link, or a duplicate of one */
    REFUSAL_CLOCK,         /* a HELLO whose clock is half a day off */
    REFUSAL_GRAYLIST,      /* a peer that is not spoken to for now */
    REFUSAL_MEMBER,        /* membership out of turn, or too much of it */
    REFUSAL_COUNT,
};

/* What became of one record of a bundle. */
struct relay_import {
    bool is_receipt;
    bool taken;       /* an envelope was stored, or a receipt cleared one */
    enum refusal why; /* where not */
};

struct relay_effect {
    enum relay_effect_kind kind;
    uint32_t link; /* SEND, PUSH, STEM, CHECK, HANGUP */
    uint32_t from; /* SEND, PUSH, STEM: the link that it is for: what came over
                      it brought this about; 0: none did */
    bool urgent;   /* PUSH: before all that is not */
    bool is_forward; /* PUSH: of what a peer brought, unasked: it may be told of
                        instead (DROPPED) */
    struct envelope_id id; /* all that name an envelope */
    union {
        struct frame frame; /* SEND; lists lie in the effects' own memory */
        struct {
            const struct envelope *envelope; /* borrowed from the event */
            uint32_t frame_bytes; /* CHECK: to be given back, with the type */
            enum frame_type frame_type;
        } store; /* STORE, RESTAMP, CHECK */
        struct {
            uint8_t bits;
            uint32_t expires_h;
        } stamp;                    /* STAMP; WAITS: bits alone */
        struct opening opening;     /* CLEAR, CLEARED */
        struct tag tag;             /* FIND */
        uint32_t peers;             /* HANDED */
        enum status reason;         /* REFUSED */
        struct relay_import import; /* IMPORTED */
        struct {
            uint32_t target;
            struct node_key key;
            size_t endpoint_size;
            char endpoint[LIMIT_ENDPOINT_BYTES + 1];
        } dial; /* DIAL, UNDIAL (target alone) */
        struct {
            size_t count;                  /* at most LIMIT_KEPT_NODES */
            const struct kept_node *nodes; /* in the effects' own memory */
        } keep;                            /* KEEP_NODES */
        struct {
            size_t count;                    /* at most LIMIT_KEPT_SCORES */
            const struct kept_score *scores; /* first who is longest held off */
        } keep_scores;                       /* KEEP_SCORES */
    };
};

/* A list that the caller owns and reuses: begin, let relay_step append, perform
 * in order, reset, and at the end free. */
struct relay_effects {
    struct relay_effect *list;
    size_t count;
    size_t capacity;
    struct effect_chunk *chunks; /* memory of frames' lists; private */
    struct relay_effect spare;   /* written to when there is none */
};

void relay_effects_init(struct relay_effects *effects);
void relay_effects_reset(struct relay_effects *effects);
void relay_effects_free(struct relay_effects *effects);

/* For the rooms: append a zeroed effect of that kind, and take memory for a
 * frame's list that lives until the reset.  STATUS_NO_MEMORY, and then the
 * spare effect is zeroed. */
MUST_USE enum status relay_effects_add(struct relay_effects *effects,
    enum relay_effect_kind kind, struct relay_effect **out);
MUST_USE enum status relay_effects_alloc(
    struct relay_effects *effects, size_t size, void **out);

#endif
