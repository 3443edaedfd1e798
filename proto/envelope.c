/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One encoding, at fixed offsets: decoding compares every byte that is not a
 * value and then copies.  The general cursor of wire.c is not used, because
 * its dialect wants numbers in their shortest form, and here their widths are
 * fixed so that relays and associated data can rely on the offsets. */
#include "proto/envelope.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "proto/limits.h"

enum {
    ENVELOPE_LENGTH_BYTES = 2,   /* of the letter, inside the body */
    ENVELOPE_AT_BODY_SIZE = 144, /* behind the body's type byte */
};

/* The bytes that are the same in each envelope, and where. */
static const struct envelope_mark {
    uint8_t at, size, bytes[2];
} envelope_marks[] = {
    {0, 1, {0x9a}},
    {ENVELOPE_AT_VERSION, 1, {ENVELOPE_VERSION}},
    {ENVELOPE_AT_ZONE - 1, 1, {0xcd}},
    {ENVELOPE_AT_EXPIRES - 1, 1, {0xce}},
    {ENVELOPE_AT_TAG - 2, 2, {0xc4, 16}},
    {ENVELOPE_AT_RECEIPT_HASH - 2, 2, {0xc4, 32}},
    {ENVELOPE_AT_STAMP_ELEMENT, 2, {0xc4, ENVELOPE_STAMP_BYTES}},
    {ENVELOPE_AT_SALT_ELEMENT, 2, {0xc4, ENVELOPE_SALT_BYTES}},
    {ENVELOPE_AT_HEADER_ELEMENT, 2, {0xc4, ENVELOPE_HEADER_BYTES}},
    {ENVELOPE_AT_BODY_ELEMENT, 1, {0xc5}},
};

/* Each value lies right behind the one before it. */
static_assert(ENVELOPE_AT_CLASS == ENVELOPE_AT_VERSION + 1, "class");
static_assert(ENVELOPE_AT_ZONE == ENVELOPE_AT_CLASS + 2, "zone");
static_assert(ENVELOPE_AT_EXPIRES == ENVELOPE_AT_ZONE + 3, "expires");
static_assert(ENVELOPE_AT_TAG == ENVELOPE_AT_EXPIRES + 4 + 2, "tag");
static_assert(
    ENVELOPE_AT_RECEIPT_HASH == ENVELOPE_AT_TAG + 16 + 2, "receipt hash");
static_assert(
    ENVELOPE_AT_STAMP_ELEMENT == ENVELOPE_AT_RECEIPT_HASH + 32, "stamp");
static_assert(ENVELOPE_AT_STAMP == ENVELOPE_AT_STAMP_ELEMENT + 2, "stamp");
static_assert(
    ENVELOPE_AT_SALT_ELEMENT == ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES,
    "salt");
static_assert(ENVELOPE_AT_SALT == ENVELOPE_AT_SALT_ELEMENT + 2, "salt");
static_assert(
    ENVELOPE_AT_HEADER_ELEMENT == ENVELOPE_AT_SALT + ENVELOPE_SALT_BYTES,
    "header");
static_assert(ENVELOPE_AT_HEADER == ENVELOPE_AT_HEADER_ELEMENT + 2, "header");
static_assert(
    ENVELOPE_AT_BODY_ELEMENT == ENVELOPE_AT_HEADER + ENVELOPE_HEADER_BYTES,
    "body");
static_assert(ENVELOPE_AT_BODY_SIZE == ENVELOPE_AT_BODY_ELEMENT + 1, "body");
static_assert(ENVELOPE_AT_BODY == ENVELOPE_AT_BODY_SIZE + 2, "body");
static_assert(ENVELOPE_BASE_BYTES << 2 * (ENVELOPE_CLASS_COUNT - 1) ==
                  LIMIT_ENVELOPE_BYTES,
    "the largest class is the limit");

size_t envelope_body_bytes(uint8_t class_)
{
    return envelope_class_bytes(class_) - ENVELOPE_AT_BODY;
}

enum status envelope_class_for(size_t plain_bytes, uint8_t *class_)
{
    const size_t around = ENVELOPE_LENGTH_BYTES + ENVELOPE_AEAD_BYTES;
    for (unsigned i = 0; i < ENVELOPE_CLASS_COUNT; i++) {
        if (plain_bytes <= envelope_body_bytes((uint8_t)i) - around) {
            *class_ = (uint8_t)i;
            return STATUS_OK;
        }
    }
    return STATUS_TOO_LARGE;
}

