/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_STEM_H
#define RELAY_STEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "relay/turn.h"

/* The hidden first hops of envelopes and receipts: Dandelion++ (Fanti,
 * Venkatakrishnan, Bakshi, Denby, Bhargava, Miller, Viswanath, 2018).  What is
 * on its stem is passed from one peer to one other, and is here for nobody;
 * then it is shown, and spreads as what is new does. */
enum {
    STEM_EPOCH_MS = 600000, /* then all is drawn anew */
    STEM_WAYS = 2,          /* peers to which stems go on in an epoch */
    STEM_HOPS = 10,         /* expected: one in so many hops ends a stem */
    STEM_HOP_MS = 500,      /* granted to each of them */
    STEM_EMBARGO_MS = 2000, /* and the mean of what is granted besides */
    STEM_JITTER_MS = 100,   /* at most, before what ends its stem is shown */
};

/* One envelope or receipt on its stem. */
struct stem_item {
    struct envelope_id id;
    uint8_t proof[32];  /* its receipt hash; of a receipt: the opening */
    uint32_t expires_h; /* of an envelope */
    uint16_t bytes;     /* of an envelope; 0: it is a receipt */
    uint8_t bits, edge; /* of an envelope: as the shelf has them */
    uint64_t due_ms;    /* to be shown */
    uint32_t from, to;  /* links; 0: this node, nobody */
};

struct stem_link {
    uint32_t link;
    bool outbound;
    bool speaks;
    uint8_t way; /* of what it brings, in this epoch */
};

struct stem {
    uint32_t ways[STEM_WAYS]; /* links; 0: to be drawn */
    uint64_t due_ms;          /* not after any item's; UINT64_MAX: none */
    struct table items;
    size_t link_count;
    struct stem_link links[LIMIT_LINKS];
    uint8_t own_way;
    uint64_t epoch_until_ms;
};

void stem_init(struct stem *stem, uint64_t seed);
void stem_clear(struct stem *stem);

/* A link opened, to a peer that speaks of stems or not; or is gone. */
void stem_link_open(struct stem *stem, struct turn *turn, uint32_t link,
    bool outbound, bool speaks);
void stem_link_down(struct stem *stem, uint32_t link);

/* Whether what a link (0: this node) brings can be kept hidden: there are
 * links enough, a peer to pass it on to, and room. */
bool stem_may_hide(struct stem *stem, struct turn *turn, uint32_t from);

/* Keep an item hidden that is not, after stem_may_hide.  Emits STEM or
 * STEM_RECEIPT unless its stem ends here; then it is soon due.  The link that
 * it goes to, or 0.  Its due_ms is filled in. */
uint32_t stem_hide(struct stem *stem, struct turn *turn, uint32_t from,
    const struct stem_item *item);

/* The hidden item of that id, borrowed until the next change; NULL. */
const struct stem_item *stem_find(
    const struct stem *stem, const struct envelope_id *id);

/* It is worth more from now on, and goes on once more to whom it went to.
 * Emits STEM. */
void stem_again(struct stem *stem, struct turn *turn,
    const struct envelope_id *id, uint8_t bits);

/* One's own that is hidden no longer goes once more by a way that one's own
 * take.  Emits STEM; false when there is no such way. */
bool stem_beside(
    struct stem *stem, struct turn *turn, const struct envelope_id *id);

/* It came a second time on a stem: a circle, and its end. */
void stem_circled(
    struct stem *stem, struct turn *turn, const struct envelope_id *id);

/* What it is about is over. */
void stem_forget(struct stem *stem, const struct envelope_id *id);

/* Take out the item of that id; false when none is hidden. */
bool stem_take(
    struct stem *stem, const struct envelope_id *id, struct stem_item *out);

/* Take out one that is due; false when there is none. */
bool stem_take_due(
    struct stem *stem, const struct turn *turn, struct stem_item *out);

static inline uint64_t stem_deadline_ms(const struct stem *stem)
{
    return stem->due_ms;
}
size_t stem_bytes(const struct stem *stem);

/* The first that does not hold of the ways and of how much is hidden, or NULL;
 * of that item, if it is; of all. */
const char *stem_step_violation(const struct stem *stem);
const char *stem_item_violation(
    const struct stem *stem, const struct envelope_id *id);
const char *stem_violation(const struct stem *stem);

#endif
