/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records sealed for a database.
 *
 * The nonce is random and 24 bytes long, so one key may seal records without
 * counting them; the place in the associated data keeps a record from being
 * moved to another row.  Padding is inside the seal and must be zeros: a
 * record has one plain text, and a plain text has one length on disk for each
 * 256 bytes. */
#include "crypto/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

enum {
    LENGTH_BYTES = 4,
    AEAD_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    OVERHEAD_BYTES = RECORD_NONCE_BYTES + AEAD_BYTES,
};

static size_t padded_bytes(size_t plain_bytes)
{
    assert(plain_bytes <= UINT32_MAX);
    size_t units = (LENGTH_BYTES + plain_bytes + RECORD_UNIT_BYTES - 1) /
                   RECORD_UNIT_BYTES;
    return units * RECORD_UNIT_BYTES;
}

size_t record_bytes(size_t plain_bytes)
{
    return OVERHEAD_BYTES + padded_bytes(plain_bytes);
}

void record_seal(const uint8_t key[static 32], struct span place,
    struct span plain, struct random *random, uint8_t *out)
{
    size_t padded = padded_bytes(plain.size);
    uint8_t *body = out + RECORD_NONCE_BYTES;
    random_fill(random, out, RECORD_NONCE_BYTES);
    number_put(body, LENGTH_BYTES, plain.size);
    if (plain.size > 0)
        memcpy(body + LENGTH_BYTES, plain.data, plain.size);
    memset(body + LENGTH_BYTES + plain.size, 0,
        padded - LENGTH_BYTES - plain.size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        body, NULL, body, padded, place.data, place.size, NULL, out, key);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return sodium_is_zero(bytes, size) == 1;
}

enum status record_open(const uint8_t key[static 32], struct span place,
    struct span record, uint8_t *out, size_t *plain_size)
{
    if (record.size < OVERHEAD_BYTES + RECORD_UNIT_BYTES ||
        (record.size - OVERHEAD_BYTES) % RECORD_UNIT_BYTES != 0)
        return STATUS_REFUSED;
    size_t padded = record.size - OVERHEAD_BYTES;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
            record.data + RECORD_NONCE_BYTES, padded + AEAD_BYTES, place.data,
            place.size, record.data, key))
        return STATUS_REFUSED;
    size_t length = (size_t)number_get(out, LENGTH_BYTES);
    if (length > padded - LENGTH_BYTES || padded_bytes(length) != padded ||
        !is_zero(out + LENGTH_BYTES + length, padded - LENGTH_BYTES - length)) {
        secret_wipe(out, padded);
        return STATUS_REFUSED;
    }
    memmove(out, out + LENGTH_BYTES, length);
    *plain_size = length;
    return STATUS_OK;
}
