/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters.  They are read only after the seal has opened, so their author is
 * known; he is not trusted any further, and every limit holds here too. */
#include "proto/letter.h"

#include <assert.h>
#include <stdbool.h>

#include "proto/wire.h"

enum { LETTER_FIELDS = 6 };

static bool type_is_known(uint64_t type)
{
    return type == LETTER_TEXT || type == LETTER_READ || type == LETTER_WELCOME;
}

/* A type that is not known here may have any fields behind it. */
static enum status unknown_decode(struct wire_reader *reader, size_t fields)
{
    for (size_t i = 1; i < fields; i++)
        wire_read_skip(reader);
    enum status status = wire_read_done(reader);
    return status ? status : STATUS_NOT_FOUND;
}

static void read_ids_decode(struct wire_reader *reader, struct letter *letter)
{
    letter->read_count = wire_read_array(reader, LIMIT_READ_IDS);
    if (letter->read_count == 0)
        reader->failed = true;
    for (size_t i = 0; i < letter->read_count; i++)
        wire_read_fixed(
            reader, letter->read[i].bytes, sizeof(letter->read[i].bytes));
}

static void content_decode(struct wire_reader *reader, struct letter *letter)
{
    switch (letter->type) {
    case LETTER_TEXT:
        letter->text = wire_read_text(reader, LIMIT_TEXT_BYTES);
        break;
    case LETTER_READ:
        read_ids_decode(reader, letter);
        break;
    case LETTER_WELCOME:
        letter->text = wire_read_text(reader, 0);
        break;
    }
}

enum status letter_decode(struct span bytes, struct letter *out)
{
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    size_t fields = wire_read_array(&reader, SIZE_MAX);
    uint64_t type = wire_read_uint(&reader, UINT64_MAX);
    if (reader.failed)
        return STATUS_INVALID;
    if (!type_is_known(type))
        return unknown_decode(&reader, fields);
    if (fields != LETTER_FIELDS)
        return STATUS_INVALID;

    struct letter letter = {.type = (enum letter_type)type};
    wire_read_fixed(&reader, letter.id.bytes, sizeof(letter.id.bytes));
    letter.sent_at_s = wire_read_uint(&reader, LIMIT_TIME_S);
    letter.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    letter.burn_s = (uint32_t)wire_read_uint(&reader, LIMIT_BURN_S);
    content_decode(&reader, &letter);
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *out = letter;
    return STATUS_OK;
}

static enum status letter_check(const struct letter *letter)
{
    assert(type_is_known(letter->type));
    if (letter->sent_at_s > LIMIT_TIME_S || letter->burn_s > LIMIT_BURN_S)
        return STATUS_TOO_LARGE;
    if (letter->type == LETTER_READ)
        return letter->read_count >= 1 && letter->read_count <= LIMIT_READ_IDS
                   ? STATUS_OK
                   : STATUS_TOO_LARGE;
    size_t maximum = letter->type == LETTER_TEXT ? LIMIT_TEXT_BYTES : 0;
    if (letter->text.size > maximum)
        return STATUS_TOO_LARGE;
    return wire_is_utf8(letter->text) ? STATUS_OK : STATUS_INVALID;
}

enum status letter_encode(
    const struct letter *letter, uint8_t *out, size_t capacity, size_t *size)
{
    enum status status = letter_check(letter);
    if (status)
        return status;
    struct wire_writer writer;
    wire_write_init(&writer, out, capacity);
    wire_write_array(&writer, LETTER_FIELDS);
    wire_write_uint(&writer, letter->type);
    wire_write_bytes(
        &writer, (struct span){letter->id.bytes, sizeof(letter->id.bytes)});
    wire_write_uint(&writer, letter->sent_at_s);
    wire_write_uint(&writer, letter->expires_h);
    wire_write_uint(&writer, letter->burn_s);
    if (letter->type != LETTER_READ) {
        wire_write_text(&writer, letter->text);
        return wire_write_done(&writer, size);
    }
    wire_write_array(&writer, letter->read_count);
    for (size_t i = 0; i < letter->read_count; i++)
        wire_write_bytes(&writer, (struct span){letter->read[i].bytes,
                                      sizeof(letter->read[i].bytes)});
    return wire_write_done(&writer, size);
}
