/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RECEIPTS_H
#define VAULT_RECEIPTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/turn.h"

/* Openings of what was received and is safe, to be let go after a random wait,
 * and again until the relay says that the envelope is cleared. */
struct receipt {
    uint64_t row; /* the envelope's id, blinded */
    struct envelope_id id;
    struct opening opening;
    uint32_t expires_h; /* of the envelope */
    uint64_t at_ms;     /* let go then */
};

enum { RECEIPTS_MAXIMUM = 65536, RECEIPT_AGAIN_MS = 3600 * 1000 };

struct receipts {
    struct rows rows;
};

void receipts_init(struct receipts *receipts);
void receipts_clear(struct receipts *receipts);
MUST_USE enum status receipts_load(struct receipts *receipts, struct turn *turn,
    const struct vault_record *record);

/* Have a receipt let go in a while. */
void receipts_add(struct receipts *receipts, struct turn *turn,
    const struct envelope_id *id, const struct opening *opening,
    uint32_t expires_h);

/* Its time has come; the relay says that an envelope (any) is cleared; the
 * relay is there again; the hour has struck. */
void receipts_due(struct receipts *receipts, struct turn *turn, uint64_t row);
void receipts_cleared(
    struct receipts *receipts, struct turn *turn, const struct envelope_id *id);
void receipts_start(struct receipts *receipts, struct turn *turn);
void receipts_sweep(struct receipts *receipts, struct turn *turn);

#endif
