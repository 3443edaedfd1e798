/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_EFFECT_H
#define RELAY_EFFECT_H

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
    RELAY_STORE,   /* put this envelope into the store */
    RELAY_CLEAR,   /* wipe its payload, keep id, expiry and opening */
    RELAY_EVICT,   /* wipe its payload, keep id and expiry */
    RELAY_FORGET,  /* delete all that is known of it */
    RELAY_DELIVER, /* hand the stored envelope of that id to the vault */
    RELAY_FIND,    /* hand all stored envelopes under that tag to the vault */
    RELAY_HANDED,  /* tell the vault how many peers have taken an envelope */
    RELAY_CLEARED, /* tell the vault of a valid receipt */
    RELAY_REFUSED, /* tell the vault that its envelope was not taken */
    RELAY_DIAL,    /* dial a target; answer with LINK_UP or DIAL_FAILED */
    RELAY_HANGUP,  /* end a link; no LINK_DOWN follows */
    RELAY_UNDIAL,  /* give up a dial that has not been answered */
};

struct relay_effect {
    enum relay_effect_kind kind;
    uint32_t link;         /* SEND, PUSH, HANGUP */
    struct envelope_id id; /* all that name an envelope */
    union {
        struct frame frame; /* SEND; lists lie in the effects' own memory */
        struct {
            const struct envelope *envelope; /* borrowed from the event */
        } store;
        struct opening opening; /* CLEAR, CLEARED */
        struct tag tag;         /* FIND */
        uint32_t peers;         /* HANDED */
        enum status reason;     /* REFUSED */
        struct {
            uint32_t target;
            struct node_key key;
            size_t endpoint_size;
            char endpoint[LIMIT_ENDPOINT_BYTES + 1];
        } dial; /* DIAL, UNDIAL (target alone) */
    };
};

/* A list that the caller owns and reuses: begin, let relay_step append, perform
 * in order, reset, and at the end free. */
struct relay_effects {
    struct relay_effect *list;
    size_t count;
    size_t capacity;
    struct effect_chunk *chunks; /* memory of frames' lists; private */
};

void relay_effects_init(struct relay_effects *effects);
void relay_effects_reset(struct relay_effects *effects);
void relay_effects_free(struct relay_effects *effects);

/* For the rooms: append a zeroed effect of that kind, and take memory for a
 * frame's list that lives until the reset.  STATUS_NO_MEMORY. */
MUST_USE enum status relay_effects_add(struct relay_effects *effects,
    enum relay_effect_kind kind, struct relay_effect **out);
MUST_USE enum status relay_effects_alloc(
    struct relay_effects *effects, size_t size, void **out);

#endif
