/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_BIDS_H
#define RELAY_BIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* One's own envelopes that a peer declined, as worth too little: each is to be
 * stamped anew and offered again, for a little more each time, as often as may
 * be, or for as long as it may be worth the work. */
enum {
    BIDS = 256, /* beyond them, reconciliation brings what is declined */
    BIDS_TRIES = 6,
    BIDS_PAUSE_MS = 1000,  /* between one's tries */
    BIDS_LOOK_MS = 5000,   /* while nobody asks for more than it is worth */
    BIDS_LIFE_MS = 600000, /* then the price has fallen, or it was not that */
};

struct bid {
    struct envelope_id id;
    uint64_t at_ms; /* to be looked at; UINT64_MAX: it is offered */
    uint64_t tried_ms;
    uint64_t until_ms;
    uint8_t tries;
};

struct bids {
    uint64_t due_ms; /* not after any; UINT64_MAX: none */
    struct table list;
};

void bids_init(struct bids *bids, uint64_t seed);
void bids_clear(struct bids *bids);

/* A peer does not take one's own. */
void bids_declined(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id);

/* One that is to be looked at: how often it was tried; false when there is
 * none.  It must then be tried, or put off. */
bool bids_take_due(struct bids *bids, const struct turn *turn,
    struct envelope_id *id, uint8_t *tries);
/* It is stamped anew; or nothing is gained by that now. */
void bids_tried(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id);
void bids_put_off(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id);

/* It is there, or over. */
void bids_forget(struct bids *bids, const struct envelope_id *id);

static inline uint64_t bids_deadline_ms(const struct bids *bids)
{
    return bids->due_ms;
}
size_t bids_bytes(const struct bids *bids);

/* What does not hold of that bid, if there is one; of any; or NULL. */
const char *bids_item_violation(
    const struct bids *bids, const struct envelope_id *id);
const char *bids_violation(const struct bids *bids);

#endif
