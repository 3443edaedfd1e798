/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RELEASES_H
#define VAULT_RELEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Openings of what was received and is safe, to be let go after a random wait,
 * and again until the relay says that the envelope is cleared; and kept for a
 * while then, in case that relay fails before another has it. */
struct receipt {
    uint64_t row; /* the envelope's id, blinded */
    struct envelope_id id;
    struct opening opening;
    uint32_t expires_h; /* of the envelope */
    enum pace pace;     /* of who wrote it, when it came */
    bool is_cleared;    /* as the relay says that is up */
    uint64_t at_ms;     /* let go then; forgotten, when it is cleared */
};

enum {
    RECEIPTS_MAXIMUM = 65536,
    RECEIPT_AGAIN_MS = 3600 * 1000,
    RECEIPT_KEPT_MS = 3600 * 1000
};

struct releases {
    struct rows rows;
};

void releases_init(struct releases *releases);
void releases_clear(struct releases *releases);
MUST_USE enum status releases_load(struct releases *releases, struct step *step,
    const struct vault_record *record);

/* Have a receipt let go in a while; of what is given, row and time are this
 * room's. */
void releases_add(
    struct releases *releases, struct step *step, const struct receipt *given);

/* Let that of an envelope go so much later; one that is not here is none. */
void releases_delay(struct releases *releases, struct step *step,
    const struct envelope_id *id, uint64_t wait_ms);

/* Its time has come; the relay says that an envelope (any) is cleared; the
 * relay is there again; the hour has struck. */
void releases_due(struct releases *releases, struct step *step, uint64_t row);
void releases_cleared(
    struct releases *releases, struct step *step, const struct envelope_id *id);
void releases_start(struct releases *releases, struct step *step);
void releases_sweep(struct releases *releases, struct step *step);

#endif
