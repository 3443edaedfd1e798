/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BLAKE2b, and the few primitives everything else here is made of.
 *
 * One primitive hashes and derives: BLAKE2b with a label as personalisation.
 * Each label stands in one place, so no two uses can be mistaken for one
 * another, and each fixes the length of its input, so that no two inputs can
 * be split differently into the same bytes. */
#include "crypto/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "proto/envelope.h"
#include "proto/limits.h"

enum { KEY_BYTES = 32 };

static void personalise(const char *label,
    uint8_t out[static crypto_generichash_blake2b_PERSONALBYTES])
{
    size_t size = strlen(label);
    assert(size <= crypto_generichash_blake2b_PERSONALBYTES);
    memset(out, 0, crypto_generichash_blake2b_PERSONALBYTES);
    memcpy(out, label, size);
}

static void blake2b(uint8_t *out, size_t out_size, struct span key,
    const char *label, struct span input)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES];
    personalise(label, personal);
    int failed = crypto_generichash_blake2b_salt_personal(out, out_size,
        input.data, input.size, key.data, key.size, NULL, personal);
    assert(!failed);
}

void kdf(uint8_t *out, size_t out_size, const uint8_t key[static KEY_BYTES],
    const char *label, struct span input)
{
    blake2b(out, out_size, (struct span){key, KEY_BYTES}, label, input);
}

void hash_labelled(
    uint8_t *out, size_t out_size, const char *label, struct span input)
{
    blake2b(out, out_size, (struct span){NULL, 0}, label, input);
}

void envelope_identify(struct span encoding, struct envelope_id *out)
{
    static const uint8_t no_stamp[ENVELOPE_STAMP_BYTES];
    /* Not copied each time: what was just stored is slow to load wider, and
     * here waits for all that was stored before it. */
    static const char label[crypto_generichash_blake2b_PERSONALBYTES] =
        "sotto1 envelope";
    const size_t after = ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES;
    assert(encoding.size > after);

    crypto_generichash_blake2b_state state;
    uint8_t digest[32];
    crypto_generichash_blake2b_init_salt_personal(
        &state, NULL, 0, sizeof(digest), NULL, (const uint8_t *)label);
    crypto_generichash_blake2b_update(&state, encoding.data, ENVELOPE_AT_STAMP);
    crypto_generichash_blake2b_update(&state, no_stamp, sizeof(no_stamp));
    crypto_generichash_blake2b_update(
        &state, encoding.data + after, encoding.size - after);
    crypto_generichash_blake2b_final(&state, digest, sizeof(digest));
    memcpy(out->bytes, digest, sizeof(out->bytes));
}

void receipt_hash_of(const struct opening *opening, struct receipt_hash *out)
{
    kdf(out->bytes, sizeof(out->bytes), opening->bytes, "sotto1 receipt",
        (struct span){NULL, 0});
}

bool opening_matches(
    const struct opening *opening, const struct receipt_hash *hash)
{
    struct receipt_hash made;
    receipt_hash_of(opening, &made);
    return secret_equal(made.bytes, hash->bytes, sizeof(made.bytes));
}

bool secret_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void secret_wipe(void *secret, size_t size)
{
    sodium_memzero(secret, size);
}

__attribute__((noinline)) void secret_wipe_stack(void)
{
    uint8_t dead[256 * KIB];
    sodium_memzero(dead, sizeof(dead));
}

void *secret_new(size_t size)
{
    return sodium_malloc(size);
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

int crypto_start(void)
{
    return sodium_init() < 0 ? -1 : 0;
}
