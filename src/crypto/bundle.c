/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each check hashes the one before it, so the last stands for the whole file,
 * and who reads needs to remember 16 bytes between two records. */
#include "crypto/bundle.h"

#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

static void next_check(const struct bundle_check *before, struct span array,
    struct bundle_check *out)
{
    uint8_t input[BUNDLE_CHECK_BYTES + LIMIT_FRAME_BYTES];
    memcpy(input, before->bytes, sizeof(before->bytes));
    memcpy(input + sizeof(before->bytes), array.data, array.size);
    hash_labelled(out->bytes, sizeof(out->bytes), "sotto1 bundle",
        (struct span){input, sizeof(before->bytes) + array.size});
}

enum status bundle_append(struct bundle_check *check,
    const struct bundle_record *record, uint8_t *out, size_t capacity,
    size_t *size)
{
    size_t around = BUNDLE_LENGTH_BYTES + BUNDLE_CHECK_BYTES, length = 0;
    if (capacity < around)
        return STATUS_TOO_LARGE;
    uint8_t *array = out + BUNDLE_LENGTH_BYTES;
    enum status status =
        bundle_encode_array(record, array, capacity - around, &length);
    if (status)
        return status;
    number_put(out, BUNDLE_LENGTH_BYTES, length);
    next_check(check, (struct span){array, length}, check);
    memcpy(array + length, check->bytes, sizeof(check->bytes));
    *size = around + length;
    return STATUS_OK;
}

static enum status blame(
    enum status status, const char *words, const char **why)
{
    *why = words;
    return status;
}

enum status bundle_take(struct bundle_check *check, struct span bytes,
    struct bundle_record *out, struct envelope_id *id, const char **why)
{
    struct bundle_record record;
    struct bundle_check right;
    enum status status = bundle_decode(bytes, &record);
    if (status == STATUS_AGAIN)
        return status;
    if (status == STATUS_TOO_LARGE)
        return blame(STATUS_INVALID, "a record is longer than any can be", why);
    if (status)
        return blame(STATUS_INVALID, "a record is not well formed", why);
    next_check(check, record.array, &right);
    if (memcmp(right.bytes, record.check.bytes, sizeof(right.bytes)) != 0)
        return blame(STATUS_REFUSED,
            "a record is damaged, or does not follow the one before it", why);
    if (record.kind == BUNDLE_ENVELOPE)
        envelope_identify(record.envelope.encoding, id);
    else if (record.kind == BUNDLE_RECEIPT)
        *id = record.receipt.id;
    *check = right;
    *out = record;
    return STATUS_OK;
}
