/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"

/* Sealed records for the vault's database: XChaCha20-Poly1305 under a key for
 * a purpose, with a random nonce of its own, padded to whole 256-byte units so
 * that lengths tell little, and bound to where it is stored.
 *
 *   nonce 24 ‖ AEAD(length 4 ‖ plain ‖ zeros)      AD = place
 */
enum { RECORD_UNIT_BYTES = 256, RECORD_NONCE_BYTES = 24 };

/* Bytes of a sealed record of plain_bytes. */
size_t record_bytes(size_t plain_bytes);

/* Seal plain into out, which has room for record_bytes(plain.size). */
void record_seal(const uint8_t key[static 32], struct span place,
    struct span plain, struct random *random, uint8_t *out);

/* Open into out, which has room for record.size; sets *plain_size.
 * STATUS_REFUSED when it does not verify. */
MUST_USE enum status record_open(const uint8_t key[static 32],
    struct span place, struct span record, uint8_t *out, size_t *plain_size);

#endif
