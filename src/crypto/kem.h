/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_KEM_H
#define CRYPTO_KEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/renewal.h"

/* Key encapsulation that holds against a quantum computer as well: X-Wing, of
 * X25519 and ML-KEM-768 (Connolly, Schwabe, Westerbaan,
 * draft-connolly-cfrg-xwing-kem).  libsodium has it from 1.0.22 on: configure
 * picks kem_xwing.c or kem_absent.c, and nobody else asks which.
 *
 * Nothing is drawn: a key pair follows from its seed, which is its secret key,
 * and a ciphertext from the coins that whoever makes it has drawn. */
enum {
    KEM_SEED_BYTES = 32,
    KEM_COINS_BYTES = 64,
    KEM_CIPHERTEXT_BYTES = 1120,
    KEM_SHARED_BYTES = 32,
};

/* Whether it is here.  Where it is not, the others do nothing, and the last two
 * return STATUS_NOT_FOUND. */
bool kem_is_here(void);

/* A KEM key that was offered, and until when. */
struct kem_offer {
    uint32_t id; /* that of the prekey it was made with */
    uint32_t expires_h;
    uint8_t public_[KEM_PUBLIC_BYTES];
};

/* The public key of a seed. */
void kem_public(uint8_t out[static KEM_PUBLIC_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES]);

/* Make a shared secret for the owner of a key, and what carries it.
 * STATUS_REFUSED when the key is none. */
MUST_USE enum status kem_encapsulate(
    uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t public_[static KEM_PUBLIC_BYTES],
    const uint8_t coins[static KEM_COINS_BYTES]);

/* The secret that a ciphertext carries.  A ciphertext that was not made for
 * this key gives another secret (ML-KEM rejects implicitly), or
 * STATUS_REFUSED. */
MUST_USE enum status kem_decapsulate(uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES]);

#endif