/* Whether all that is not a value is as it must be; size and class too. */
static bool has_the_encoding(struct span bytes)
{
    if (bytes.size < ENVELOPE_BASE_BYTES)
        return false;
    for (size_t i = 0; i < sizeof(envelope_marks) / sizeof(envelope_marks[0]);
         i++) {
        const struct envelope_mark *mark = &envelope_marks[i];
        if (memcmp(bytes.data + mark->at, mark->bytes, mark->size) != 0)
            return false;
    }
    uint8_t class_ = bytes.data[ENVELOPE_AT_CLASS];
    return class_ < ENVELOPE_CLASS_COUNT &&
           bytes.size == envelope_class_bytes(class_) &&
           number_get(bytes.data + ENVELOPE_AT_BODY_SIZE, 2) ==
               envelope_body_bytes(class_);
}

enum status envelope_decode(struct span bytes, struct envelope *out)
{
    if (!has_the_encoding(bytes))
        return STATUS_INVALID;
    const uint8_t *at = bytes.data;
    out->class_ = at[ENVELOPE_AT_CLASS];
    out->zone = (uint16_t)number_get(at + ENVELOPE_AT_ZONE, 2);
    out->expires_h = (uint32_t)number_get(at + ENVELOPE_AT_EXPIRES, 4);
    memcpy(out->tag.bytes, at + ENVELOPE_AT_TAG, sizeof(out->tag.bytes));
    memcpy(out->receipt_hash.bytes, at + ENVELOPE_AT_RECEIPT_HASH,
        sizeof(out->receipt_hash.bytes));
    memcpy(out->stamp, at + ENVELOPE_AT_STAMP, sizeof(out->stamp));
    memcpy(out->salt, at + ENVELOPE_AT_SALT, sizeof(out->salt));
    memcpy(out->header, at + ENVELOPE_AT_HEADER, sizeof(out->header));
    out->body =
        (struct span){at + ENVELOPE_AT_BODY, envelope_body_bytes(out->class_)};
    out->encoding = bytes;
    return STATUS_OK;
}

void envelope_encode(const struct envelope *envelope, uint8_t *out)
{
    size_t body_bytes = envelope_body_bytes(envelope->class_);
    assert(envelope->body.size == body_bytes);
    for (size_t i = 0; i < sizeof(envelope_marks) / sizeof(envelope_marks[0]);
         i++)
        memcpy(out + envelope_marks[i].at, envelope_marks[i].bytes,
            envelope_marks[i].size);
    out[ENVELOPE_AT_CLASS] = envelope->class_;
    number_put(out + ENVELOPE_AT_ZONE, 2, envelope->zone);
    number_put(out + ENVELOPE_AT_EXPIRES, 4, envelope->expires_h);
    memcpy(out + ENVELOPE_AT_TAG, envelope->tag.bytes,
        sizeof(envelope->tag.bytes));
    memcpy(out + ENVELOPE_AT_RECEIPT_HASH, envelope->receipt_hash.bytes,
        sizeof(envelope->receipt_hash.bytes));
    memcpy(out + ENVELOPE_AT_STAMP, envelope->stamp, sizeof(envelope->stamp));
    memcpy(out + ENVELOPE_AT_SALT, envelope->salt, sizeof(envelope->salt));
    memcpy(
        out + ENVELOPE_AT_HEADER, envelope->header, sizeof(envelope->header));
    number_put(out + ENVELOPE_AT_BODY_SIZE, 2, body_bytes);
    if (envelope->body.data != out + ENVELOPE_AT_BODY)
        memcpy(out + ENVELOPE_AT_BODY, envelope->body.data, body_bytes);
}

void envelope_header_ad(
    const uint8_t *encoding, uint8_t out[static ENVELOPE_HEADER_AD_BYTES])
{
    memcpy(out, encoding, ENVELOPE_AT_STAMP_ELEMENT);
    memcpy(out + ENVELOPE_AT_STAMP_ELEMENT, encoding + ENVELOPE_AT_SALT_ELEMENT,
        ENVELOPE_AT_HEADER_ELEMENT - ENVELOPE_AT_SALT_ELEMENT);
}

void envelope_body_ad(
    const uint8_t *encoding, uint8_t out[static ENVELOPE_BODY_AD_BYTES])
{
    memcpy(out, encoding, ENVELOPE_AT_STAMP_ELEMENT);
    memcpy(out + ENVELOPE_AT_STAMP_ELEMENT, encoding + ENVELOPE_AT_SALT_ELEMENT,
        ENVELOPE_AT_BODY_ELEMENT - ENVELOPE_AT_SALT_ELEMENT);
}
