/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long-term keys, cards and X25519.
 *
 * libsodium 1.0.18 takes an X25519 key whose top bit is set, or that is not
 * reduced modulo p = 2^255 - 19, for the same point as its reduced form.  One
 * point with two spellings lets a stranger vary what is hashed into a
 * transcript without changing the secret, so only the reduced spelling passes
 * here.  Points of low order give the same secret to everybody: they are
 * refused in cards, and by crypto_scalarmult's result in every agreement.
 * Comparisons of public keys need no constant time. */
#include "crypto/identity.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

static const char card_context[] = "sotto1 card";
static const char invite_context[] = "sotto1 invite";
enum {
    CARD_CONTEXT_BYTES = sizeof(card_context) - 1,
    INVITE_CONTEXT_BYTES = sizeof(invite_context) - 1,
};

static void agree_generate(uint8_t secret[static 32],
    uint8_t public_[static 32], struct random *random)
{
    random_fill(random, secret, 32);
    agree_public(public_, secret);
}

void identity_generate(struct identity *out, struct random *random)
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];
    random_fill(random, out->sign_seed, sizeof(out->sign_seed));
    crypto_sign_seed_keypair(out->sign_public, pair, out->sign_seed);
    secret_wipe(pair, sizeof(pair));
    agree_generate(out->agree_secret, out->agree_public, random);
    random_fill(random, out->address, sizeof(out->address));
}

void prekey_generate(
    struct prekey *out, uint32_t id, uint32_t expires_h, struct random *random)
{
    out->id = id;
    out->expires_h = expires_h;
    agree_generate(out->secret, out->public_, random);
    out->has_kem = false;
    memset(out->kem_seed, 0, sizeof(out->kem_seed));
}

void prekey_add_kem(struct prekey *prekey, struct random *random)
{
    prekey->has_kem = kem_is_here();
    if (prekey->has_kem)
        random_fill(random, prekey->kem_seed, sizeof(prekey->kem_seed));
}

void identity_fingerprint(const uint8_t sign_public[static 32],
    const uint8_t agree_public[static 32], struct fingerprint *out)
{
    uint8_t keys[64];
    memcpy(keys, sign_public, 32);
    memcpy(keys + 32, agree_public, 32);
    hash_labelled(out->bytes, sizeof(out->bytes), "sotto1 finger",
        (struct span){keys, sizeof(keys)});
}

void card_fingerprint(const struct card *card, struct fingerprint *out)
{
    identity_fingerprint(card->sign_key, card->agree_key, out);
}

/* Each group is 5 bytes of the hash, as a number, modulo 100,000. */
void identity_safety_number(const struct fingerprint *one,
    const struct fingerprint *other, char out[static SAFETY_NUMBER_DIGITS + 1])
{
    enum { GROUPS = 12, GROUP_BYTES = 5, GROUP_DIGITS = 5 };
    bool in_order = memcmp(one->bytes, other->bytes, 32) <= 0;
    uint8_t both[64], hash[64];
    memcpy(both, in_order ? one->bytes : other->bytes, 32);
    memcpy(both + 32, in_order ? other->bytes : one->bytes, 32);
    hash_labelled(
        hash, sizeof(hash), "sotto1 safety", (struct span){both, sizeof(both)});
    for (size_t i = 0; i < GROUPS; i++) {
        uint64_t number = number_get(hash + i * GROUP_BYTES, GROUP_BYTES);
        for (size_t j = GROUP_DIGITS; j-- > 0; number /= 10)
            out[i * GROUP_DIGITS + j] = (char)('0' + number % 10);
    }
    out[SAFETY_NUMBER_DIGITS] = '\0';
}

/* What a card's signature is over. */
static void card_message(const struct card *card,
    uint8_t out[static CARD_CONTEXT_BYTES + CARD_SIGNED_BYTES])
{
    uint8_t encoding[CARD_BYTES];
    card_encode(card, encoding);
    memcpy(out, card_context, CARD_CONTEXT_BYTES);
    memcpy(out + CARD_CONTEXT_BYTES, encoding, CARD_SIGNED_BYTES);
}

void identity_sign(const struct identity *identity, struct span message,
    uint8_t out[static 64])
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public, RFC 8032 */
    memcpy(pair, identity->sign_seed, 32);
    memcpy(pair + 32, identity->sign_public, 32);
    crypto_sign_detached(out, NULL, message.data, message.size, pair);
    secret_wipe(pair, sizeof(pair));
}

