/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SET_H
#define RELAY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"
#include "proto/ids.h"
#include "relay/catalog.h"

/* The set of stored envelopes as reconciliation sees it: ordered by
 * (expires_h, id), any range of it summed up in 16 bytes. */

enum { SET_FINGERPRINT_BYTES = 16 };

/* A sum over members, modulo 2^256: order does not matter, and a member can be
 * taken out again. */
struct set_sum {
    uint64_t words[4]; /* least significant first */
    uint64_t count;
};

/* member: as catalog_member gives it. */
void set_sum_add(struct set_sum *sum, const uint64_t member[4]);
void set_sum_remove(struct set_sum *sum, const uint64_t member[4]);
bool set_sum_equal(const struct set_sum *a, const struct set_sum *b);

/* 16 bytes that two nodes compare: a hash of the sum and the count. */
void set_fingerprint(
    const struct set_sum *sum, uint8_t out[static SET_FINGERPRINT_BYTES]);

/* What somebody knows of a number; the low bits of a mark. */
enum set_state {
    SET_UNKNOWN,
    SET_MEMBER,
    SET_CLEARED,
    SET_EVICTED,
};

enum { SET_STATE_MASK = 3 };

/* A frozen copy of a set and of what else is known, for reconciliations.  What
 * it says never changes, so that any number of runs can share it. */
struct set_view {
    struct catalog *catalog;
    size_t holders;
    size_t count;
    struct set_sum *sums; /* [i]: of the first i * SET_STRIDE members */
    uint32_t *members;    /* numbers, in order */
    uint8_t *marks;       /* by number */
    size_t mark_count;
    bool is_crowded;     /* something that lives had to go for something else */
    struct set_sum last; /* that was asked for, of the first so many members */
};

enum { SET_STRIDE = 32 };

/* A view with one holder, of members in order and marks, which are copied.
 * NULL when there is no memory. */
struct set_view *set_view_new(struct catalog *catalog, const uint32_t *members,
    size_t count, struct span marks);

/* One holder more; one less, NULL harmless. */
struct set_view *set_view_hold(struct set_view *view);
void set_view_drop(struct set_view *view);
size_t set_view_bytes(const struct set_view *view);

/* Put numbers in the order of a set. */
void set_sort(const struct catalog *catalog, uint32_t *numbers, size_t count);
int set_order(const struct catalog *catalog, uint32_t a, uint32_t b);

/* Where a member is in the order. */
struct reconcile_bound set_at(const struct set_view *view, size_t i);

/* Past every item: no envelope may expire in the last hour there is. */
struct reconcile_bound set_end(void);

/* The shortest bound that lies behind a and not behind b; a is before b. */
struct reconcile_bound set_between(
    const struct reconcile_bound *a, const struct reconcile_bound *b);

int set_compare(
    const struct reconcile_bound *a, const struct reconcile_bound *b);

/* The index of the first member not before the bound; count if there is
 * none. */
size_t set_lower_bound(
    const struct set_view *view, const struct reconcile_bound *bound);

/* What is known of what lies at exactly that place. */
enum set_state set_find(
    const struct set_view *view, const struct reconcile_bound *at);

/* The fingerprint of members[low .. high). */
void set_range_fingerprint(struct set_view *view, size_t low, size_t high,
    uint8_t out[static SET_FINGERPRINT_BYTES]);

#endif
