/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linker leads each call of these functions of libsodium to a door here
 * (ld --wrap), so that the layers above are the same objects as the daemon's
 * and know nothing of it.  A door has no room for a context, so which way it
 * opens is said once for the process: the one variable of the simulator that
 * all runs in it share.
 *
 * Keys are spread from their secrets by a mixer of 64-bit words; what two agree
 * on is spread from both public keys, the lesser first; a signature and a tag
 * are sums that everybody can check and make.  A text is copied as it is: what
 * is random in an envelope is enough for its id, and nobody here reads it. */
#include "sim/stand_in.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/noise.h"

enum { KEY_BYTES = 32, SIGNATURE_BYTES = 64, TAG_BYTES = 16, NONCE_BYTES = 24 };

typedef unsigned long long length; /* as libsodium has it */

int __real_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p)
    __attribute__((weak));
int __real_crypto_scalarmult_base(uint8_t *q, const uint8_t *n)
    __attribute__((weak));
int __real_crypto_sign_seed_keypair(
    uint8_t *pk, uint8_t *sk, const uint8_t *seed) __attribute__((weak));
int __real_crypto_sign_detached(uint8_t *signature, length *size,
    const uint8_t *m, length m_size, const uint8_t *sk) __attribute__((weak));
int __real_crypto_sign_verify_detached(const uint8_t *signature,
    const uint8_t *m, length m_size, const uint8_t *pk) __attribute__((weak));
int __real_crypto_aead_xchacha20poly1305_ietf_encrypt(uint8_t *c,
    length *c_size, const uint8_t *m, length m_size, const uint8_t *ad,
    length ad_size, const uint8_t *nsec, const uint8_t *npub, const uint8_t *k)
    __attribute__((weak));
int __real_crypto_aead_xchacha20poly1305_ietf_decrypt(uint8_t *m,
    length *m_size, uint8_t *nsec, const uint8_t *c, length c_size,
    const uint8_t *ad, length ad_size, const uint8_t *npub, const uint8_t *k)
    __attribute__((weak));

int __wrap_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p);
int __wrap_crypto_scalarmult_base(uint8_t *q, const uint8_t *n);
int __wrap_crypto_sign_seed_keypair(
    uint8_t *pk, uint8_t *sk, const uint8_t *seed);
int __wrap_crypto_sign_detached(uint8_t *signature, length *size,
    const uint8_t *m, length m_size, const uint8_t *sk);
int __wrap_crypto_sign_verify_detached(const uint8_t *signature,
    const uint8_t *m, length m_size, const uint8_t *pk);
int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt(uint8_t *c,
    length *c_size, const uint8_t *m, length m_size, const uint8_t *ad,
    length ad_size, const uint8_t *nsec, const uint8_t *npub, const uint8_t *k);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(uint8_t *m,
    length *m_size, uint8_t *nsec, const uint8_t *c, length c_size,
    const uint8_t *ad, length ad_size, const uint8_t *npub, const uint8_t *k);

static atomic_bool is_stub;

enum status stand_in_use(bool stub)
{
    if (stub && !__real_crypto_scalarmult)
        return STATUS_INVALID;
    atomic_store_explicit(&is_stub, stub, memory_order_relaxed);
    return STATUS_OK;
}

static bool stands_in(void)
{
    return atomic_load_explicit(&is_stub, memory_order_relaxed);
}

/* A sum of bytes in two lanes, each step of which can be undone, so that no two
 * texts that differ in one word have the same; the length is its caller's to
 * add. */
struct sum {
    uint64_t low, high;
};

static void sum_word(struct sum *sum, uint64_t word)
{
    sum->low = (sum->low ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    sum->low ^= sum->low >> 29;
    sum->high = (sum->high + word) * UINT64_C(0xd6e8feb86659fd93);
    sum->high ^= sum->high >> 32;
}

static void sum_bytes(struct sum *sum, const uint8_t *bytes, size_t size)
{
    uint64_t word;
    for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        sum_word(sum, word);
    }
    word = size;
    if (size > 0)
        memcpy(&word, bytes, size);
    sum_word(sum, word ^ (uint64_t)size << 56);
}

/* As many random-looking bytes as are wanted, in whole words, of a sum. */
static void sum_spread(const struct sum *sum, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size / sizeof(uint64_t); i++) {
        uint64_t word = noise_mix(sum->low + noise_mix(sum->high + i));
        memcpy(out + i * sizeof(word), &word, sizeof(word));
    }
}

/* A key with its highest bit clear, as keys of both kinds have it, of which the
 * rest of the vault makes sure. */
static void spread_key(uint64_t kind, const uint8_t *one, const uint8_t *other,
    uint8_t out[static KEY_BYTES])
{
    struct sum sum = {kind, ~kind};
    sum_bytes(&sum, one, KEY_BYTES);
    if (other)
        sum_bytes(&sum, other, KEY_BYTES);
    sum_spread(&sum, out, KEY_BYTES);
    out[KEY_BYTES - 1] &= 0x7f;
}

