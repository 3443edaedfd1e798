/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SHELF_H
#define RELAY_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memo.h"
#include "base/table.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "relay/catalog.h"
#include "relay/event.h"
#include "relay/set.h"
#include "relay/turn.h"

/* The index of the envelopes kept for everybody; their bodies lie in the
 * store.  An id is known from its arrival until its expiry, whatever became of
 * its envelope.  What the id alone decides is in the catalog: what a shelf adds
 * is a byte for each id, and some more for what is stored. */
struct shelf_item {
    uint32_t number; /* in the catalog */
    const struct catalog_entry *entry;
    enum shelf_state state;
    uint8_t bits; /* of its stamp */
};

/* What is stored, in the list of its bucket. */
struct shelf_stored {
    uint32_t number;
    uint32_t next, previous; /* meaningful where there is one */
    uint8_t bits;
    uint8_t edge; /* who brought it: a place in the shelf's edges */
};

/* How many known ids expire at an hour. */
struct shelf_hour {
    uint32_t expires_h;
    uint32_t count;
};

/* An unknown envelope for which there was no room, as it was when it came. */
struct shelf_refused {
    struct envelope_id id;
    uint64_t until_ms; /* it is not asked for */
    uint64_t rest_ms;  /* that is how long, this time */
    uint64_t by[2];    /* who brought it meanwhile */
    uint32_t expires_h;
    uint16_t bytes;
    uint8_t bits; /* the most that it had */
    uint8_t by_count;
};

/* A bucket's key (relay/shelf_inside.h) that no item has: hours end before. */
#define SHELF_NO_KEY UINT64_MAX

/* Of those that were left with peers, the one that needs least. */
struct shelf_left {
    uint64_t
        key; /* of its bucket, if it had one; SHELF_NO_KEY: there is none */
    uint16_t bytes;
    bool may_fit; /* something went since */
};

/* What a peer's mail takes up, by node key: whoever reconnects begins no new
 * account. */
struct shelf_edge {
    uint64_t bytes;
    uint64_t worst; /* the bucket of its items that are worth least */
    struct node_key key;
};

enum {
    SHELF_EDGES = 128,
    SHELF_EDGE_OWN = 0, /* one's own, or from before a restart */
    SHELF_EDGE_CARRIED = SHELF_EDGES - 1, /* what came in bundles */
    SHELF_EDGE_OTHERS = SHELF_EDGES - 2,  /* all for whom no place was left */
    SHELF_ANY_EDGE = SHELF_EDGES,
    SHELF_SHARE = 4, /* an edge may fill a quarter */
    /* What there was no room for is let rest: for so long the first time, then
     * twice as long each time, and for so long at most. */
    SHELF_REST_MS = 3600000,
    SHELF_REST_MOST_MS = 8 * SHELF_REST_MS,
};

struct shelf {
    struct catalog *catalog;
    uint8_t *marks; /* by number: enum set_state, and the stamp's bits above */
    size_t mark_count;
    size_t known_count;
    struct shelf_hour *hours; /* in order */
    size_t hour_count;
    uint64_t quota_bytes;
    uint64_t stored_bytes;
    uint64_t hidden_bytes; /* in the store, and not on the shelf */
    uint64_t cleared_count;
    uint64_t evicted_count;
    struct table stored;          /* by number */
    struct shelf_bucket *buckets; /* of equals, by their keys */
    size_t bucket_count;
    struct set_sum sum;       /* of all that is stored ... */
    struct set_sum marked;    /* ... and of all that is marked so: double
                                 entry */
    struct shelf_edge *edges; /* place 1 and on */
    size_t edge_count;
    struct shelf_edge carried; /* SHELF_EDGE_CARRIED */
    struct set_view *view;     /* the last that was asked for, or NULL */
    struct shelf_left left;
    struct shelf_edge own; /* place 0 */
    size_t hour_capacity;
    uint32_t sweep; /* the next mark to be looked at for what has expired */
    size_t bucket_capacity;
    uint64_t cleared_bytes; /* what those would take up */
    uint32_t life_maximum_h;
    struct shelf_edge all; /* of all: its worst alone counts */
    size_t edge_capacity;
    uint32_t worst_hour; /* at which worst says so */
    struct memo refused; /* for lack of room */
    uint32_t *changes;   /* numbers whose marks changed since */
    size_t change_count;
    size_t change_capacity;
};

/* Between the shelf's own files: what is known of a number.  Its mark has the
 * bits of the stamp above the state. */
enum { SHELF_MARK_SHIFT = 2 };
static inline enum set_state shelf_mark_state(
    const struct shelf *shelf, uint32_t number)
{
    if (number >= shelf->mark_count)
        return SET_UNKNOWN;
    return (enum set_state)(shelf->marks[number] & SET_STATE_MASK);
}
static inline uint8_t shelf_mark_bits(
    const struct shelf *shelf, uint32_t number)
{
    return shelf->marks[number] >> SHELF_MARK_SHIFT;
}

/* The catalog is borrowed for the shelf's life. */
void shelf_init(struct shelf *shelf, struct catalog *catalog,
    uint64_t quota_bytes, uint32_t life_maximum_h);
void shelf_clear(struct shelf *shelf);

/* False when the id is not known here, and *out is untouched. */
bool shelf_find(const struct shelf *shelf, const struct envelope_id *id,
    struct shelf_item *out);
bool shelf_knows(const struct shelf *shelf, const struct envelope_id *id);

