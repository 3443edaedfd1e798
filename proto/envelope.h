/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_ENVELOPE_H
#define PROTO_ENVELOPE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* The sealed envelope: a msgpack array with exactly one encoding,
 *
 *   [version, class, zone, expires, tag, receipt_hash, stamp, salt, header,
 *    body]
 *
 * each field always in the same msgpack type and width, so that every offset
 * is constant, any msgpack reader shows it, and only these bytes parse. */
enum {
    ENVELOPE_VERSION = 1,
    ENVELOPE_CLASS_COUNT = 4,
    ENVELOPE_STAMP_BYTES = 8,
    ENVELOPE_SALT_BYTES = 16,
    ENVELOPE_HEADER_BYTES = 50,
    ENVELOPE_AEAD_BYTES = 16, /* authentication tag of header and of body */

    /* Offsets of the values, behind their msgpack type bytes. */
    ENVELOPE_AT_VERSION = 1,
    ENVELOPE_AT_CLASS = 2,
    ENVELOPE_AT_ZONE = 4,
    ENVELOPE_AT_EXPIRES = 7,
    ENVELOPE_AT_TAG = 13,
    ENVELOPE_AT_RECEIPT_HASH = 31,
    ENVELOPE_AT_STAMP_ELEMENT = 63,
    ENVELOPE_AT_STAMP = 65,
    ENVELOPE_AT_SALT_ELEMENT = 73,
    ENVELOPE_AT_SALT = 75,
    ENVELOPE_AT_HEADER_ELEMENT = 91,
    ENVELOPE_AT_HEADER = 93,
    ENVELOPE_AT_BODY_ELEMENT = 143,
    ENVELOPE_AT_BODY = 146,

    /* Associated data: all clear fields but the stamp. */
    ENVELOPE_HEADER_AD_BYTES = ENVELOPE_AT_STAMP_ELEMENT +
                               ENVELOPE_AT_HEADER_ELEMENT -
                               ENVELOPE_AT_SALT_ELEMENT,
    ENVELOPE_BODY_AD_BYTES = ENVELOPE_HEADER_AD_BYTES +
                             ENVELOPE_AT_BODY_ELEMENT -
                             ENVELOPE_AT_HEADER_ELEMENT,
};

/* A decoded envelope.  body and encoding are borrowed from the input. */
struct envelope {
    uint8_t class_;     /* 0 .. 3 */
    uint16_t zone;      /* 0 = everyone */
    uint32_t expires_h; /* hours since the epoch */
    struct tag tag;
    struct receipt_hash receipt_hash;
    uint8_t stamp[ENVELOPE_STAMP_BYTES];
    uint8_t salt[ENVELOPE_SALT_BYTES];
    uint8_t header[ENVELOPE_HEADER_BYTES];
    struct span body;
    struct span encoding; /* the whole, as received */
};

/* Bytes of a whole envelope of a class: 512 * 4^class. */
enum { ENVELOPE_BASE_BYTES = 512 };
static inline size_t envelope_class_bytes(uint8_t class_)
{
    assert(class_ < ENVELOPE_CLASS_COUNT);
    return (size_t)ENVELOPE_BASE_BYTES << 2 * class_;
}

/* Bytes of its body field, authentication tag included. */
size_t envelope_body_bytes(uint8_t class_);

/* The smallest class whose body holds plain_bytes with its 2-byte length and
 * its authentication tag.  STATUS_TOO_LARGE when none does. */
MUST_USE enum status envelope_class_for(size_t plain_bytes, uint8_t *class_);

/* Decode.  STATUS_INVALID for anything but the one encoding: another size,
 * type byte, version or class. */
MUST_USE enum status envelope_decode(struct span bytes, struct envelope *out);

/* Encode into out, which has room for envelope_class_bytes(class_) bytes;
 * body.size must be envelope_body_bytes(class_), and it may lie in its place
 * in out already.  encoding is ignored. */
void envelope_encode(const struct envelope *envelope, uint8_t *out);

/* The associated data of header and body of an encoded envelope. */
void envelope_header_ad(
    const uint8_t *encoding, uint8_t out[static ENVELOPE_HEADER_AD_BYTES]);
void envelope_body_ad(
    const uint8_t *encoding, uint8_t out[static ENVELOPE_BODY_AD_BYTES]);

#endif
