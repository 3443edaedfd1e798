/* SPDX-License-Identifier: GPL-3.0-or-later */
/* X-Wing by libsodium.  Only its deterministic forms are used: a pure layer
 * draws nothing but from the generator that it is handed. */
#include <assert.h>
#include <sodium.h>

#include "crypto/hash.h"
#include "crypto/kem.h"

_Static_assert(KEM_PUBLIC_BYTES == crypto_kem_xwing_PUBLICKEYBYTES, "public");
_Static_assert(KEM_SEED_BYTES == crypto_kem_xwing_SEEDBYTES, "seed");
_Static_assert(
    KEM_CIPHERTEXT_BYTES == crypto_kem_xwing_CIPHERTEXTBYTES, "ciphertext");
_Static_assert(
    KEM_SHARED_BYTES == crypto_kem_xwing_SHAREDSECRETBYTES, "shared");

bool kem_is_here(void)
{
    return true;
}

void kem_public(uint8_t out[static KEM_PUBLIC_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    uint8_t secret[crypto_kem_xwing_SECRETKEYBYTES];
    int failed = crypto_kem_xwing_seed_keypair(out, secret, seed);
    assert(!failed);
    secret_wipe(secret, sizeof(secret));
}

enum status kem_encapsulate(uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t public_[static KEM_PUBLIC_BYTES],
    const uint8_t coins[static KEM_COINS_BYTES])
{
    if (crypto_kem_xwing_enc_deterministic(ciphertext, shared, public_, coins))
        return STATUS_REFUSED;
    return STATUS_OK;
}

enum status kem_decapsulate(uint8_t shared[static KEM_SHARED_BYTES],
    const uint8_t ciphertext[static KEM_CIPHERTEXT_BYTES],
    const uint8_t seed[static KEM_SEED_BYTES])
{
    uint8_t public_[KEM_PUBLIC_BYTES], secret[crypto_kem_xwing_SECRETKEYBYTES];
    int failed = crypto_kem_xwing_seed_keypair(public_, secret, seed);
    if (!failed)
        failed = crypto_kem_xwing_dec(shared, ciphertext, secret);
    secret_wipe(secret, sizeof(secret));
    return failed ? STATUS_REFUSED : STATUS_OK;
}
