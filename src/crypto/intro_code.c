/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contacts as bytes: a format's number, the fields in order, zeros; with
 * a ciphertext, its key's id and it behind them. */
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/intro.h"

static void append(uint8_t **at, const uint8_t *bytes, size_t size)
{
    memcpy(*at, bytes, size);
    *at += size;
}

enum { FORMAT = 1 };
_Static_assert(1 + 4 * 32 + 2 * CARD_BYTES + 33 <= INTRO_BYTES, "room");

size_t intro_encode(
    const struct intro *intro, uint8_t out[static KEM_INTRO_BYTES])
{
    memset(out, 0, INTRO_BYTES);
    uint8_t *at = out;
    *at++ = FORMAT;
    append(&at, intro->ephemeral_public, 32);
    append(&at, intro->key, 32);
    append(&at, intro->proof, 32);
    append(&at, intro->opening_key, 32);
    append(&at, intro->own_card, CARD_BYTES);
    card_encode(&intro->peer, at);
    at += CARD_BYTES;
    append(&at, intro->address, 32);
    *at = intro->suite;
    if (intro->suite != KEM_SUITE)
        return INTRO_BYTES;
    number_put(out + INTRO_BYTES, 4, intro->kem_id);
    memcpy(out + INTRO_BYTES + 4, intro->ciphertext, KEM_CIPHERTEXT_BYTES);
    return KEM_INTRO_BYTES;
}

/* Whether so many bytes go with a suite. */
static bool size_is_right(uint8_t suite, size_t size)
{
    if (suite == KEM_SUITE)
        return size == KEM_INTRO_BYTES;
    return (suite == CARD_SUITE || suite == INVITE_SUITE) &&
           size == INTRO_BYTES;
}

enum status intro_decode(struct span bytes, struct intro *out)
{
    if (bytes.size < INTRO_BYTES)
        return STATUS_INVALID;
    struct intro intro = {.kem_id = 0};
    const uint8_t *at = bytes.data + 1 + 4 * 32;
    memcpy(intro.own_card, at, CARD_BYTES);
    at += CARD_BYTES;
    if (bytes.data[0] != FORMAT || card_decode(at, &intro.peer))
        return STATUS_INVALID;
    at += CARD_BYTES;
    memcpy(intro.address, at, 32);
    at += 32;
    intro.suite = *at++;
    if (!size_is_right(intro.suite, bytes.size) ||
        !sodium_is_zero(at, (size_t)(bytes.data + INTRO_BYTES - at)))
        return STATUS_INVALID;
    memcpy(intro.ephemeral_public, bytes.data + 1, 32);
    memcpy(intro.key, bytes.data + 33, 32);
    memcpy(intro.proof, bytes.data + 65, 32);
    memcpy(intro.opening_key, bytes.data + 97, 32);
    if (intro.suite == KEM_SUITE) {
        intro.kem_id = (uint32_t)number_get(bytes.data + INTRO_BYTES, 4);
        memcpy(intro.ciphertext, bytes.data + INTRO_BYTES + 4,
            KEM_CIPHERTEXT_BYTES);
    }
    *out = intro;
    secret_wipe(&intro, sizeof(intro));
    return STATUS_OK;
}
