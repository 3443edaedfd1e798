/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards: fixed offsets, and one spelling but for case, so that a card can be
 * compared, scanned and signed as it stands.  Whether it is authentic is not
 * asked here: this layer has no keys. */
#include "proto/card.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"

static const char card_scheme[] = "sotto:";

enum {
    CARD_SCHEME_CHARS = sizeof(card_scheme) - 1,
    CARD_AT_SIGN_KEY = 1,
    CARD_AT_AGREE_KEY = 33,
    CARD_AT_ADDRESS = 65,
    CARD_AT_PREKEY_ID = 97,
    CARD_AT_PREKEY_EXPIRES = 101,
    CARD_AT_PREKEY = 105,
    CARD_AT_SIGNATURE = CARD_SIGNED_BYTES,
};

static_assert(CARD_AT_SIGNATURE == CARD_AT_PREKEY + 32, "signature");
static_assert(CARD_BYTES == CARD_AT_SIGNATURE + 64, "size");

enum status card_decode(
    const uint8_t bytes[static CARD_BYTES], struct card *out)
{
    if (bytes[0] != CARD_SUITE)
        return STATUS_INVALID;
    out->suite = bytes[0];
    memcpy(out->sign_key, bytes + CARD_AT_SIGN_KEY, sizeof(out->sign_key));
    memcpy(out->agree_key, bytes + CARD_AT_AGREE_KEY, sizeof(out->agree_key));
    memcpy(out->address, bytes + CARD_AT_ADDRESS, sizeof(out->address));
    out->prekey_id = (uint32_t)number_get(bytes + CARD_AT_PREKEY_ID, 4);
    out->prekey_expires_h =
        (uint32_t)number_get(bytes + CARD_AT_PREKEY_EXPIRES, 4);
    memcpy(out->prekey, bytes + CARD_AT_PREKEY, sizeof(out->prekey));
    memcpy(out->signature, bytes + CARD_AT_SIGNATURE, sizeof(out->signature));
    return STATUS_OK;
}

