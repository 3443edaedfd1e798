/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the outbox's letters lie on disk, and how one is found by its envelope.
 *
 * Ids of envelopes are hashes of what we sealed, so two that begin with the
 * same 8 bytes do not happen; if they did, the second would be retried till
 * its expiry. */
#include "vault/outbox_store.h"

#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"

bool outbox_is_under_way(const struct outbox_letter *letter)
{
    return letter->state == OUTBOX_QUEUED || letter->state == OUTBOX_HANDED;
}

bool outbox_is_held(const struct outbox_letter *letter)
{
    return letter->session == 0 && outbox_is_under_way(letter);
}

/* The index. */

static uint64_t index_row(const struct envelope_id *id)
{
    uint64_t row;
    memcpy(&row, id->bytes, sizeof(row));
    return row ? row : 1;
}

void outbox_index_add(struct outbox *outbox, struct step *step,
    const struct outbox_letter *letter)
{
    struct outbox_envelope *entry;
    enum status status =
        rows_add(&outbox->envelopes, index_row(&letter->envelope), &entry);
    if (status == STATUS_OK)
        entry->letter = letter->row;
    else if (status == STATUS_NO_MEMORY)
        step_check(step, status);
}

void outbox_index_remove(
    struct outbox *outbox, const struct outbox_letter *letter)
{
    if (letter->session)
        rows_remove(&outbox->envelopes, index_row(&letter->envelope));
}

struct outbox_letter *outbox_find_envelope(
    const struct outbox *outbox, const struct envelope_id *id)
{
    const struct outbox_envelope *entry =
        rows_find(&outbox->envelopes, index_row(id));
    if (!entry)
        return NULL;
    struct outbox_letter *letter = rows_find(&outbox->letters, entry->letter);
    return letter && envelope_id_equal(&letter->envelope, id) ? letter : NULL;
}

/* Records. */

static void letter_write(
    const struct outbox_letter *letter, struct wire_writer *writer)
{
    wire_write_array(writer, 15);
    wire_write_uint(writer, letter->contact);
    wire_write_uint(writer, letter->session);
    wire_write_uint(writer, letter->chain);
    wire_write_uint(writer, letter->number);
    wire_write_uint(writer, letter->type);
    wire_write_uint(writer, letter->state);
    wire_write_bool(writer, letter->urgent);
    wire_write_bytes(
        writer, (struct span){letter->id.bytes, sizeof(letter->id.bytes)});
    wire_write_bytes(writer,
        (struct span){letter->envelope.bytes, sizeof(letter->envelope.bytes)});
    wire_write_bytes(writer,
        (struct span){letter->opening.bytes, sizeof(letter->opening.bytes)});
    wire_write_uint(writer, letter->expires_h);
    wire_write_uint(writer, letter->handed_to);
    wire_write_uint(writer, letter->sent_at_s);
    wire_write_uint(writer, letter->delivered_at_s);
    wire_write_uint(writer, letter->finished_at_s);
}

void outbox_save(struct step *step, const struct outbox_letter *letter)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    letter_write(letter, &writer);
    records_put(step, RECORD_OUTBOX, letter->row, &writer);
}

/* Backups. */

void outbox_write_unsealed(
    const struct outbox_letter *letter, struct wire_writer *writer)
{
    struct outbox_letter copy = *letter;
    copy.session = copy.chain = copy.number = copy.handed_to = 0;
    memset(&copy.envelope, 0, sizeof(copy.envelope));
    memset(&copy.opening, 0, sizeof(copy.opening));
    if (outbox_is_under_way(letter))
        copy.state = OUTBOX_QUEUED;
    letter_write(&copy, writer);
}

enum status outbox_body_write_unsealed(
    struct step *step, struct span plain, struct wire_writer *writer)
{
    struct wire_reader reader;
    wire_read_init(&reader, plain);
    wire_read_array_of(&reader, 2);
    struct span letter = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    if (wire_read_done(&reader))
        return STATUS_INVALID;
    if (letter.size)
        memmove(step->desk->letter, letter.data, letter.size);
    records_begin(step, writer);
    wire_write_array(writer, 2);
    wire_write_bytes(writer, (struct span){step->desk->letter, letter.size});
    wire_write_bytes(writer, (struct span){NULL, 0});
    secret_wipe(step->desk->letter, letter.size);
    return STATUS_OK;
}

enum status outbox_restore_body(const struct outbox *outbox, struct step *step,
    uint64_t row, struct span plain)
{
    const struct outbox_letter *letter = rows_find(&outbox->letters, row);
    struct wire_reader reader;
    wire_read_init(&reader, plain);
    wire_read_array_of(&reader, 2);
    struct span text = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    struct span envelope = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    if (wire_read_done(&reader) || envelope.size || !letter || letter->session)
        return STATUS_INVALID;
    outbox_body_save(step, letter, text, envelope);
    return STATUS_OK;
}

static enum status letter_read(
    struct wire_reader *reader, struct outbox_letter *letter)
{
    wire_read_array_of(reader, 15);
    letter->contact = wire_read_uint(reader, UINT64_MAX);
    letter->session = wire_read_uint(reader, UINT32_MAX);
    letter->chain = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->number = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->type = (enum letter_type)wire_read_uint(reader, LETTER_LAST);
    letter->state = (enum outbox_state)wire_read_uint(reader, OUTBOX_RECALLED);
    letter->urgent = wire_read_bool(reader);
    wire_read_fixed(reader, letter->id.bytes, sizeof(letter->id.bytes));
    wire_read_fixed(
        reader, letter->envelope.bytes, sizeof(letter->envelope.bytes));
    wire_read_fixed(
        reader, letter->opening.bytes, sizeof(letter->opening.bytes));
    letter->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->handed_to = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    letter->sent_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->delivered_at_s = wire_read_uint(reader, UINT64_MAX);
    letter->finished_at_s = wire_read_uint(reader, UINT64_MAX);
    return wire_read_done(reader);
}

enum status outbox_load(
    struct outbox *outbox, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct outbox_letter *letter;
    enum status status = rows_add(&outbox->letters, record->row, &letter);
    if (status)
        return status;
    status = letter_read(&reader, letter);
    if (status) {
        rows_remove(&outbox->letters, record->row);
        return status;
    }
    outbox->held += outbox_is_held(letter);
    if (letter->session)
        outbox_index_add(outbox, step, letter);
    return STATUS_OK;
}

void outbox_body_save(struct step *step, const struct outbox_letter *letter,
    struct span plain, struct span envelope)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 2);
    wire_write_bytes(&writer, plain);
    wire_write_bytes(&writer, envelope);
    records_put_until(
        step, RECORD_OUTBOX_BODY, letter->row, &writer, letter->expires_h);
}

enum status outbox_body_read(struct step *step,
    const struct vault_record *record, struct span *letter,
    struct span *envelope)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    wire_read_array_of(&reader, 2);
    struct span first = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    struct span second = wire_read_bytes(&reader, LIMIT_ENVELOPE_BYTES);
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *letter = first;
    *envelope = second;
    return STATUS_OK;
}

void outbox_release(struct step *step, const struct outbox_letter *letter)
{
    struct port_message *message = step_port(step, PORT_RELEASE);
    message->receipt.id = letter->envelope;
    message->receipt.opening = letter->opening;
}
