/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewals.
 *
 * Whoever knows an address can make an envelope that is found and opens here,
 * and can put a card of any age into it: so nothing is believed but the
 * signature, and which card is newer, the id of its prekey says, which only its
 * owner can raise.
 *
 * The salt follows from what is sealed (Rogaway and Shrimpton 2006), for the
 * key is the same all week: no two texts are ever sealed under one nonce.  The
 * header is filled with what the address gives, and compared, so that there
 * is one form of each. */
#include "crypto/renewal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

enum {
    WEEK_H = 7 * 24,
    CLASS_1_BYTES = 2048,
    MARK_BYTES = 4 + 64, /* week ‖ signature */
    CONTEXT_BYTES = 14,
    MESSAGE_BYTES = CONTEXT_BYTES + KEM_RENEWAL_BYTES - 64, /* at most */
};
static const char context[CONTEXT_BYTES + 1] = "sotto1 renewal";

static struct span number_span(uint8_t out[static 4], uint32_t value)
{
    number_put(out, 4, value);
    return (struct span){out, 4};
}

/* Weeks and tags. */

static uint32_t offset_h(const uint8_t address[static 32])
{
    uint8_t out[16];
    kdf(out, sizeof(out), address, "sotto1 renewweek", (struct span){NULL, 0});
    return (uint32_t)number_get(out, 2) % WEEK_H;
}

uint32_t renewal_week(const uint8_t address[static 32], uint32_t hour)
{
    return (uint32_t)(((uint64_t)hour + offset_h(address)) / WEEK_H);
}

void renewal_tag(
    const uint8_t address[static 32], uint32_t week, struct tag *out)
{
    uint8_t input[4];
    kdf(out->bytes, sizeof(out->bytes), address, "sotto1 renewtag",
        number_span(input, week));
}

/* What was given out in a week's last hour can be used for a week more. */
enum status renewal_register(const struct renewal_watch *watch,
    struct tags *tags, struct tag added[static RENEWAL_WEEKS], size_t *count)
{
    uint32_t week = renewal_week(watch->address, watch->now_h);
    uint32_t offset = offset_h(watch->address);
    struct tag_entry entry = {.kind = TAG_RENEWAL, .session = watch->handle};
    *count = 0;
    for (uint32_t i = 0; i < RENEWAL_WEEKS; i++) {
        entry.chain = week + i - 1;
        entry.expires_h = (entry.chain + 2) * WEEK_H - offset;
        renewal_tag(watch->address, entry.chain, &entry.tag);
        enum status status = tags_add(tags, &entry);
        if (status == STATUS_OK)
            added[(*count)++] = entry.tag;
        else if (status != STATUS_EXISTS)
            return status;
    }
    return STATUS_OK;
}

/* Signing. */

static size_t signed_message(
    const struct renewal *renewal, uint8_t out[static MESSAGE_BYTES])
{
    uint8_t encoding[KEM_RENEWAL_BYTES];
    size_t size = renewal_encode(renewal, encoding) - 64;
    memcpy(out, context, CONTEXT_BYTES);
    memcpy(out + CONTEXT_BYTES, encoding, size);
    return CONTEXT_BYTES + size;
}

void renewal_make(const struct identity *identity, const struct prekey *prekey,
    struct renewal *out)
{
    struct renewal renewal = {
        .suite = prekey->has_kem ? KEM_SUITE : CARD_SUITE};
    card_make(identity, prekey, &renewal.card);
    if (prekey->has_kem)
        kem_public(renewal.kem_public, prekey->kem_seed);
    uint8_t message[MESSAGE_BYTES];
    size_t size = signed_message(&renewal, message);
    identity_sign(identity, (struct span){message, size}, renewal.signature);
    *out = renewal;
}

static bool is_signed(const struct renewal *renewal)
{
    uint8_t message[MESSAGE_BYTES];
    size_t size = signed_message(renewal, message);
    return card_verify(&renewal->card) == STATUS_OK &&
           crypto_sign_verify_detached(
               renewal->signature, message, size, renewal->card.sign_key) == 0;
}

