/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_RECEIPTS_H
#define RELAY_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* A waiting room for receipts that are here before their envelope. */
struct receipts {
    struct table waiting;
    struct envelope_id *order; /* of arrival; as many as wait */
    size_t order_capacity;
};

void receipts_init(struct receipts *receipts, uint64_t seed);
void receipts_clear(struct receipts *receipts);

/* A receipt for an unknown id. */
struct receipt_waiting {
    struct envelope_id id;
    struct opening opening;
    bool is_hidden; /* on its stem, which goes on when the envelope is here */
    uint32_t from;  /* the link that brought it; 0: this node's own */
};

/* Keep one; the oldest gives way when the room is full, and of two for one id
 * the first is kept, hidden only as long as both are. */
void receipts_wait(struct receipts *receipts, struct turn *turn,
    const struct receipt_waiting *receipt);

/* Take out the receipt that waits for an id, if one does. */
bool receipts_take(struct receipts *receipts, const struct envelope_id *id,
    struct receipt_waiting *out);

size_t receipts_bytes(const struct receipts *receipts);

/* What does not hold of how many wait, or NULL; also of each. */
const char *receipts_step_violation(const struct receipts *receipts);
const char *receipts_violation(const struct receipts *receipts);

#endif
