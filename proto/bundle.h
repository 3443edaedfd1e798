/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_BUNDLE_H
#define PROTO_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* Everybody's sealed mail in a file, to be carried by hand:
 *
 *   "sotto bundle 1\n", then records: length (4, big endian), array, check (16)
 *
 * An array is a frame, PUSH or RECEIPT, as a link would carry it, or the end,
 * [0, records before it].  A check is a hash of the check before it (zeros
 * before the first) and the array: so a record that was damaged, left out,
 * repeated or moved is known as such where it stands, and a file that was cut
 * off by its missing end. */
#define BUNDLE_MAGIC "sotto bundle 1\n"
enum {
    BUNDLE_MAGIC_BYTES = sizeof(BUNDLE_MAGIC) - 1,
    BUNDLE_LENGTH_BYTES = 4,
    BUNDLE_CHECK_BYTES = 16,
    /* Of the largest record. */
    BUNDLE_RECORD_BYTES =
        BUNDLE_LENGTH_BYTES + LIMIT_FRAME_BYTES + BUNDLE_CHECK_BYTES,
};

struct bundle_check {
    uint8_t bytes[BUNDLE_CHECK_BYTES];
};

/* By the first element of the array. */
enum bundle_kind { BUNDLE_END = 0, BUNDLE_ENVELOPE = 16, BUNDLE_RECEIPT = 32 };

struct bundle_record {
    enum bundle_kind kind;
    union {
        struct envelope envelope; /* borrows from the bytes */
        struct {
            struct envelope_id id;
            struct opening opening;
        } receipt;
        uint64_t count; /* END: records before it */
    };
    /* Of a decoded one. */
    struct span array; /* borrowed: what the check is over */
    struct bundle_check check;
    size_t bytes; /* of the whole record */
};

/* Decode the record that bytes begin with; whether the check is right is for
 * who can hash (crypto/bundle.h).  STATUS_AGAIN when bytes hold the beginning
 * of one; STATUS_TOO_LARGE when its length is over any record's;
 * STATUS_INVALID when it is malformed. */
MUST_USE enum status bundle_decode(
    struct span bytes, struct bundle_record *out);

/* Encode a record's array and set *size.  STATUS_TOO_LARGE when the capacity is
 * too small; LIMIT_FRAME_BYTES is always enough. */
MUST_USE enum status bundle_encode_array(const struct bundle_record *record,
    uint8_t *out, size_t capacity, size_t *size);

#endif