/* Sealing. */

/* What tells a renewal of a week from every other. */
static struct span mark(const struct renewal *renewal, uint32_t week,
    uint8_t out[static MARK_BYTES])
{
    number_put(out, 4, week);
    memcpy(out + 4, renewal->signature, 64);
    return (struct span){out, MARK_BYTES};
}

static void derive_key(
    const uint8_t address[static 32], uint32_t week, uint8_t out[static 32])
{
    uint8_t input[4];
    kdf(out, 32, address, "sotto1 renewkey", number_span(input, week));
}

static void derive_header(const uint8_t address[static 32],
    const uint8_t salt[static ENVELOPE_SALT_BYTES],
    uint8_t out[static ENVELOPE_HEADER_BYTES])
{
    uint8_t stream[64];
    kdf(stream, sizeof(stream), address, "sotto1 renewmask",
        (struct span){salt, ENVELOPE_SALT_BYTES});
    memcpy(out, stream, ENVELOPE_HEADER_BYTES);
    secret_wipe(stream, sizeof(stream));
}

/* The smallest that holds it. */
static uint8_t class_of(const struct renewal *renewal)
{
    return renewal->suite == KEM_SUITE ? 1 : 0;
}

void renewal_seal(const struct renewal *renewal, const struct prekey *prekey,
    uint32_t week, struct sealed *out)
{
    assert(prekey->id == renewal->card.prekey_id);
    const uint8_t *address = renewal->card.address;
    struct sealed_choice choice = {
        .expires_h = prekey->expires_h, .class_ = class_of(renewal)};
    uint8_t input[MARK_BYTES], body[KEM_RENEWAL_BYTES], key[32];
    struct span marked = mark(renewal, week, input);
    renewal_tag(address, week, &choice.tag);
    kdf(choice.salt, sizeof(choice.salt), address, "sotto1 renewsalt", marked);
    kdf(choice.opening.bytes, sizeof(choice.opening.bytes), prekey->secret,
        "sotto1 renewopen", marked);
    size_t size = renewal_encode(renewal, body);
    sealed_lay_out(out, &choice, (struct span){body, size});
    derive_header(address, choice.salt, out->encoding + ENVELOPE_AT_HEADER);
    derive_key(address, week, key);
    sealed_finish(out, key);
    secret_wipe(&choice, sizeof(choice));
    secret_wipe(key, sizeof(key));
}

/* Opening. */

/* Whether the salt and the header are those of this renewal. */
static bool is_in_form(const uint8_t address[static 32],
    const struct renewal *renewal, uint32_t week,
    const struct envelope *envelope)
{
    uint8_t input[MARK_BYTES], salt[ENVELOPE_SALT_BYTES];
    uint8_t header[ENVELOPE_HEADER_BYTES];
    kdf(salt, sizeof(salt), address, "sotto1 renewsalt",
        mark(renewal, week, input));
    derive_header(address, salt, header);
    return memcmp(salt, envelope->salt, sizeof(salt)) == 0 &&
           memcmp(header, envelope->header, sizeof(header)) == 0;
}

enum status renewal_open(const uint8_t address[static 32], uint32_t week,
    const struct envelope *envelope, struct renewal *out)
{
    uint8_t key[32], plain[CLASS_1_BYTES];
    size_t size;
    struct renewal renewal;
    if (envelope->class_ > 1)
        return STATUS_REFUSED;
    derive_key(address, week, key);
    enum status status = sealed_open(envelope, key, plain, &size);
    secret_wipe(key, sizeof(key));
    if (status)
        return status;
    if (renewal_decode((struct span){plain, size}, &renewal) ||
        envelope->class_ != class_of(&renewal) ||
        memcmp(renewal.card.address, address, 32) != 0 ||
        !is_in_form(address, &renewal, week, envelope) || !is_signed(&renewal))
        return STATUS_REFUSED;
    *out = renewal;
    return STATUS_OK;
}
