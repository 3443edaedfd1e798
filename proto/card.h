/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_CARD_H
#define PROTO_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/hex.h"
#include "base/status.h"

/* A public card: what someone needs in order to write to a person first.
 *
 *   offset bytes
 *   0      1   suite (1: X25519, Ed25519, XChaCha20-Poly1305, BLAKE2b)
 *   1      32  Ed25519 identity key
 *   33     32  X25519 identity key
 *   65     32  address secret: whoever holds it can find the intro tags
 *   97     4   signed prekey's id, big endian
 *   101    4   its last hour of use, hours since the epoch, big endian
 *   105    32  X25519 signed prekey
 *   137    64  Ed25519 signature over "sotto1 card" and bytes 0 .. 136
 *
 * As text: "sotto:" and lower-case base32 without padding, read in either
 * case. */
enum {
    CARD_SUITE = 1,
    CARD_SIGNED_BYTES = 137,
    CARD_BYTES = 201,
    CARD_TEXT_CHARS = 6 + BASE32_CHARS(CARD_BYTES), /* no terminator */
};

struct card {
    uint8_t suite;
    uint8_t sign_key[32];
    uint8_t agree_key[32];
    uint8_t address[32];
    uint32_t prekey_id;
    uint32_t prekey_expires_h;
    uint8_t prekey[32];
    uint8_t signature[64];
};

/* An invite: a card for one person, met face to face, and for one use.
 *
 *   offset bytes
 *   0      1   suite (2: as 1, with a one-time prekey and a one-time secret)
 *   1      201 the inviter's public card
 *   202    32  address secret of this invite alone
 *   234    32  X25519 one-time prekey
 *   266    32  one-time secret
 *   298    64  Ed25519 signature over "sotto1 invite" and bytes 0 .. 297
 *
 * It lasts as long as its card.  As text, as a card: its length tells them
 * apart.  Secret. */
enum {
    INVITE_SUITE = 2,
    INVITE_SIGNED_BYTES = 298,
    INVITE_BYTES = 362,
    INVITE_TEXT_CHARS = 6 + BASE32_CHARS(INVITE_BYTES), /* no terminator */
};

struct invite {
    struct card card;
    uint8_t address[32];
    uint8_t prekey[32];
    uint8_t secret[32];
    uint8_t signature[64];
};

/* Whether the signature holds is crypto's to say (card_verify there). */
MUST_USE enum status card_decode(
    const uint8_t bytes[static CARD_BYTES], struct card *out);
void card_encode(const struct card *card, uint8_t out[static CARD_BYTES]);

/* Read a card's text, white space around it allowed.  STATUS_INVALID when it
 * is no card of a suite that is known here. */
MUST_USE enum status card_from_text(const char *text, struct card *out);
void card_to_text(
    const struct card *card, char out[static CARD_TEXT_CHARS + 1]);

/* The suite of what looks like the text of a card or an invite that is not
 * known here: one that a newer program has made, or that was damaged.  0 when
 * it is no such text. */
uint8_t card_text_suite(const char *text);

/* The same for an invite. */
MUST_USE enum status invite_decode(
    const uint8_t bytes[static INVITE_BYTES], struct invite *out);
void invite_encode(
    const struct invite *invite, uint8_t out[static INVITE_BYTES]);
MUST_USE enum status invite_from_text(const char *text, struct invite *out);
void invite_to_text(
    const struct invite *invite, char out[static INVITE_TEXT_CHARS + 1]);

#endif
