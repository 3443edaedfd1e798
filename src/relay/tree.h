/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_TREE_H
#define RELAY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "relay/tree_recent.h"
#include "relay/turn.h"

/* The tree by which new envelopes spread, and its repair: Plumtree (Leitao,
 * Pereira, Rodrigues, "Epidemic Broadcast Trees", 2007) with what was learnt
 * from its followers.  Each edge is eager (what is new is pushed over it) or
 * lazy (it is announced).  A peer that does not speak of trees is always
 * eager. */
enum {
    TREE_BATCH_MS = 500,     /* announcements wait for one another */
    TREE_BATCH_FAST_MS = 50, /* above TREE_FAST_RATE envelopes a second */
    TREE_FAST_RATE = 50,
    TREE_BATCH_RECEIPTS_MS = 2000, /* nobody waits for those but by a hole */
    TREE_RECEIPT_LATE_MS = 500,    /* then an announced one is asked for */
    TREE_WINDOW_MS = 10000,
    TREE_WINDOW_IDS = 5000,  /* announced to and by a peer in a window */
    TREE_FULL_MS = 4000,     /* and not at all, where its queue was full */
    TREE_GRAFT_MS = 250,     /* or 4 round trips, then it is asked for */
    TREE_PATIENCE_MS = 1000, /* at most, with what a slow tree is granted */
    TREE_AGAIN_MS = 100,     /* or 2, then of another */
    TREE_TRIES = 4,          /* the first that is asked and 3 others */
    TREE_FREE_RIDE = 32,     /* pushes to a peer that never was the first */
    TREE_FREE_AGAIN = 1024,  /* after it has asked for them */
    TREE_SHAPE_MS = 2000,    /* about so often an envelope shapes the tree */
    TREE_SHAPE_MOST = 4096,  /* one in so many at least */
    TREE_SHAPED_MS = 1000,   /* and none so soon after another */
    TREE_RENEW = 512,        /* one envelope in so many renews it */
    TREE_RENEWED_MS = 10000, /* and none so soon after another */
    TREE_MISSING = 16384,    /* ids that were announced and have not come */
    TREE_LARGE_BYTES = 4096, /* from here on IDONTWANT is worth its bytes */
    TREE_BROKEN = 3,         /* promises in TREE_BROKEN_MS: one may be lost */
    TREE_BROKEN_MS = 60000,
};

/* Ids counted in a window of time. */
struct tree_window {
    uint64_t from_ms;
    uint32_t ids;
};

/* An edge's place in the list is its bit in the masks.  All of them are looked
 * at for whatever spreads, so they are small. */
struct tree_edge {
    uint32_t link; /* 0: the place is free */
    int32_t pushes;
    bool eager;
    bool speaks;    /* of trees */
    bool shunned;   /* lazy until its peer's standing allows that it asks */
    bool offered;   /* lazy, and what shapes the tree was pushed over it */
    bool delivers;  /* it was the first to bring something */
    bool supplies;  /* ... by the tree, unasked */
    bool faithless; /* it broke so many promises that it is worth saying */
    bool is_full;   /* a push found no room, and it was not told since */
};

/* What was announced over it, in the same place of another list. */
struct tree_talk {
    uint64_t told_to[TREE_KINDS]; /* sequence: what is older was announced */
    struct tree_window told;
    struct tree_window heard;
    struct tree_window broken; /* promises: announced, asked for, given up */
};

struct tree {
    struct tree_edge *edges;
    size_t edge_count;    /* places, free ones among them */
    uint64_t graft_at_ms; /* UINT64_MAX: nothing is missing */
    struct tree_recent recent[TREE_KINDS];
    struct table missing;
    struct tree_talk *talks;
    size_t talk_capacity;
    uint64_t shaped_until_ms; /* by nothing that is ranked higher */
    size_t edge_capacity;
    struct envelope_id shaper; /* what shaped the tree last */
    uint64_t renewed_until_ms; /* and by nothing renewed before */
    uint32_t late_ms8; /* pushes behind announcements, smoothed, in eighths */
    uint32_t latevar_ms4; /* its variation, in quarters (RFC 6298) */
};

/* The catalog is borrowed; what spreads is known in it. */
void tree_init(struct tree *tree, struct catalog *catalog, uint64_t seed);
void tree_clear(struct tree *tree);

/* A link opened, to a peer that speaks of trees or not: the edge is eager, and
 * is told what came in the last TREE_RECENT_MS.  A link is gone: its edge is
 * forgotten.  Unknown links, here and below, do nothing. */
void tree_link_open(
    struct tree *tree, struct turn *turn, uint32_t link, bool speaks);
void tree_link_down(struct tree *tree, uint32_t link);

/* Something new is stored, brought by that link (0: by nobody).  Emits
 * IDONTWANT and PUSH, to eager edges that are not known to have it; others are
 * told later.  The round trip that a graft of it took, in milliseconds; 0
 * where it was not asked for. */
