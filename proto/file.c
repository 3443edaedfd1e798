/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What travels of a file.  What an offer claims is read here as it stands, so
 * that whoever gets it can say why it was refused; that sizes and parts agree
 * is the reader's to check (src/vault/files.h). */
#include "proto/file.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"

uint64_t file_parts_of(uint64_t bytes)
{
    return bytes / LIMIT_FILE_PART_BYTES + (bytes % LIMIT_FILE_PART_BYTES != 0);
}

size_t file_part_bytes(uint64_t bytes, uint64_t number)
{
    assert(number < file_parts_of(bytes));
    uint64_t left = bytes - number * LIMIT_FILE_PART_BYTES;
    return left < LIMIT_FILE_PART_BYTES ? (size_t)left : LIMIT_FILE_PART_BYTES;
}

const char *file_end_word(enum file_end end)
{
    switch (end) {
    case FILE_END_WHOLE:
        return "";
    case FILE_END_DROPPED:
        return "dropped";
    case FILE_END_DAMAGED:
        return "damaged";
    case FILE_END_NAME:
        return "name";
    case FILE_END_SIZE:
        return "size";
    case FILE_END_ROOM:
        return "room";
    case FILE_END_COUNT:
        return "count";
    case FILE_END_STRANGER:
        return "stranger";
    }
    return "";
}

/* Names. */

/* The character at *at of well-formed UTF-8, and *at behind it. */
static uint32_t take_character(struct span text, size_t *at)
{
    uint8_t first = text.data[(*at)++];
    if (first < 0x80)
        return first;
    unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint32_t character = first & (0x3fu >> more);
    for (unsigned i = 0; i < more; i++)
        character = character << 6 | (text.data[(*at)++] & 0x3f);
    return character;
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool character_is_bad(uint32_t character)
{
    static const struct range bad[] = {
        {0, 0x1f},          /* C0 */
        {'/', '/'},         /* a path */
        {0x7f, 0x9f},       /* DEL, C1 */
        {0x61c, 0x61c},     /* these reorder text: */
        {0x200e, 0x200f},   /* */
        {0x2028, 0x202e},   /* separators of lines among them */
        {0x2066, 0x2069},   /* */
        {0xfff9, 0xfffb},   /* annotations */
        {0xe0000, 0xe007f}, /* tags */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (character >= bad[i].first && character <= bad[i].last)
            return true;
    return false;
}

bool file_name_is_good(struct span name)
{
    if (name.size == 0 || name.size > LIMIT_FILE_NAME_BYTES ||
        !wire_is_utf8(name) || span_equal(name, span_of_text(".")) ||
        span_equal(name, span_of_text("..")))
        return false;
    for (size_t at = 0; at < name.size;)
        if (character_is_bad(take_character(name, &at)))
            return false;
    return true;
}

/* Statements. */

static bool add(struct file_statement *statement, struct span bytes)
{
    if (bytes.size > sizeof(statement->bytes) - statement->size)
        return false;
    if (bytes.size)
        memcpy(statement->bytes + statement->size, bytes.data, bytes.size);
    statement->size += bytes.size;
    return true;
}

static bool add_number(struct file_statement *statement, uint64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number);
    return add(statement, (struct span){digits + at, sizeof(digits) - at});
}

enum status file_statement_of(const struct file_offer *offer, struct span text,
    struct file_statement *out)
{
    char hash[2 * FILE_HASH_BYTES + 1];
    hex_encode((struct span){offer->hash, FILE_HASH_BYTES}, hash);
    out->size = 0;
    bool fits =
        add(out, span_of_text("file: ")) && add(out, offer->name) &&
        add(out, span_of_text("\nbytes: ")) && add_number(out, offer->bytes) &&
        add(out, span_of_text("\nblake2b-256: ")) &&
        add(out, span_of_text(hash)) && add(out, span_of_text("\n")) &&
        (text.size == 0 || (add(out, span_of_text("\n")) && add(out, text)));
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

/* Bytes. */

void file_read_offer(struct wire_reader *reader, struct file_offer *out)
{
    out->name = wire_read_text(reader, LIMIT_FILE_NAME_BYTES);
    out->bytes = wire_read_uint(reader, LIMIT_NUMBER);
    wire_read_fixed(reader, out->hash, sizeof(out->hash));
    out->parts = wire_read_bytes(reader, LIMIT_ENVELOPE_BYTES);
    if (out->name.size == 0 || out->parts.size % FILE_HASH_BYTES)
        reader->failed = true;
}

void file_write_offer(
    struct wire_writer *writer, const struct file_offer *offer)
{
    wire_write_text(writer, offer->name);
    wire_write_uint(writer, offer->bytes);
    wire_write_bytes(writer, (struct span){offer->hash, sizeof(offer->hash)});
    wire_write_bytes(writer, offer->parts);
}

static void id_write(struct wire_writer *writer, const struct message_id *id)
{
    wire_write_bytes(writer, (struct span){id->bytes, sizeof(id->bytes)});
}

void file_read_part(struct wire_reader *reader, struct file_part *out)
{
    wire_read_fixed(reader, out->file.bytes, sizeof(out->file.bytes));
    out->number = wire_read_uint(reader, LIMIT_NUMBER);
    out->bytes = wire_read_bytes(reader, LIMIT_FILE_PART_BYTES);
    if (out->bytes.size == 0)
        reader->failed = true;
}

void file_write_part(struct wire_writer *writer, const struct file_part *part)
{
    id_write(writer, &part->file);
    wire_write_uint(writer, part->number);
    wire_write_bytes(writer, part->bytes);
}

void file_read_done(struct wire_reader *reader, struct file_done *out)
{
    wire_read_fixed(reader, out->file.bytes, sizeof(out->file.bytes));
    out->end = (enum file_end)wire_read_uint(reader, FILE_END_LAST);
}

void file_write_done(struct wire_writer *writer, const struct file_done *done)
{
    id_write(writer, &done->file);
    wire_write_uint(writer, done->end);
}
