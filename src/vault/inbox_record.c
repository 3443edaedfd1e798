/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a letter that was received lies on disk: in two records of one row, since
 * all of the one are in memory while the vault is open, and the other, with the
 * text, is fetched to be read.  Both end with the hour in which the letter
 * burns.  Of what earlier versions wrote each has a number of fields of its
 * own. */
#include "vault/inbox.h"
#include "vault/inbox_inside.h"
#include "vault/records.h"

/* A letter's record has two fields more than in a vault of format 1, whose
 * letters are all deniable. */
enum { LETTER_FIELDS = 11, LETTER_FIELDS_1 = 9 };
/* One that came through a group has two more. */
enum { LETTER_FIELDS_GROUP = LETTER_FIELDS + 2 };

uint64_t inbox_letter_life_s(const struct inbox_letter *letter)
{
    if (letter->read_at_s)
        return letter->burn_s;
    uint64_t end_s = (letter->expires_h + 1ull) * HOUR_S;
    uint64_t left_s =
        end_s > letter->received_at_s ? end_s - letter->received_at_s : 0;
    return left_s > letter->burn_s ? left_s : letter->burn_s;
}

uint64_t inbox_letter_end_h(const struct inbox_letter *letter)
{
    uint64_t from_s =
        letter->read_at_s ? letter->read_at_s : letter->received_at_s;
    return letter->burn_s ? (from_s + inbox_letter_life_s(letter)) / HOUR_S
                          : UINT64_MAX;
}

static void put(struct step *step, enum record_kind kind,
    const struct inbox_letter *letter, struct wire_writer *writer)
{
    uint64_t end_h = inbox_letter_end_h(letter);
    if (end_h > UINT32_MAX)
        records_put(step, kind, letter->row, writer);
    else
        records_put_until(step, kind, letter->row, writer, (uint32_t)end_h);
}

void inbox_letter_save(struct step *step, const struct inbox_letter *letter)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(
        &writer, letter->group ? LETTER_FIELDS_GROUP : LETTER_FIELDS);
    wire_write_uint(&writer, letter->contact);
    wire_write_bytes(
        &writer, (struct span){letter->id.bytes, sizeof(letter->id.bytes)});
    wire_write_uint(&writer, letter->sent_at_s);
    wire_write_uint(&writer, letter->received_at_s);
    wire_write_uint(&writer, letter->read_at_s);
    wire_write_uint(&writer, letter->burns_at_s);
    wire_write_uint(&writer, letter->burn_s);
    wire_write_uint(&writer, letter->expires_h);
    wire_write_uint(&writer, letter->weight);
    wire_write_uint(&writer, letter->evidence);
    wire_write_uint(&writer, letter->number);
    if (letter->group) {
        wire_write_uint(&writer, letter->group);
        wire_write_uint(&writer, letter->view);
    }
    put(step, RECORD_INBOX, letter, &writer);
}

enum status inbox_letter_read(
    struct wire_reader *reader, struct inbox_letter *letter)
{
    size_t fields = wire_read_array(reader, LETTER_FIELDS_GROUP);
    letter->contact = wire_read_uint(reader, UINT64_MAX);
    wire_read_fixed(reader, letter->id.bytes, sizeof(letter->id.bytes));
    letter->sent_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->received_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->read_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->burns_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->burn_s = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->weight = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    if (fields == LETTER_FIELDS_1)
        return wire_read_done(reader);
    letter->evidence =
        (enum inbox_evidence)wire_read_uint(reader, INBOX_UNPROVEN);
    letter->number = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    if (fields == LETTER_FIELDS)
        return wire_read_done(reader);
    letter->group = wire_read_uint(reader, UINT32_MAX);
    letter->view = (enum inbox_view)wire_read_uint(reader, INBOX_VIEW_UNKNOWN);
    return wire_read_done(reader);
}

enum { BODY_FIELDS = 1, BODY_FIELDS_FILE = 4 };

void inbox_body_save(struct step *step, const struct inbox_letter *letter,
    const struct inbox_body *body)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, body->file.size ? BODY_FIELDS_FILE : BODY_FIELDS);
    wire_write_text(&writer, body->text);
    if (body->file.size) {
        wire_write_text(&writer, body->file);
        wire_write_uint(&writer, body->file_bytes);
        wire_write_uint(&writer, body->file_end);
    }
    put(step, RECORD_INBOX_BODY, letter, &writer);
}

enum status inbox_body_read(struct wire_reader *reader, struct inbox_body *out)
{
    struct inbox_body body = {.file_bytes = 0};
    size_t fields = wire_read_array(reader, BODY_FIELDS_FILE);
    body.text = wire_read_text(reader, LIMIT_TEXT_BYTES);
    if (fields != BODY_FIELDS) {
        body.file = wire_read_text(reader, LIMIT_FILE_NAME_BYTES);
        body.file_bytes = wire_read_uint(reader, LIMIT_NUMBER);
        body.file_end = (enum file_end)wire_read_uint(reader, FILE_END_LAST);
    }
    enum status status = wire_read_done(reader);
    if (!status)
        *out = body;
    return status;
}
