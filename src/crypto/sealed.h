/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_SEALED_H
#define CRYPTO_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* The body of an envelope, which letters and first contacts share:
 *
 *   AEAD(length 2 ‖ plain ‖ zeros)   nonce = salt ‖ 0^8
 *
 * under a key used once, with all clear fields but the stamp, and the header,
 * as associated data. */

/* What sealing made.  encoding has the bytes of a whole envelope. */
struct sealed {
    struct envelope_id id;
    struct opening opening;
    struct receipt_hash receipt_hash;
    uint8_t class_;
    size_t size;
    uint8_t encoding[LIMIT_ENVELOPE_BYTES];
};

enum { SEALED_NONCE_BYTES = 24 };
void sealed_nonce(const uint8_t salt[static ENVELOPE_SALT_BYTES],
    uint8_t out[static SEALED_NONCE_BYTES]);

/* What is chosen before anything is sealed. */
struct sealed_choice {
    struct tag tag;
    struct opening opening;
    uint32_t expires_h;
    uint8_t class_; /* must hold the plain text */
    uint8_t salt[ENVELOPE_SALT_BYTES];
};

/* Lay out an envelope: clear fields, the header as zeros, the plain body. */
void sealed_lay_out(
    struct sealed *out, const struct sealed_choice *choice, struct span plain);

/* Where the plain text lies in an envelope that is laid out and not finished.
 */
uint8_t *sealed_plain(struct sealed *sealed);

/* Seal the body of an envelope whose header is in place, and identify it. */
void sealed_finish(struct sealed *out, const uint8_t key[static 32]);

/* Open a body into out, which has room for body.size bytes, and set
 * *plain_size.  STATUS_REFUSED when it does not verify; out is then zeros. */
MUST_USE enum status sealed_open(const struct envelope *envelope,
    const uint8_t key[static 32], uint8_t *out, size_t *plain_size);

#endif