/* One item as the store had it at the start.  Expired ones and what is over
 * the quota leave with the next shelf_expire. */
void shelf_restore(
    struct shelf *shelf, struct turn *turn, const struct relay_event *event);

/* Whether an envelope that expires then may be kept at this hour; where not,
 * why. */
bool shelf_accepts(const struct shelf *shelf, const struct turn *turn,
    uint32_t expires_h, enum refusal *why);

/* An envelope, and who offers it: NULL for one's own. */
struct shelf_offer {
    const struct envelope_id *id;
    const struct envelope *envelope; /* its stamp is genuine */
    const struct node_key *from;
    bool is_carried; /* by hand, in a bundle: all that is has one account */
    bool is_kept;    /* its bytes are in the store: RESTAMP in place of STORE */
};

/* An envelope that takes its room on the shelf and is not on it. */
struct shelf_hidden {
    struct envelope_id id;
    uint8_t proof[32]; /* the receipt hash */
    uint32_t expires_h;
    uint16_t bytes;
    uint8_t bits, edge;
};

/* Store an envelope that is not stored, evicting what is worth less (or as
 * much, and is larger, or as large and nearer its expiry).  Who has filled its
 * share makes room among its own.  An evicted one is stored anew.  Emits EVICT
 * and STORE.  False, and no offer was taken nor anything evicted, when there is
 * no room. */
bool shelf_store(
    struct shelf *shelf, struct turn *turn, const struct shelf_offer *offer);

/* Whether an envelope is to be left with a peer that offers it: there was no
 * room for it lately, nor is there now, and that peer has brought it already,
 * or two others have, so that nobody alone can keep it away by bringing it with
 * a poor stamp.  from: NULL for any peer that has not.  For SHELF_REST_MOST_MS
 * at most: then somebody may have it with a better stamp. */
bool shelf_leaves(struct shelf *shelf, const struct turn *turn,
    const struct envelope_id *id, const struct node_key *from);

/* Whether there is room again for something that was left so; once each time.
 */
bool shelf_take_room(struct shelf *shelf, const struct turn *turn);

/* Put a better stamped copy in the place of what is stored.  Emits RESTAMP. */
void shelf_restamp(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct envelope *envelope);

/* Store an envelope that is not known, without putting it on the shelf: it
 * takes its room, and no other function here knows of it.  As shelf_store; what
 * is to be given back to the two below is filled in.  Then put it there: false,
 * and FORGET is emitted, when no more ids can be known.  Or give up its room,
 * saying nothing. */
bool shelf_hide(struct shelf *shelf, struct turn *turn,
    const struct shelf_offer *offer, struct shelf_hidden *hidden);
bool shelf_show(
    struct shelf *shelf, struct turn *turn, const struct shelf_hidden *hidden);
void shelf_unhide(struct shelf *shelf, const struct shelf_hidden *hidden);

/* Whether that opening clears what is not cleared yet. */
bool shelf_opens(const struct shelf *shelf, const struct envelope_id *id,
    const struct opening *opening);

/* What an item is worth now (crypto/stamp.h). */
uint8_t shelf_value(const struct shelf_item *item, const struct turn *turn);

/* Whether little room is left. */
bool shelf_is_tight(const struct shelf *shelf);

/* Judge a receipt, and clear what it opens.  Emits CLEAR and CLEARED. */
enum shelf_receipt {
    SHELF_RECEIPT_CLEARS,
    SHELF_RECEIPT_KNOWN,   /* cleared already */
    SHELF_RECEIPT_FALSE,   /* does not match */
    SHELF_RECEIPT_UNKNOWN, /* the id is not known */
};
enum shelf_receipt shelf_receive(struct shelf *shelf, struct turn *turn,
    const struct envelope_id *id, const struct opening *opening);

/* The opening of a cleared item. */
void shelf_opening(const struct shelf_item *item, struct opening *out);

/* Give a link what it wants: PUSH, or the RECEIPT of what is cleared.  The
 * bytes that will cost; 0 when there is nothing to give. */
uint32_t shelf_give(const struct shelf *shelf, struct turn *turn, uint32_t link,
    const struct envelope_id *id);

/* Forget an envelope that the store has no more; false when it is not stored.
 * Emits FORGET. */
bool shelf_lose(
    struct shelf *shelf, struct turn *turn, const struct envelope_id *id);

/* Evict what is over a quota that was lowered, and forget what is past its
 * expiry, at most so much a call.  Emits EVICT and FORGET. */
void shelf_expire(struct shelf *shelf, struct turn *turn);

/* When, by the monotonic clock, something is to be forgotten, though the shelf
 * counts hours of the wall clock; UINT64_MAX. */
uint64_t shelf_deadline_ms(
    const struct shelf *shelf, uint64_t now_ms, uint64_t clock_s);

/* What is stored and known, frozen: borrowed until the next change of the
 * shelf.  NULL, and the turn has failed, when there is no memory. */
struct set_view *shelf_view(struct shelf *shelf, struct turn *turn);

/* Send for the memory of what is known of that number of the catalog. */
void shelf_warm(const struct shelf *shelf, uint32_t number);

size_t shelf_bytes(const struct shelf *shelf);

/* The first that does not hold of the shelf's totals, or NULL; of that item, if
 * it is known; of all items, from which the totals are counted again. */
const char *shelf_step_violation(const struct shelf *shelf);
const char *shelf_item_violation(
    const struct shelf *shelf, const struct envelope_id *id);
const char *shelf_violation(const struct shelf *shelf);

#endif
