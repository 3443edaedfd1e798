/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_RANGES_H
#define PROTO_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "proto/wire.h"

/* One range of a set reconciliation: everything from where the last range
 * ended (or the beginning) up to, and without, its bound.  Items are ordered
 * by (expires_h, id); a set is what a node has stored and has not expired: what
 * is cleared is a member of none.  The bound of the last range of a whole set
 * is past every item.  A bound's id travels without the zero bytes at its end,
 * and its hour as the difference from the bound before: choose bounds that are
 * short prefixes. */
struct reconcile_bound {
    uint32_t expires_h;
    struct envelope_id id;
};

enum reconcile_mode {
    RECONCILE_SKIP = 0, /* nothing to say about this range */
    RECONCILE_FINGERPRINT =
        1,               /* this is my fingerprint of it: same as yours? */
    RECONCILE_ITEMS = 2, /* these are all my items in it; yours? */
    RECONCILE_REPLY = 3, /* and these are mine that you lack; done */
};

enum item_state {
    ITEM_STORED = 0,  /* the envelope can be had */
    ITEM_CLEARED = 1, /* the opening can be had */
};

struct reconcile_item {
    uint32_t expires_h;
    struct envelope_id id;
    uint8_t state; /* enum item_state */
};

struct reconcile_range {
    struct reconcile_bound bound;
    uint8_t mode; /* enum reconcile_mode */
    uint8_t fingerprint[16];
    size_t item_count;
    const struct reconcile_item *items; /* borrowed */
};

/* [24, run, round, ranges]: one step of a reconciliation, in at most
 * LIMIT_RECONCILE_BYTES.  run is chosen by the one who began (the high bit set
 * by the dialled side, so that both may begin at once); round 0 begins it.
 * Bounds ascend strictly, and so do the items of a range, all of them inside
 * it; decode and encode both hold a frame to that. */
struct frame_reconcile {
    uint32_t run;
    uint32_t round;
    size_t range_count;                   /* 0: finished */
    const struct reconcile_range *ranges; /* borrowed */
};

/* Where the lists of a decoded frame lie.  A frame of LIMIT_RECONCILE_BYTES
 * has fewer items than this. */
enum {
    RANGES_MAXIMUM = 512,
    RANGES_ITEMS_MAXIMUM = 1024,
};
struct ranges_scratch {
    struct reconcile_range ranges[RANGES_MAXIMUM];
    struct reconcile_item items[RANGES_ITEMS_MAXIMUM];
};

/* The fields behind a frame's type; only frame.c calls these.
 *
 *   run, round, [range ...]
 *   range = [hours, id, mode]               SKIP
 *           [hours, id, mode, fingerprint]  FINGERPRINT
 *           [hours, id, mode, items]        ITEMS, REPLY
 *
 * hours: the bound's less the hours of the bound before (0 before the first).
 * id: the bound's, without the zero bytes at its end.  items: one byte string,
 * 21 bytes an item: expires (4, big endian), id (16), state (1).
 *
 * Reading, lists go to scratch, and anything malformed makes the reader fail.
 * Writing, STATUS_TOO_LARGE and STATUS_INVALID are as frame_encode says. */
void ranges_read(struct wire_reader *reader, struct ranges_scratch *scratch,
    struct frame_reconcile *out);
MUST_USE enum status ranges_write(
    struct wire_writer *writer, const struct frame_reconcile *reconcile);

/* How many bytes that would write; 0 where it would refuse to. */
size_t ranges_bytes(const struct frame_reconcile *reconcile);

#endif