enum { KIND_AGREEING = 1, KIND_AGREED, KIND_SIGNING, KIND_SIGNED, KIND_SEALED };

int __wrap_crypto_scalarmult_base(uint8_t *q, const uint8_t *n)
{
    if (!stands_in())
        return __real_crypto_scalarmult_base(q, n);
    spread_key(KIND_AGREEING, n, NULL, q);
    return 0;
}

int __wrap_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p)
{
    static const uint8_t none[KEY_BYTES];
    uint8_t own[KEY_BYTES];
    if (!stands_in())
        return __real_crypto_scalarmult(q, n, p);
    if (memcmp(p, none, sizeof(none)) == 0)
        return -1;
    spread_key(KIND_AGREEING, n, NULL, own);
    if (memcmp(own, p, sizeof(own)) < 0)
        spread_key(KIND_AGREED, own, p, q);
    else
        spread_key(KIND_AGREED, p, own, q);
    return 0;
}

int __wrap_crypto_sign_seed_keypair(
    uint8_t *pk, uint8_t *sk, const uint8_t *seed)
{
    if (!stands_in())
        return __real_crypto_sign_seed_keypair(pk, sk, seed);
    spread_key(KIND_SIGNING, seed, NULL, pk);
    memcpy(sk, seed, KEY_BYTES);
    memcpy(sk + KEY_BYTES, pk, KEY_BYTES);
    return 0;
}

static void sign(uint8_t *out, const uint8_t *m, size_t size, const uint8_t *pk)
{
    struct sum sum = {KIND_SIGNED, ~(uint64_t)KIND_SIGNED};
    sum_bytes(&sum, pk, KEY_BYTES);
    sum_bytes(&sum, m, size);
    sum_spread(&sum, out, SIGNATURE_BYTES);
}

int __wrap_crypto_sign_detached(uint8_t *signature, length *size,
    const uint8_t *m, length m_size, const uint8_t *sk)
{
    if (!stands_in())
        return __real_crypto_sign_detached(signature, size, m, m_size, sk);
    sign(signature, m, (size_t)m_size, sk + KEY_BYTES);
    if (size)
        *size = SIGNATURE_BYTES;
    return 0;
}

int __wrap_crypto_sign_verify_detached(const uint8_t *signature,
    const uint8_t *m, length m_size, const uint8_t *pk)
{
    uint8_t expected[SIGNATURE_BYTES];
    if (!stands_in())
        return __real_crypto_sign_verify_detached(signature, m, m_size, pk);
    sign(expected, m, (size_t)m_size, pk);
    return memcmp(expected, signature, sizeof(expected)) == 0 ? 0 : -1;
}

/* What is sealed, what goes along in the clear, and how. */
struct seal {
    const uint8_t *text;
    size_t size;
    const uint8_t *beside;
    size_t beside_size;
    const uint8_t *nonce;
    const uint8_t *key;
};

static void seal_tag(const struct seal *seal, uint8_t out[static TAG_BYTES])
{
    struct sum sum = {KIND_SEALED, ~(uint64_t)KIND_SEALED};
    sum_bytes(&sum, seal->key, KEY_BYTES);
    sum_bytes(&sum, seal->nonce, NONCE_BYTES);
    sum_bytes(&sum, seal->beside, seal->beside_size);
    sum_bytes(&sum, seal->text, seal->size);
    sum_spread(&sum, out, TAG_BYTES);
}

int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt(uint8_t *c,
    length *c_size, const uint8_t *m, length m_size, const uint8_t *ad,
    length ad_size, const uint8_t *nsec, const uint8_t *npub, const uint8_t *k)
{
    if (!stands_in())
        return __real_crypto_aead_xchacha20poly1305_ietf_encrypt(
            c, c_size, m, m_size, ad, ad_size, nsec, npub, k);
    const struct seal seal = {m, (size_t)m_size, ad, (size_t)ad_size, npub, k};
    uint8_t tag[TAG_BYTES]; /* the text may lie where it is to go */
    seal_tag(&seal, tag);
    if (m_size > 0)
        memmove(c, m, (size_t)m_size);
    memcpy(c + m_size, tag, sizeof(tag));
    if (c_size)
        *c_size = m_size + TAG_BYTES;
    return 0;
}

int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(uint8_t *m,
    length *m_size, uint8_t *nsec, const uint8_t *c, length c_size,
    const uint8_t *ad, length ad_size, const uint8_t *npub, const uint8_t *k)
{
    if (!stands_in())
        return __real_crypto_aead_xchacha20poly1305_ietf_decrypt(
            m, m_size, nsec, c, c_size, ad, ad_size, npub, k);
    if (c_size < TAG_BYTES)
        return -1;
    size_t size = (size_t)c_size - TAG_BYTES;
    const struct seal seal = {c, size, ad, (size_t)ad_size, npub, k};
    uint8_t tag[TAG_BYTES];
    seal_tag(&seal, tag);
    if (memcmp(tag, c + size, sizeof(tag)) != 0)
        return -1;
    if (m && size > 0)
        memmove(m, c, size);
    if (m_size)
        *m_size = size;
    return 0;
}
