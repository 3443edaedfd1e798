/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_ARCHIVE_H
#define CRYPTO_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/keyslot.h"

/* A file sealed under a passphrase, in blocks of one size, that opens whole or
 * not at all:
 *
 *   0    16   "sotto1 backup" and zeros
 *   16   1    format of what is inside, for whoever reads it
 *   17   1    cost of the passphrase's derivation: enum keyslot_cost
 *   18   14   zeros
 *   32   16   salt of the derivation
 *   48   16   zeros
 *   64 + 65536·i: block i = 0, 1, ..:
 *          AEAD(last 1 ‖ 65519 bytes)   nonce = 0^16 ‖ i 8, AD = bytes 0 .. 63
 *
 * The key is derived from the passphrase's and the header, so it is used for
 * one file alone.  The one block with last set is the end.  The number of
 * blocks is a power of two and at least ARCHIVE_BLOCKS_LEAST: what a size tells
 * is which doubling what is inside belongs to. */
enum {
    ARCHIVE_HEADER_BYTES = 64,
    ARCHIVE_BLOCK_BYTES = 64 * 1024,
    ARCHIVE_PLAIN_BYTES = ARCHIVE_BLOCK_BYTES - 16 - 1,
    ARCHIVE_BLOCKS_LEAST = 4,
};

/* Secret: wipe it. */
struct archive {
    uint8_t header[ARCHIVE_HEADER_BYTES];
    uint8_t key[32];
    uint64_t next; /* block to be sealed or opened */
    bool is_over;  /* the last one was */
};

/* What the header of a file says. */
struct archive_facts {
    uint8_t format;
    enum keyslot_cost cost;
    uint8_t salt[KEYSLOT_SALT_BYTES];
};

void archive_header_encode(const struct archive_facts *facts,
    uint8_t out[static ARCHIVE_HEADER_BYTES]);

/* STATUS_INVALID when it is no such header. */
MUST_USE enum status archive_header_decode(
    const uint8_t header[static ARCHIVE_HEADER_BYTES],
    struct archive_facts *out);

/* Whether a file can be of so many bytes. */
bool archive_size_is_good(uint64_t size);

/* Begin to seal or open the file of a header, with the key that its passphrase,
 * salt and cost give (keyslot_derive). */
void archive_begin(struct archive *archive,
    const uint8_t header[static ARCHIVE_HEADER_BYTES],
    const uint8_t derived[static KEYSLOT_KEY_BYTES]);

/* Whether the file may end with the block to be sealed next. */
bool archive_may_end(const struct archive *archive);

/* Seal the next block; the last one, where archive_may_end. */
void archive_seal(struct archive *archive,
    const uint8_t plain[static ARCHIVE_PLAIN_BYTES], bool is_last,
    uint8_t out[static ARCHIVE_BLOCK_BYTES]);

/* Open the next block into out; archive->is_over then says whether it was the
 * last.  STATUS_REFUSED when it does not verify, or follows the last; out is
 * then zeros, and the block may be tried again. */
MUST_USE enum status archive_open(struct archive *archive,
    const uint8_t block[static ARCHIVE_BLOCK_BYTES],
    uint8_t out[static ARCHIVE_PLAIN_BYTES]);

#endif
