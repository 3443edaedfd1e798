/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SET_H
#define RELAY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"
#include "proto/ids.h"

/* The set of stored envelopes as reconciliation sees it: ordered by
 * (expires_h, id), any range of it summed up in 16 bytes. */

enum { SET_FINGERPRINT_BYTES = 16 };

/* A sum over members: order does not matter, and a member can be taken out
 * again.  Sum modulo 2^256 of BLAKE2b-256 over each id: hashed because ids are
 * 16 bytes that strangers can grind, and a sum of so few could be forged by
 * Wagner's generalised birthday (2002). */
struct set_sum {
    uint64_t words[4]; /* least significant first */
    uint64_t count;
};

void set_sum_add(struct set_sum *sum, const struct envelope_id *id);
void set_sum_remove(struct set_sum *sum, const struct envelope_id *id);
bool set_sum_equal(const struct set_sum *a, const struct set_sum *b);

/* 16 bytes that two nodes compare: a hash of the sum and the count. */
void set_fingerprint(
    const struct set_sum *sum, uint8_t out[static SET_FINGERPRINT_BYTES]);

struct set_item {
    struct reconcile_bound at;
    uint32_t bytes; /* of a member's envelope */
    bool cleared;   /* of a known id that is no member: its opening is here */
};

/* A frozen copy for one reconciliation: what is stored, and what is known but
 * not stored.  Both in order once prepared.  Owned by whoever holds it:
 * set_free. */
struct set_snapshot {
    struct set_sum *sums; /* [i]: of stored[0 .. i); stored_count + 1 of them */
    struct set_item *stored;
    size_t stored_count;
    struct set_item *other;
    size_t other_count;
};

void set_free(struct set_snapshot *snapshot);

/* Put a filled snapshot in order and add up its sums, so that any range of it
 * is summed up by one subtraction.  STATUS_NO_MEMORY. */
MUST_USE enum status set_prepare(struct set_snapshot *snapshot);

/* Past every item: no envelope may expire in the last hour there is. */
struct reconcile_bound set_end(void);

/* The shortest bound that lies behind a and not behind b; a is before b. */
struct reconcile_bound set_between(
    const struct reconcile_bound *a, const struct reconcile_bound *b);

int set_compare(
    const struct reconcile_bound *a, const struct reconcile_bound *b);

/* The index of the first item not before the bound; count if there is none. */
size_t set_lower_bound(const struct set_item *items, size_t count,
    const struct reconcile_bound *bound);

/* The item at exactly that place, or NULL. */
const struct set_item *set_find(const struct set_item *items, size_t count,
    const struct reconcile_bound *at);

/* The fingerprint of stored[low .. high). */
void set_range_fingerprint(const struct set_snapshot *snapshot, size_t low,
    size_t high, uint8_t out[static SET_FINGERPRINT_BYTES]);

#endif
