/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_RENEWAL_H
#define PROTO_RENEWAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/card.h"

/* A person's newer card, as it goes out each week to those who know their
 * address (elsewhere called a prekey bundle).
 *
 *   offset bytes
 *   0      1   suite (1: that of the card in it)
 *   1      201 the card
 *   202    64  Ed25519 signature over "sotto1 renewal" and bytes 0 .. 201
 *
 * It is signed as a whole, besides its card: so a card that was signed for
 * something else is no renewal, and no suite can be put in another's place. */
enum {
    RENEWAL_SIGNED_BYTES = 1 + CARD_BYTES,
    RENEWAL_BYTES = RENEWAL_SIGNED_BYTES + 64,
};

struct renewal {
    uint8_t suite;
    struct card card;
    uint8_t signature[64];
};

/* STATUS_INVALID when it has another size, or when its suite or its card's is
 * not known here. */
MUST_USE enum status renewal_decode(struct span bytes, struct renewal *out);

/* Returns the size: at most RENEWAL_BYTES. */
size_t renewal_encode(
    const struct renewal *renewal, uint8_t out[static RENEWAL_BYTES]);

#endif