void card_encode(const struct card *card, uint8_t out[static CARD_BYTES])
{
    out[0] = card->suite;
    memcpy(out + CARD_AT_SIGN_KEY, card->sign_key, sizeof(card->sign_key));
    memcpy(out + CARD_AT_AGREE_KEY, card->agree_key, sizeof(card->agree_key));
    memcpy(out + CARD_AT_ADDRESS, card->address, sizeof(card->address));
    number_put(out + CARD_AT_PREKEY_ID, 4, card->prekey_id);
    number_put(out + CARD_AT_PREKEY_EXPIRES, 4, card->prekey_expires_h);
    memcpy(out + CARD_AT_PREKEY, card->prekey, sizeof(card->prekey));
    memcpy(out + CARD_AT_SIGNATURE, card->signature, sizeof(card->signature));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool has_scheme(const char *text)
{
    for (size_t i = 0; i < CARD_SCHEME_CHARS; i++) {
        char c = text[i];
        char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (lower != card_scheme[i])
            return false;
    }
    return true;
}

/* Without the white space around it. */
static const char *trim(const char *text, size_t *size)
{
    while (is_space(*text))
        text++;
    *size = strlen(text);
    while (*size && is_space(text[*size - 1]))
        (*size)--;
    return text;
}

/* The bytes of a text of exactly that length. */
static enum status text_read(
    const char *text, size_t chars, uint8_t *out, size_t out_size)
{
    size_t size;
    text = trim(text, &size);
    if (size != chars || !has_scheme(text))
        return STATUS_INVALID;
    char digits[INVITE_TEXT_CHARS - CARD_SCHEME_CHARS + 1] = {0};
    assert(chars - CARD_SCHEME_CHARS < sizeof(digits));
    memcpy(digits, text + CARD_SCHEME_CHARS, chars - CARD_SCHEME_CHARS);
    return base32_decode(digits, out, out_size);
}

static void text_write(struct span bytes, char *out)
{
    memcpy(out, card_scheme, CARD_SCHEME_CHARS);
    base32_encode(bytes, out + CARD_SCHEME_CHARS);
}

enum status card_from_text(const char *text, struct card *out)
{
    uint8_t bytes[CARD_BYTES];
    enum status status = text_read(text, CARD_TEXT_CHARS, bytes, sizeof(bytes));
    return status ? status : card_decode(bytes, out);
}

/* Every suite has keys of its own, so no card is as short as one key. */
uint8_t card_text_suite(const char *text)
{
    enum { BLOCK_CHARS = 8, BLOCK_BYTES = 5, LEAST_CHARS = BASE32_CHARS(32) };
    size_t size;
    text = trim(text, &size);
    if (!has_scheme(text) || size < CARD_SCHEME_CHARS + LEAST_CHARS)
        return 0;
    uint8_t bytes[BLOCK_BYTES] = {0};
    for (size_t at = CARD_SCHEME_CHARS; at + BLOCK_CHARS <= size;
         at += BLOCK_CHARS) {
        char digits[BLOCK_CHARS + 1] = {0};
        uint8_t block[BLOCK_BYTES];
        memcpy(digits, text + at, BLOCK_CHARS);
        if (base32_decode(digits, block, sizeof(block)))
            return 0;
        if (at == CARD_SCHEME_CHARS)
            memcpy(bytes, block, sizeof(bytes));
    }
    return bytes[0] == CARD_SUITE || bytes[0] == INVITE_SUITE ? 0 : bytes[0];
}

void card_to_text(const struct card *card, char out[static CARD_TEXT_CHARS + 1])
{
    uint8_t bytes[CARD_BYTES];
    card_encode(card, bytes);
    text_write((struct span){bytes, sizeof(bytes)}, out);
}

/* Invites. */

enum {
    INVITE_AT_CARD = 1,
    INVITE_AT_ADDRESS = INVITE_AT_CARD + CARD_BYTES,
    INVITE_AT_PREKEY = INVITE_AT_ADDRESS + 32,
    INVITE_AT_SECRET = INVITE_AT_PREKEY + 32,
};

static_assert(INVITE_SIGNED_BYTES == INVITE_AT_SECRET + 32, "signature");
static_assert(INVITE_BYTES == INVITE_SIGNED_BYTES + 64, "size");

enum status invite_decode(
    const uint8_t bytes[static INVITE_BYTES], struct invite *out)
{
    if (bytes[0] != INVITE_SUITE ||
        card_decode(bytes + INVITE_AT_CARD, &out->card))
        return STATUS_INVALID;
    memcpy(out->address, bytes + INVITE_AT_ADDRESS, sizeof(out->address));
    memcpy(out->prekey, bytes + INVITE_AT_PREKEY, sizeof(out->prekey));
    memcpy(out->secret, bytes + INVITE_AT_SECRET, sizeof(out->secret));
    memcpy(out->signature, bytes + INVITE_SIGNED_BYTES, sizeof(out->signature));
    return STATUS_OK;
}

void invite_encode(
    const struct invite *invite, uint8_t out[static INVITE_BYTES])
{
    out[0] = INVITE_SUITE;
    card_encode(&invite->card, out + INVITE_AT_CARD);
    memcpy(out + INVITE_AT_ADDRESS, invite->address, sizeof(invite->address));
    memcpy(out + INVITE_AT_PREKEY, invite->prekey, sizeof(invite->prekey));
    memcpy(out + INVITE_AT_SECRET, invite->secret, sizeof(invite->secret));
    memcpy(out + INVITE_SIGNED_BYTES, invite->signature,
        sizeof(invite->signature));
}

enum status invite_from_text(const char *text, struct invite *out)
{
    uint8_t bytes[INVITE_BYTES];
    enum status status =
        text_read(text, INVITE_TEXT_CHARS, bytes, sizeof(bytes));
    return status ? status : invite_decode(bytes, out);
}

void invite_to_text(
    const struct invite *invite, char out[static INVITE_TEXT_CHARS + 1])
{
    uint8_t bytes[INVITE_BYTES];
    invite_encode(invite, bytes);
    text_write((struct span){bytes, sizeof(bytes)}, out);
}
