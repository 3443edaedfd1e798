/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a session lies on disk: in one record, and one for each skipped entry,
 * which ends with the hour after which nothing can come under it.  A record of
 * a vault before format 7 says how often the first contact was sent, and not in
 * which envelope: there another is begun. */
#include "crypto/hash.h"
#include "vault/records.h"
#include "vault/sessions.h"
#include "vault/sessions_inside.h"

/* A first contact's envelope has four fields, where there was one. */
enum { SESSION_FIELDS_6 = 14, SESSION_FIELDS = 17 };

static void draw_write(
    struct wire_writer *writer, const struct intro_draw *draw)
{
    wire_write_uint(writer, draw->day);
    wire_write_uint(writer, draw->slot);
    wire_write_uint(writer, draw->expires_h);
    wire_write_bytes(writer, (struct span){draw->salt, sizeof(draw->salt)});
}

static void draw_read(struct wire_reader *reader, struct intro_draw *draw)
{
    draw->day = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    draw->slot = (uint32_t)wire_read_uint(reader, LIMIT_INTRO_SLOTS - 1);
    draw->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, draw->salt, sizeof(draw->salt));
}

void session_save(struct step *step, const struct session *session)
{
    uint8_t *ratchet = step->desk->scratch;
    uint8_t *intro = step->desk->scratch + RATCHET_BYTES;
    ratchet_encode(&session->ratchet, ratchet);
    size_t intro_bytes =
        session_has_intro(session) ? intro_encode(&session->intro, intro) : 0;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, SESSION_FIELDS);
    wire_write_uint(&writer, session->contact);
    wire_write_bool(&writer, session->active);
    wire_write_bool(&writer, session->retired);
    wire_write_bool(&writer, session->initiated);
    wire_write_bool(&writer, session->confirmed);
    wire_write_bool(&writer, session->heard);
    wire_write_uint(&writer, session->newest_s);
    wire_write_uint(&writer, session->used_h);
    draw_write(&writer, &session->draw);
    wire_write_uint(&writer, session->chain);
    wire_write_uint(&writer, session->floor);
    wire_write_bytes(
        &writer, (struct span){session->ephemeral, sizeof(session->ephemeral)});
    wire_write_bytes(&writer, (struct span){ratchet, RATCHET_BYTES});
    wire_write_bytes(&writer, (struct span){intro, intro_bytes});
    records_put(step, RECORD_SESSION, session->row, &writer);
    secret_wipe(step->desk->scratch, sizeof(step->desk->scratch));
}

static enum status session_read(
    struct wire_reader *reader, struct session *session)
{
    size_t fields = wire_read_array(reader, SESSION_FIELDS);
    session->contact = wire_read_uint(reader, UINT64_MAX);
    session->active = wire_read_bool(reader);
    session->retired = wire_read_bool(reader);
    session->initiated = wire_read_bool(reader);
    session->confirmed = wire_read_bool(reader);
    session->heard = wire_read_bool(reader);
    session->newest_s = wire_read_uint(reader, UINT64_MAX);
    session->used_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    if (fields == SESSION_FIELDS_6)
        wire_read_uint(reader, UINT32_MAX);
    else
        draw_read(reader, &session->draw);
    session->chain = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    session->floor = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, session->ephemeral, sizeof(session->ephemeral));
    struct span ratchet = wire_read_bytes(reader, RATCHET_BYTES);
    struct span intro = wire_read_bytes(reader, KEM_INTRO_BYTES);
    enum status status = wire_read_done(reader);
    if (status)
        return status;
    if (ratchet.size != RATCHET_BYTES ||
        (intro.size != 0) != session_has_intro(session))
        return STATUS_INVALID;
    status = ratchet_decode(ratchet.data, &session->ratchet);
    if (!status && intro.size)
        status = intro_decode(intro, &session->intro);
    return status;
}

enum status sessions_load(struct sessions *sessions, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct session *session;
    enum status status = rows_add(&sessions->rows, record->row, &session);
    if (status)
        return status;
    status = session_read(&reader, session);
    if (!status && session->ratchet.session != record->row)
        status = STATUS_INVALID;
    if (status)
        rows_remove(&sessions->rows, record->row);
    return status;
}

uint64_t session_skipped_row(const struct step *step, const struct tag *tag)
{
    return records_blind(
        step, RECORD_SKIPPED, (struct span){tag->bytes, sizeof(tag->bytes)});
}

void session_save_skipped(struct step *step, const struct tag_entry *entry)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 7);
    wire_write_bytes(
        &writer, (struct span){entry->tag.bytes, sizeof(entry->tag.bytes)});
    wire_write_uint(&writer, entry->session);
    wire_write_uint(&writer, entry->chain);
    wire_write_uint(&writer, entry->number);
    wire_write_uint(&writer, entry->expires_h);
    wire_write_bytes(
        &writer, (struct span){entry->header_key, sizeof(entry->header_key)});
    wire_write_bytes(
        &writer, (struct span){entry->message_key, sizeof(entry->message_key)});
    records_put_until(step, RECORD_SKIPPED,
        session_skipped_row(step, &entry->tag), &writer, entry->expires_h);
}

enum status sessions_load_skipped(
    struct step *step, const struct vault_record *record, struct tags *tags)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct tag_entry entry = {.kind = TAG_SKIPPED};
    wire_read_array_of(&reader, 7);
    wire_read_fixed(&reader, entry.tag.bytes, sizeof(entry.tag.bytes));
    entry.session = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    entry.chain = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    entry.number = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    entry.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    wire_read_fixed(&reader, entry.header_key, sizeof(entry.header_key));
    wire_read_fixed(&reader, entry.message_key, sizeof(entry.message_key));
    enum status status = wire_read_done(&reader);
    if (!status)
        status = tags_add(tags, &entry);
    secret_wipe(&entry, sizeof(entry));
    return status;
}
