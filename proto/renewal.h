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
 * or, with an X-Wing key that has the prekey's id and expires with it,
 *
 *   0      1    suite (3)
 *   1      201  the card
 *   202    1216 the X-Wing key
 *   1418   64   Ed25519 signature over "sotto1 renewal" and bytes 0 .. 1417
 *
 * It is signed as a whole, besides its card: so a card that was signed for
 * something else is no renewal, and no suite can be put in another's place. */
enum { KEM_SUITE = 3, KEM_PUBLIC_BYTES = 1216 };
enum {
    RENEWAL_BYTES = 1 + CARD_BYTES + 64,
    KEM_RENEWAL_BYTES = RENEWAL_BYTES + KEM_PUBLIC_BYTES, /* the larger */
};

struct renewal {
    uint8_t suite; /* CARD_SUITE, KEM_SUITE */
    struct card card;
    uint8_t kem_public[KEM_PUBLIC_BYTES]; /* of KEM_SUITE */
    uint8_t signature[64];
};

/* STATUS_INVALID when it has another size than its suite, or when its suite or
 * its card's is not known here. */
MUST_USE enum status renewal_decode(struct span bytes, struct renewal *out);

/* Returns the size. */
size_t renewal_encode(
    const struct renewal *renewal, uint8_t out[static KEM_RENEWAL_BYTES]);

#endif
