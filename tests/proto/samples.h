/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PROTO_SAMPLES_H
#define TESTS_PROTO_SAMPLES_H

#include <assert.h>
#include <string.h>

#include "proto/envelope.h"
#include "proto/limits.h"

/* Bytes first, first + 1, ... */
static inline void sample_fill(void *out, size_t size, uint8_t first)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)(first + i);
}

/* An envelope of a class, encoded in out (LIMIT_ENVELOPE_BYTES), decoded. */
static inline struct envelope sample_envelope(uint8_t class_, uint8_t *out)
{
    static uint8_t body[LIMIT_ENVELOPE_BYTES];
    struct envelope envelope = {
        .class_ = class_, .zone = 0x0102, .expires_h = 490000};
    sample_fill(envelope.tag.bytes, 16, 0x10);
    sample_fill(envelope.receipt_hash.bytes, 32, 0x20);
    sample_fill(envelope.stamp, sizeof(envelope.stamp), 0x40);
    sample_fill(envelope.salt, sizeof(envelope.salt), 0x50);
    sample_fill(envelope.header, sizeof(envelope.header), 0x60);
    sample_fill(body, sizeof(body), 0xa0);
    envelope.body = (struct span){body, envelope_body_bytes(class_)};
    envelope_encode(&envelope, out);
    envelope.encoding = (struct span){out, envelope_class_bytes(class_)};
    envelope.body.data = out + ENVELOPE_AT_BODY;
    return envelope;
}

#endif
