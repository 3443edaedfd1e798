/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_IDENTITY_H
#define CRYPTO_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "proto/card.h"
#include "proto/ids.h"

/* Who a person is: an Ed25519 key that signs and an X25519 key that agrees,
 * bound by the signature in the card, and an address secret.  A secret struct:
 * keep it in guarded memory, wipe it with secret_wipe. */
struct identity {
    uint8_t sign_seed[32];
    uint8_t sign_public[32];
    uint8_t agree_secret[32];
    uint8_t agree_public[32];
    uint8_t address[32];
};

/* A signed prekey: lives 7 days as the card's, 14 days more for letters under
 * way, 2 days for clocks; then its secret is destroyed. */
struct prekey {
    uint32_t id;
    uint32_t expires_h; /* last hour a card may offer it */
    uint8_t secret[32];
    uint8_t public_[32];
    bool has_kem; /* an X-Wing key lives as long */
    uint8_t kem_seed[32];
};

void identity_generate(struct identity *out, struct random *random);
void prekey_generate(
    struct prekey *out, uint32_t id, uint32_t expires_h, struct random *random);

/* Give it an X-Wing key, where there is X-Wing; drawn for itself, since whoever
 * breaks the prekey must not come to it. */
void prekey_add_kem(struct prekey *prekey, struct random *random);

/* The hash of both identity keys that people compare. */
void identity_fingerprint(const uint8_t sign_public[static 32],
    const uint8_t agree_public[static 32], struct fingerprint *out);
void card_fingerprint(const struct card *card, struct fingerprint *out);

/* The number that two people compare aloud to know that neither key was
 * changed on its way: 12 groups of 5 digits, of both fingerprints in the order
 * of their bytes, so that both ends see the same.  Two pairs with one number
 * take about 2^99 trials to find. */
enum { SAFETY_NUMBER_DIGITS = 60 };
void identity_safety_number(const struct fingerprint *one,
    const struct fingerprint *other, char out[static SAFETY_NUMBER_DIGITS + 1]);

/* Sign with the identity's key (Ed25519).  A message begins with a context that
 * no other use has. */
void identity_sign(const struct identity *identity, struct span message,
    uint8_t out[static 64]);

/* The public card that offers a prekey, signed. */
void card_make(const struct identity *identity, const struct prekey *prekey,
    struct card *out);

/* STATUS_OK when the signature holds and both agreement keys are canonical
 * and of full order; STATUS_REFUSED.  Says nothing about its expiry. */
MUST_USE enum status card_verify(const struct card *card);

/* What the inviter keeps of an invite until it is used.  Secret. */
struct invite_keys {
    uint8_t address[32];
    uint8_t prekey_secret[32];
    uint8_t prekey_public[32];
    uint8_t secret[32]; /* the one-time secret */
};

/* Draw the keys of an invite; the invite itself, signed, around a card of
 * identity's. */
void invite_keys_generate(struct invite_keys *out, struct random *random);
void invite_make(const struct identity *identity,
    const struct invite_keys *keys, const struct card *card,
    struct invite *out);

/* As card_verify, for the card in it and for the rest. */
MUST_USE enum status invite_verify(const struct invite *invite);

/* X25519.  STATUS_REFUSED for a non-canonical encoding (top bit set, or not
 * reduced), or a shared secret of all zeros; out is then untouched. */
MUST_USE enum status agree(uint8_t out[static 32],
    const uint8_t secret[static 32], const uint8_t public_[static 32]);
void agree_public(uint8_t out[static 32], const uint8_t secret[static 32]);

#endif