void card_make(const struct identity *identity, const struct prekey *prekey,
    struct card *out)
{
    struct card card = {
        .suite = CARD_SUITE,
        .prekey_id = prekey->id,
        .prekey_expires_h = prekey->expires_h,
    };
    memcpy(card.sign_key, identity->sign_public, 32);
    memcpy(card.agree_key, identity->agree_public, 32);
    memcpy(card.address, identity->address, 32);
    memcpy(card.prekey, prekey->public_, 32);

    uint8_t message[CARD_CONTEXT_BYTES + CARD_SIGNED_BYTES];
    card_message(&card, message);
    identity_sign(
        identity, (struct span){message, sizeof(message)}, card.signature);
    *out = card;
}

/* Whether an encoding is that of a number below p, least byte first. */
static bool is_canonical(const uint8_t key[static 32])
{
    if (key[31] != 0x7f)
        return key[31] < 0x7f;
    for (size_t i = 30; i > 0; i--)
        if (key[i] != 0xff)
            return true;
    return key[0] < 0xed;
}

/* The reduced u-coordinates whose points, on the curve or its twist, have an
 * order of 1, 2, 4 or 8 (Bernstein, "Curve25519", and RFC 7748 section 6). */
static bool is_low_order(const uint8_t key[static 32])
{
    static const uint8_t low[][32] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa,
            0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1,
            0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55,
            0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e,
            0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++)
        if (memcmp(key, low[i], 32) == 0)
            return true;
    return false;
}

static bool is_good_key(const uint8_t key[static 32])
{
    return is_canonical(key) && !is_low_order(key);
}

enum status card_verify(const struct card *card)
{
    if (card->suite != CARD_SUITE || !is_good_key(card->agree_key) ||
        !is_good_key(card->prekey))
        return STATUS_REFUSED;
    uint8_t message[CARD_CONTEXT_BYTES + CARD_SIGNED_BYTES];
    card_message(card, message);
    if (crypto_sign_verify_detached(
            card->signature, message, sizeof(message), card->sign_key))
        return STATUS_REFUSED;
    return STATUS_OK;
}

void invite_keys_generate(struct invite_keys *out, struct random *random)
{
    random_fill(random, out->address, sizeof(out->address));
    agree_generate(out->prekey_secret, out->prekey_public, random);
    random_fill(random, out->secret, sizeof(out->secret));
}

static void invite_message(const struct invite *invite,
    uint8_t out[static INVITE_CONTEXT_BYTES + INVITE_SIGNED_BYTES])
{
    uint8_t encoding[INVITE_BYTES];
    invite_encode(invite, encoding);
    memcpy(out, invite_context, INVITE_CONTEXT_BYTES);
    memcpy(out + INVITE_CONTEXT_BYTES, encoding, INVITE_SIGNED_BYTES);
    secret_wipe(encoding, sizeof(encoding));
}

void invite_make(const struct identity *identity,
    const struct invite_keys *keys, const struct card *card, struct invite *out)
{
    assert(memcmp(card->sign_key, identity->sign_public, 32) == 0);
    out->card = *card;
    memcpy(out->address, keys->address, 32);
    memcpy(out->prekey, keys->prekey_public, 32);
    memcpy(out->secret, keys->secret, 32);
    uint8_t message[INVITE_CONTEXT_BYTES + INVITE_SIGNED_BYTES];
    invite_message(out, message);
    identity_sign(
        identity, (struct span){message, sizeof(message)}, out->signature);
    secret_wipe(message, sizeof(message));
}

enum status invite_verify(const struct invite *invite)
{
    if (card_verify(&invite->card) || !is_good_key(invite->prekey))
        return STATUS_REFUSED;
    uint8_t message[INVITE_CONTEXT_BYTES + INVITE_SIGNED_BYTES];
    invite_message(invite, message);
    int failed = crypto_sign_verify_detached(
        invite->signature, message, sizeof(message), invite->card.sign_key);
    secret_wipe(message, sizeof(message));
    return failed ? STATUS_REFUSED : STATUS_OK;
}

enum status agree(uint8_t out[static 32], const uint8_t secret[static 32],
    const uint8_t public_[static 32])
{
    if (!is_canonical(public_))
        return STATUS_REFUSED;
    uint8_t shared[32];
    int failed = crypto_scalarmult(shared, secret, public_);
    if (!failed)
        memcpy(out, shared, sizeof(shared));
    secret_wipe(shared, sizeof(shared));
    return failed ? STATUS_REFUSED : STATUS_OK;
}

void agree_public(uint8_t out[static 32], const uint8_t secret[static 32])
{
    int failed = crypto_scalarmult_base(out, secret);
    assert(!failed);
}
