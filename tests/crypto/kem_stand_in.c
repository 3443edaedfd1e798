/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Not X-Wing: a stand-in for tests, of the same sizes and made of X25519, which
 * libsodium has had all along, so that all that is built around X-Wing runs
 * where there is none.  It holds against no quantum computer.
 *
 *   key        = X25519 public key ‖ zeros
 *   ciphertext = an ephemeral public key ‖ zeros
 *   shared     = BLAKE2b(agreement ‖ ephemeral ‖ key)
 *
 * Like ML-KEM, it refuses no ciphertext: another gives another secret. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/identity.h"
#include "crypto/kem.h"

bool kem_is_here(void)
{
    return true;
}

void kem_public(uint8_t out[static KEM_PUBLIC_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    memset(out, 0, KEM_PUBLIC_BYTES);
    agree_public(out, seed);
}

static void share(const uint8_t agreement[static 32],
    const uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    const uint8_t public_[static KEM_PUBLIC_BYTES],
    uint8_t shared[static KEM_SHARED_BYTES])
{
    uint8_t input[32 + KEM_CIPHERTEXT_BYTES + KEM_PUBLIC_BYTES];
    memcpy(input, agreement, 32);
    memcpy(input + 32, ciphertext, KEM_CIPHERTEXT_BYTES);
    memcpy(input + 32 + KEM_CIPHERTEXT_BYTES, public_, KEM_PUBLIC_BYTES);
    hash_labelled(shared, KEM_SHARED_BYTES, "test stand-in",
        (struct span){input, sizeof(input)});
}

enum status kem_encapsulate(uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t public_[static KEM_PUBLIC_BYTES],
    const uint8_t coins[static KEM_COINS_BYTES])
{
    uint8_t agreement[32];
    enum status status = agree(agreement, coins, public_);
    if (status)
        return status;
    memset(ciphertext, 0, KEM_CIPHERTEXT_BYTES);
    agree_public(ciphertext, coins);
    share(agreement, ciphertext, public_, shared);
    return STATUS_OK;
}

enum status kem_decapsulate(uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    uint8_t agreement[32], public_[KEM_PUBLIC_BYTES];
    kem_public(public_, seed);
    if (agree(agreement, seed, ciphertext))
        memset(agreement, 0xff, sizeof(agreement));
    share(agreement, ciphertext, public_, shared);
    return STATUS_OK;
}
