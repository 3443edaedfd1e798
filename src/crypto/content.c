/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one hash here that has no label: it is also others' to compute. */
#include "crypto/content.h"

#include <assert.h>
#include <sodium.h>

#include "crypto/hash.h"

static_assert(sizeof(crypto_generichash_blake2b_state) <= CONTENT_STATE_BYTES &&
                  _Alignof(crypto_generichash_blake2b_state) <= 64,
    "a hasher holds libsodium's state");

static crypto_generichash_blake2b_state *state_of(struct content_hasher *hasher)
{
    return (crypto_generichash_blake2b_state *)(void *)hasher->state;
}

void content_begin(struct content_hasher *hasher)
{
    int failed = crypto_generichash_blake2b_init(
        state_of(hasher), NULL, 0, CONTENT_HASH_BYTES);
    assert(!failed);
}

void content_add(struct content_hasher *hasher, struct span piece)
{
    int failed = crypto_generichash_blake2b_update(
        state_of(hasher), piece.data, piece.size);
    assert(!failed);
}

void content_end(
    struct content_hasher *hasher, uint8_t out[static CONTENT_HASH_BYTES])
{
    int failed = crypto_generichash_blake2b_final(
        state_of(hasher), out, CONTENT_HASH_BYTES);
    assert(!failed);
    secret_wipe(hasher, sizeof(*hasher));
}

void content_hash(struct span content, uint8_t out[static CONTENT_HASH_BYTES])
{
    struct content_hasher hasher;
    content_begin(&hasher);
    content_add(&hasher, content);
    content_end(&hasher, out);
}

bool content_matches(
    struct span content, const uint8_t hash[static CONTENT_HASH_BYTES])
{
    uint8_t own[CONTENT_HASH_BYTES];
    content_hash(content, own);
    return secret_equal(own, hash, sizeof(own));
}