struct tree_news {
    struct envelope_id id;
    size_t bytes;
    uint8_t value; /* peers whose terms ask for more are neither pushed to nor
                      told */
};
uint32_t tree_spread(struct tree *tree, struct turn *turn, uint32_t from,
    const struct tree_news *news);

/* A peer pushed what is here, unasked.  Emits PRUNE. */
void tree_duplicate(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id);

/* A push of something recent, or what was given, was not sent, for want of room
 * or time: it is announced instead.  False when that is too late, there is
 * nothing to announce, or the peer does not speak of trees. */
bool tree_dropped(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id);

/* A peer has not taken what it was pushed or told of: it may be offered again.
 * What is worth so much more is: emits PUSH and IHAVE as tree_spread, to those
 * that lack it; false when that is too late, and they find it by comparing.  A
 * peer's terms are lower: it is told of what was withheld. */
void tree_declined(
    struct tree *tree, uint32_t link, const struct envelope_id *id);
bool tree_worth(struct tree *tree, struct turn *turn,
    const struct envelope_id *id, uint8_t value);
void tree_terms(struct tree *tree, struct turn *turn, uint32_t link);

/* PRUNE came; GRAFT came; the peer's standing is too low to be pushed to. */
void tree_pruned(struct tree *tree, uint32_t link);
void tree_grafted(struct tree *tree, uint32_t link);
void tree_shun(struct tree *tree, uint32_t link);
/* Whether a GRAFT of that asks for the edge alone: it was pushed over it, lazy
 * as it was, to renew the tree. */
bool tree_take_offer(
    struct tree *tree, uint32_t link, const struct envelope_id *id);

/* Whether a peer may announce so many ids; counted. */
bool tree_may_announce(
    struct tree *tree, const struct turn *turn, uint32_t link, size_t ids);
/* A peer has what is known here, or is given it now: it need not be told. */
void tree_has(struct tree *tree, uint32_t link, const struct envelope_id *id);
/* A peer has announced what is not known here. */
void tree_announced(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id);
/* And no push is on its way behind that: one who used to push what is new is
 * asked at once. */
void tree_announced_alone(struct tree *tree, const struct turn *turn,
    uint32_t link, const struct envelope_id *id);

/* A receipt has cleared something, brought by that link (0: by nobody).  Emits
 * RECEIPT to eager edges whose peers are not known to have it; others are told
 * later.  No receipt shapes the tree. */
void tree_spread_receipt(struct tree *tree, struct turn *turn, uint32_t from,
    const struct frame_receipt *receipt);
/* A peer has a receipt that is known here, or is given it now. */
void tree_has_receipt(
    struct tree *tree, uint32_t link, const struct envelope_id *id);
/* A peer has announced the receipt of what is stored here. */
void tree_receipt_announced(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id);

/* A peer has given what is not kept here, or at a rate that is too high, or the
 * receipt of what is not known: no more is to be had of it, and none of its
 * promises is broken. */
void tree_answered(
    struct tree *tree, uint32_t link, const struct envelope_id *id);

/* It gave what its price refused.  Prices fall: it is asked once, unless that
 * is how it came. */
void tree_refused(
    struct tree *tree, uint32_t link, const struct envelope_id *id);

/* Whether it is one of those that are recent here. */
bool tree_knows(const struct tree *tree, const struct envelope_id *id);

/* It has come by another way, or will: it is not asked for here. */
void tree_found(struct tree *tree, const struct envelope_id *id);
/* It is no longer to be had: tell nobody. */
void tree_forget(struct tree *tree, const struct envelope_id *id);

/* Announce, and ask for what does not come.  Emits IHAVE, CLEARED, GRAFT and
 * WANT. */
void tree_tick(struct tree *tree, struct turn *turn);

/* Whether a peer has announced what nobody could get, and so often that it is
 * worth saying; once each TREE_BROKEN. */
bool tree_take_faithless(struct tree *tree, uint32_t *link);

/* The links whose edges are eager, by number.  Returns how many. */
size_t tree_eager(const struct tree *tree, uint32_t out[static LIMIT_LINKS]);

static inline uint64_t tree_deadline_ms(const struct tree *tree)
{
    uint64_t at_ms = tree->graft_at_ms;
    for (int kind = 0; kind < TREE_KINDS; kind++)
        if (tree->recent[kind].announce_at_ms < at_ms)
            at_ms = tree->recent[kind].announce_at_ms;
    return at_ms;
}
/* Send for the memory of what is known of that number of the catalog. */
void tree_warm(const struct tree *tree, uint32_t number);

size_t tree_bytes(const struct tree *tree);

/* The first that does not hold of how much is recent, or NULL; of that link's
 * edge, if it has one; of all edges; of that item, where it is recent or
 * missing; of all. */
const char *tree_step_violation(const struct tree *tree);
const char *tree_edge_violation(const struct tree *tree, uint32_t link);
const char *tree_edges_violation(const struct tree *tree);
const char *tree_item_violation(
    const struct tree *tree, const struct envelope_id *id);
const char *tree_violation(const struct tree *tree);

#endif
