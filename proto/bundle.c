/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record's array is a frame where it can be one: what a bundle may hold is
 * what a link may carry, and is held to the same bytes.  Frames of other types
 * have no place in a file and are malformed in it.  The length stands before
 * the array, and is compared with the largest there is before anything is
 * waited for. */
#include "proto/bundle.h"

#include <string.h>

#include "base/number.h"
#include "proto/wire.h"

static enum status read_envelope(
    struct wire_reader *reader, struct envelope *out)
{
    struct span encoding = wire_read_bytes(reader, LIMIT_ENVELOPE_BYTES);
    enum status status = wire_read_done(reader);
    return status ? status : envelope_decode(encoding, out);
}

static enum status read_receipt(
    struct wire_reader *reader, struct bundle_record *out)
{
    wire_read_fixed(
        reader, out->receipt.id.bytes, sizeof(out->receipt.id.bytes));
    wire_read_fixed(
        reader, out->receipt.opening.bytes, sizeof(out->receipt.opening.bytes));
    return wire_read_done(reader);
}

static enum status read_array(struct bundle_record *out)
{
    struct wire_reader reader;
    wire_read_init(&reader, out->array);
    size_t fields = wire_read_array(&reader, 3);
    uint64_t kind = wire_read_uint(&reader, UINT8_MAX);
    if (reader.failed || fields != (kind == BUNDLE_RECEIPT ? 3 : 2))
        return STATUS_INVALID;
    switch (kind) {
    case BUNDLE_ENVELOPE:
        out->kind = BUNDLE_ENVELOPE;
        return read_envelope(&reader, &out->envelope);
    case BUNDLE_RECEIPT:
        out->kind = BUNDLE_RECEIPT;
        return read_receipt(&reader, out);
    case BUNDLE_END:
        out->kind = BUNDLE_END;
        out->count = wire_read_uint(&reader, LIMIT_NUMBER);
        return wire_read_done(&reader);
    }
    return STATUS_INVALID;
}

enum status bundle_decode(struct span bytes, struct bundle_record *out)
{
    struct bundle_record record = {.kind = BUNDLE_END};
    if (bytes.size < BUNDLE_LENGTH_BYTES)
        return STATUS_AGAIN;
    uint64_t length = number_get(bytes.data, BUNDLE_LENGTH_BYTES);
    if (length > LIMIT_FRAME_BYTES)
        return STATUS_TOO_LARGE;
    record.bytes = BUNDLE_LENGTH_BYTES + (size_t)length + BUNDLE_CHECK_BYTES;
    if (bytes.size < record.bytes)
        return STATUS_AGAIN;
    record.array =
        (struct span){bytes.data + BUNDLE_LENGTH_BYTES, (size_t)length};
    memcpy(record.check.bytes, record.array.data + length, BUNDLE_CHECK_BYTES);
    enum status status = read_array(&record);
    if (!status)
        *out = record;
    return status;
}

enum status bundle_encode_array(const struct bundle_record *record,
    uint8_t *out, size_t capacity, size_t *size)
{
    struct wire_writer writer;
    wire_write_init(&writer, out, capacity);
    wire_write_array(&writer, record->kind == BUNDLE_RECEIPT ? 3 : 2);
    wire_write_uint(&writer, record->kind);
    switch (record->kind) {
    case BUNDLE_ENVELOPE:
        wire_write_bytes(&writer, record->envelope.encoding);
        break;
    case BUNDLE_RECEIPT:
        wire_write_bytes(&writer, (struct span){record->receipt.id.bytes,
                                      sizeof(record->receipt.id.bytes)});
        wire_write_bytes(&writer, (struct span){record->receipt.opening.bytes,
                                      sizeof(record->receipt.opening.bytes)});
        break;
    case BUNDLE_END:
        wire_write_uint(&writer, record->count);
        break;
    }
    return wire_write_done(&writer, size);
}
