/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_CONTENT_H
#define CRYPTO_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* What a file's content is known by: BLAKE2b-256 without a key or a label (RFC
 * 7693), so that anybody can work it out with the tool at hand: `b2sum -l 256`.
 * It says what a content is and nothing of whose it is. */
enum { CONTENT_HASH_BYTES = 32, CONTENT_STATE_BYTES = 384 };

void content_hash(struct span content, uint8_t out[static CONTENT_HASH_BYTES]);
bool content_matches(
    struct span content, const uint8_t hash[static CONTENT_HASH_BYTES]);

/* Piece by piece: begin, add, then end, which wipes it.  Secret as the content
 * is. */
struct content_hasher {
    _Alignas(64) uint8_t state[CONTENT_STATE_BYTES];
};
void content_begin(struct content_hasher *hasher);
void content_add(struct content_hasher *hasher, struct span piece);
void content_end(
    struct content_hasher *hasher, uint8_t out[static CONTENT_HASH_BYTES]);

#endif
