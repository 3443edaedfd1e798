/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a transcript.  Each has a length of its own, so that a letter
 * whose bytes were changed can be named; and the whole is a row of records
 * rather than one array, so that it can be written as it comes. */
#include "proto/transcript.h"

#include <assert.h>
#include <string.h>

#include "base/number.h"

enum {
    CONVERSATION_FIELDS = 8,
    LETTER_FIELDS = 1 + EVIDENCE_PLACE_FIELDS + 3,
    BURNED_FIELDS = 1 + EVIDENCE_PLACE_FIELDS + 1,
    END_FIELDS = 1 + EVIDENCE_PLACE_FIELDS + 2,
    MISSING_FIELDS = 3,
};

static size_t fields_of(enum transcript_kind kind)
{
    switch (kind) {
    case TRANSCRIPT_CONVERSATION:
        return CONVERSATION_FIELDS;
    case TRANSCRIPT_LETTER:
        return LETTER_FIELDS;
    case TRANSCRIPT_BURNED:
        return BURNED_FIELDS;
    case TRANSCRIPT_END:
        return END_FIELDS;
    case TRANSCRIPT_MISSING:
        return MISSING_FIELDS;
    }
    return 0;
}

static void conversation_decode(
    struct wire_reader *reader, struct transcript_record *record)
{
    wire_read_fixed(reader, record->proposer.sign_key, 32);
    wire_read_fixed(reader, record->proposer.agree_key, 32);
    wire_read_fixed(reader, record->accepter.sign_key, 32);
    wire_read_fixed(reader, record->accepter.agree_key, 32);
    wire_read_fixed(reader, record->evidence.conversation.bytes,
        sizeof(record->evidence.conversation.bytes));
    record->proposer_count = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    record->accepter_count = (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

static void missing_decode(
    struct wire_reader *reader, struct transcript_record *record)
{
    record->evidence.number =
        (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    record->until = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    if (record->evidence.number == 0 || record->until < record->evidence.number)
        reader->failed = true;
}

/* What stands behind the place of a letter in its chain. */
static void behind_decode(
    struct wire_reader *reader, struct transcript_record *record)
{
    if (record->kind == TRANSCRIPT_BURNED) {
        wire_read_fixed(reader, record->content.bytes, EVIDENCE_HASH_BYTES);
        return;
    }
    wire_read_fixed(reader, record->id.bytes, sizeof(record->id.bytes));
    record->sent_at_s = wire_read_uint(reader, LIMIT_TIME_S);
    if (record->kind == TRANSCRIPT_LETTER)
        record->text = wire_read_text(reader, LIMIT_TEXT_BYTES);
}

enum status transcript_decode(struct span bytes, struct transcript_record *out)
{
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    size_t fields = wire_read_array(&reader, SIZE_MAX);
    struct transcript_record record = {
        .kind =
            (enum transcript_kind)wire_read_uint(&reader, TRANSCRIPT_MISSING)};
    if (reader.failed || fields != fields_of(record.kind))
        return STATUS_INVALID;
    if (record.kind == TRANSCRIPT_CONVERSATION)
        conversation_decode(&reader, &record);
    else if (record.kind == TRANSCRIPT_MISSING)
        missing_decode(&reader, &record);
    else {
        evidence_read_place(&reader, &record.evidence);
        behind_decode(&reader, &record);
    }
    enum status status = wire_read_done(&reader);
    if (!status)
        *out = record;
    return status;
}

static void fixed_encode(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void conversation_encode(
    struct wire_writer *writer, const struct transcript_record *record)
{
    fixed_encode(writer, record->proposer.sign_key, 32);
    fixed_encode(writer, record->proposer.agree_key, 32);
    fixed_encode(writer, record->accepter.sign_key, 32);
    fixed_encode(writer, record->accepter.agree_key, 32);
    fixed_encode(writer, record->evidence.conversation.bytes,
        sizeof(record->evidence.conversation.bytes));
    wire_write_uint(writer, record->proposer_count);
    wire_write_uint(writer, record->accepter_count);
}

static void behind_encode(
    struct wire_writer *writer, const struct transcript_record *record)
{
    if (record->kind == TRANSCRIPT_BURNED) {
        fixed_encode(writer, record->content.bytes, EVIDENCE_HASH_BYTES);
        return;
    }
    fixed_encode(writer, record->id.bytes, sizeof(record->id.bytes));
    wire_write_uint(writer, record->sent_at_s);
    if (record->kind == TRANSCRIPT_LETTER)
        wire_write_text(writer, record->text);
}

enum status transcript_encode(const struct transcript_record *record,
    uint8_t *out, size_t capacity, size_t *size)
{
    struct wire_writer writer;
    wire_write_init(&writer, out, capacity);
    wire_write_array(&writer, fields_of(record->kind));
    wire_write_uint(&writer, record->kind);
    if (record->kind == TRANSCRIPT_CONVERSATION)
        conversation_encode(&writer, record);
    else if (record->kind == TRANSCRIPT_MISSING) {
        wire_write_uint(&writer, record->evidence.number);
        wire_write_uint(&writer, record->until);
    } else {
        evidence_write_place(&writer, &record->evidence);
        behind_encode(&writer, record);
    }
    return wire_write_done(&writer, size);
}

void transcript_length(size_t size, uint8_t out[static TRANSCRIPT_LENGTH_BYTES])
{
    assert(size <= TRANSCRIPT_RECORD_BYTES);
    number_put(out, TRANSCRIPT_LENGTH_BYTES, size);
}

enum status transcript_take(struct span *left, struct span *record)
{
    if (left->size < TRANSCRIPT_LENGTH_BYTES)
        return STATUS_AGAIN;
    size_t size = (size_t)number_get(left->data, TRANSCRIPT_LENGTH_BYTES);
    if (size > TRANSCRIPT_RECORD_BYTES)
        return STATUS_INVALID;
    if (size > left->size - TRANSCRIPT_LENGTH_BYTES)
        return STATUS_AGAIN;
    *record = (struct span){left->data + TRANSCRIPT_LENGTH_BYTES, size};
    left->data += TRANSCRIPT_LENGTH_BYTES + size;
    left->size -= TRANSCRIPT_LENGTH_BYTES + size;
    return STATUS_OK;
}
