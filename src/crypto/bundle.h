/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_BUNDLE_H
#define CRYPTO_BUNDLE_H

#include "proto/bundle.h"

/* The chain of checks through a bundle.  It shows damage, truncation and
 * disorder; it authenticates nobody, and need not: whoever carries mail is
 * trusted with none of it. */

/* Write one record behind those whose last check is *check (zeros: none), set
 * *size, and move *check on.  STATUS_TOO_LARGE, and nothing has changed, when
 * it does not fit the capacity. */
MUST_USE enum status bundle_append(struct bundle_check *check,
    const struct bundle_record *record, uint8_t *out, size_t capacity,
    size_t *size);

/* Take the record that bytes begin with, behind the one of *check, and move
 * *check on; an envelope's id is worked out into *id, a receipt's copied there.
 * STATUS_AGAIN when it is not all there yet; STATUS_INVALID or STATUS_REFUSED
 * when it is wrong, and then *why says how, in static words. */
MUST_USE enum status bundle_take(struct bundle_check *check, struct span bytes,
    struct bundle_record *out, struct envelope_id *id, const char **why);

#endif
