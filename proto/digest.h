/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/ranges.h"

/* What a node has, in a small file, so that a bundle for it can leave that out:
 *
 *   "sotto digest 1\n", count (8, big endian), count times: id (16), state (1)
 *
 * Items ascend strictly by their ids; states are enum item_state.  Exact ids
 * and no fingerprints of ranges: nobody answers from a stick, and one item that
 * differs would bring its whole range along. */
#define DIGEST_MAGIC "sotto digest 1\n"
enum {
    DIGEST_MAGIC_BYTES = sizeof(DIGEST_MAGIC) - 1,
    DIGEST_HEAD_BYTES = DIGEST_MAGIC_BYTES + 8,
    DIGEST_ITEM_BYTES = 17,
};

struct digest_item {
    struct envelope_id id;
    uint8_t state; /* enum item_state */
};

void digest_head_encode(uint64_t count, uint8_t out[static DIGEST_HEAD_BYTES]);
void digest_item_encode(
    const struct digest_item *item, uint8_t out[static DIGEST_ITEM_BYTES]);

/* Whether bytes are a whole digest; *count is its items.  STATUS_INVALID: not
 * one, cut short, or with items that are out of order. */
MUST_USE enum status digest_check(struct span bytes, size_t *count);

/* Item i of a checked digest. */
struct digest_item digest_at(struct span digest, size_t i);

/* The state of an id in a checked digest, by halving; -1 when it is not there.
 * Of a digest of no bytes, nothing is. */
int digest_find(struct span digest, const struct envelope_id *id);

#endif
