/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key schedule of a first contact.
 *
 * A suite has a label of its own, and stands in the transcript, so that a first
 * contact through an invite and one from a card never come to the same keys:
 * whoever takes the one for the other finds a proof that does not hold.  The
 * one-time secret is the key of the derivation, in which place a card has
 * zeros: while it is unknown, breaking every agreement gives nothing.
 *
 * What X-Wing carries stands beside the agreements: whoever breaks these alone,
 * or that alone, has nothing. */
#include "crypto/intro_keys.h"

#include <assert.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "proto/envelope.h"

enum {
    TRANSCRIPT_BYTES = 2 + 4 * 32 + 32 + 4 + 32,
    KEM_TRANSCRIPT_BYTES =
        TRANSCRIPT_BYTES + 4 + KEM_PUBLIC_BYTES + KEM_CIPHERTEXT_BYTES,
};

static const struct span nothing = {NULL, 0};

static void append(uint8_t **at, const uint8_t *bytes, size_t size)
{
    memcpy(*at, bytes, size);
    *at += size;
}

void intro_keys_outer(const struct intro_agreements *agreements,
    const uint8_t address[static 32], struct intro_outer_keys *out)
{
    uint8_t input[64], both[64];
    memcpy(input, agreements->ephemeral_prekey, 32);
    memcpy(input + 32, agreements->ephemeral_identity, 32);
    kdf(both, sizeof(both), address, "sotto1 introkey",
        (struct span){input, sizeof(input)});
    memcpy(out->body, both, 32);
    memcpy(out->opening, both + 32, 32);
    secret_wipe(input, sizeof(input));
    secret_wipe(both, sizeof(both));
}

static void append_number(uint8_t **at, uint32_t number)
{
    number_put(*at, 4, number);
    *at += 4;
}

static uint8_t suite_of(const struct intro_parties *parties)
{
    if (parties->kem_public)
        return KEM_SUITE;
    return parties->one_time ? INVITE_SUITE : CARD_SUITE;
}

static void append_transcript(uint8_t **at, const struct intro_parties *parties)
{
    *(*at)++ = ENVELOPE_VERSION;
    *(*at)++ = suite_of(parties);
    append(at, parties->initiator->sign_key, 32);
    append(at, parties->initiator->agree_key, 32);
    append(at, parties->responder_sign, 32);
    append(at, parties->responder_agree, 32);
    append(at, parties->ephemeral, 32);
    append_number(at, parties->prekey_id);
    append(at, parties->prekey, 32);
    if (parties->one_time)
        append(at, parties->one_time, 32);
    if (!parties->kem_public)
        return;
    append_number(at, parties->kem_id);
    append(at, parties->kem_public, KEM_PUBLIC_BYTES);
    append(at, parties->kem_ciphertext, KEM_CIPHERTEXT_BYTES);
}

static const char *label_of(const struct intro_parties *parties)
{
    if (parties->kem_public)
        return "sotto1 kemroot";
    return parties->one_time ? "sotto1 invroot" : "sotto1 introroot";
}

/* r */
static void derive_secret(const struct intro_agreements *agreements,
    const struct intro_parties *parties, uint8_t out[static 32])
{
    static const uint8_t zeros[32];
    bool invited = agreements->invited, to_kem = agreements->encapsulated;
    assert(invited == (parties->one_time != NULL));
    assert(to_kem == (parties->kem_public != NULL) && !(invited && to_kem));
    uint8_t input[4 * 32 + KEM_TRANSCRIPT_BYTES];
    uint8_t *at = input;
    append(&at, agreements->ephemeral_prekey, 32);
    append(&at, agreements->ephemeral_identity, 32);
    append(&at, agreements->identity_prekey, 32);
    if (invited)
        append(&at, agreements->ephemeral_one_time, 32);
    if (to_kem)
        append(&at, agreements->kem_shared, 32);
    append_transcript(&at, parties);
    size_t size = (size_t)(at - input);
    assert(size <= sizeof(input));
    kdf(out, 32, invited ? agreements->one_time_secret : zeros,
        label_of(parties), (struct span){input, size});
    secret_wipe(input, sizeof(input));
}

void intro_keys_inner(const struct intro_agreements *agreements,
    const struct intro_parties *parties, struct intro_inner_keys *out)
{
    uint8_t secret[32], both[64];
    derive_secret(agreements, parties, secret);
    kdf(both, sizeof(both), secret, "sotto1 session", nothing);
    memcpy(out->root, both, 32);
    memcpy(out->proof, both + 32, 32);
    kdf(both, sizeof(both), secret, "sotto1 firsttags", nothing);
    memcpy(out->initiator_tag_key, both, 32);
    memcpy(out->responder_tag_key, both + 32, 32);
    secret_wipe(secret, sizeof(secret));
    secret_wipe(both, sizeof(both));
}
