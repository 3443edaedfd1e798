/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laying out, sealing and opening envelopes.
 *
 * The letter is written where it will lie and sealed in place, so no second
 * copy of it has to be wiped.  The length and the padding are inside the seal,
 * and the padding must be zeros: nothing can be carried in it unseen. */
#include "crypto/sealed.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

enum { LENGTH_BYTES = 2 };

_Static_assert(
    ENVELOPE_AEAD_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "AEAD");
_Static_assert(
    SEALED_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    "nonce");

void sealed_nonce(const uint8_t salt[static ENVELOPE_SALT_BYTES],
    uint8_t out[static SEALED_NONCE_BYTES])
{
    memcpy(out, salt, ENVELOPE_SALT_BYTES);
    memset(
        out + ENVELOPE_SALT_BYTES, 0, SEALED_NONCE_BYTES - ENVELOPE_SALT_BYTES);
}

/* length ‖ plain ‖ zeros, with room for the authentication tag. */
static void write_body(uint8_t *body, size_t body_bytes, struct span plain)
{
    size_t used = LENGTH_BYTES + plain.size;
    assert(used + ENVELOPE_AEAD_BYTES <= body_bytes);
    number_put(body, LENGTH_BYTES, plain.size);
    if (plain.size > 0)
        memcpy(body + LENGTH_BYTES, plain.data, plain.size);
    memset(body + used, 0, body_bytes - used);
}

void sealed_lay_out(
    struct sealed *out, const struct sealed_choice *choice, struct span plain)
{
    size_t body_bytes = envelope_body_bytes(choice->class_);
    uint8_t *body = out->encoding + ENVELOPE_AT_BODY;
    write_body(body, body_bytes, plain);

    out->class_ = choice->class_;
    out->size = envelope_class_bytes(choice->class_);
    out->opening = choice->opening;
    receipt_hash_of(&out->opening, &out->receipt_hash);
    struct envelope envelope = {
        .class_ = choice->class_,
        .expires_h = choice->expires_h,
        .tag = choice->tag,
        .receipt_hash = out->receipt_hash,
        .body = {body, body_bytes},
    };
    memcpy(envelope.salt, choice->salt, sizeof(envelope.salt));
    envelope_encode(&envelope, out->encoding);
}

uint8_t *sealed_plain(struct sealed *sealed)
{
    return sealed->encoding + ENVELOPE_AT_BODY + LENGTH_BYTES;
}

void sealed_finish(struct sealed *out, const uint8_t key[static 32])
{
    uint8_t ad[ENVELOPE_BODY_AD_BYTES], nonce[SEALED_NONCE_BYTES];
    envelope_body_ad(out->encoding, ad);
    sealed_nonce(out->encoding + ENVELOPE_AT_SALT, nonce);
    uint8_t *body = out->encoding + ENVELOPE_AT_BODY;
    crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body,
        envelope_body_bytes(out->class_) - ENVELOPE_AEAD_BYTES, ad, sizeof(ad),
        NULL, nonce, key);
    envelope_identify((struct span){out->encoding, out->size}, &out->id);
}

enum status sealed_open(const struct envelope *envelope,
    const uint8_t key[static 32], uint8_t *out, size_t *plain_size)
{
    uint8_t ad[ENVELOPE_BODY_AD_BYTES], nonce[SEALED_NONCE_BYTES];
    envelope_body_ad(envelope->encoding.data, ad);
    sealed_nonce(envelope->salt, nonce);
    size_t inside = envelope->body.size - ENVELOPE_AEAD_BYTES;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
            envelope->body.data, envelope->body.size, ad, sizeof(ad), nonce,
            key))
        return STATUS_REFUSED;
    size_t length = (size_t)number_get(out, LENGTH_BYTES);
    if (length > inside - LENGTH_BYTES ||
        !sodium_is_zero(
            out + LENGTH_BYTES + length, inside - LENGTH_BYTES - length)) {
        secret_wipe(out, inside);
        return STATUS_REFUSED;
    }
    memmove(out, out + LENGTH_BYTES, length);
    *plain_size = length;
    return STATUS_OK;
}
