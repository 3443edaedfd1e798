/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of kem_xwing.c, where libsodium has no X-Wing: no key is made,
 * so none is offered, and those that others offer are left alone. */
#include <string.h>

#include "crypto/kem.h"

bool kem_is_here(void)
{
    return false;
}

void kem_public(uint8_t out[static KEM_PUBLIC_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    (void)seed;
    memset(out, 0, KEM_PUBLIC_BYTES);
}

enum status kem_encapsulate(uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t public_[static KEM_PUBLIC_BYTES],
    const uint8_t coins[static KEM_COINS_BYTES])
{
    (void)ciphertext, (void)shared, (void)public_, (void)coins;
    return STATUS_NOT_FOUND;
}

enum status kem_decapsulate(uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    (void)shared, (void)ciphertext, (void)seed;
    return STATUS_NOT_FOUND;
}
