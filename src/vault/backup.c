/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A backup is made from the same plain texts as the records on disk, so what a
 * room can load it can restore, and there is no second form to keep in step.
 *
 * Rows that are blinded are found again only under the key that blinded them.
 * That one key goes along; none that seals does, so what a restored vault
 * writes does not open for who has the backup. */
#include "vault/backup.h"

#include <assert.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

/* Out. */

void backup_add(struct backup_stream *stream, const struct backup_item *item)
{
    size_t size = BACKUP_ITEM_BYTES + item->plain.size;
    assert(item->kind && item->row && size <= BACKUP_BYTES - stream->size);
    uint8_t *out = stream->bytes + stream->size;
    out[0] = (uint8_t)item->kind;
    number_put(out + 1, 8, item->row);
    number_put(out + 9, 4, item->plain.size);
    if (item->plain.size)
        memcpy(out + BACKUP_ITEM_BYTES, item->plain.data, item->plain.size);
    stream->size += size;
}

bool backup_has_block(const struct backup_stream *stream)
{
    return stream->size >= ARCHIVE_PLAIN_BYTES;
}

/* Forget the first bytes. */
static void drop_bytes(struct backup_stream *stream, size_t size)
{
    stream->size -= size;
    memmove(stream->bytes, stream->bytes + size, stream->size);
    secret_wipe(stream->bytes + stream->size, size);
}

void backup_take(
    struct backup_stream *stream, uint8_t out[static ARCHIVE_PLAIN_BYTES])
{
    size_t size =
        stream->size < ARCHIVE_PLAIN_BYTES ? stream->size : ARCHIVE_PLAIN_BYTES;
    memcpy(out, stream->bytes, size);
    memset(out + size, 0, ARCHIVE_PLAIN_BYTES - size);
    drop_bytes(stream, size);
}

/* In. */

void backup_feed(struct backup_stream *stream,
    const uint8_t plain[static ARCHIVE_PLAIN_BYTES])
{
    assert(BACKUP_BYTES - stream->size >= ARCHIVE_PLAIN_BYTES);
    memcpy(stream->bytes + stream->size, plain, ARCHIVE_PLAIN_BYTES);
    stream->size += ARCHIVE_PLAIN_BYTES;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    return any == 0;
}

enum status backup_peek(
    const struct backup_stream *stream, struct backup_item *out)
{
    const uint8_t *bytes = stream->bytes;
    if (stream->size == 0)
        return STATUS_AGAIN;
    if (bytes[0] == 0)
        return is_zero(bytes, stream->size) ? STATUS_NOT_FOUND : STATUS_INVALID;
    if (stream->size < BACKUP_ITEM_BYTES)
        return STATUS_AGAIN;
    uint64_t row = number_get(bytes + 1, 8);
    uint64_t size = number_get(bytes + 9, 4);
    if (bytes[0] > RECORD_LAST || row == 0 || size > DESK_PLAIN_BYTES)
        return STATUS_INVALID;
    if (stream->size - BACKUP_ITEM_BYTES < size)
        return STATUS_AGAIN;
    *out = (struct backup_item){(enum record_kind)bytes[0], row,
        {bytes + BACKUP_ITEM_BYTES, (size_t)size}};
    return STATUS_OK;
}

void backup_drop(struct backup_stream *stream, const struct backup_item *item)
{
    drop_bytes(stream, BACKUP_ITEM_BYTES + item->plain.size);
}

/* The key that blinds. */

void backup_blind_write(
    const struct records *records, struct wire_writer *writer)
{
    wire_write_array(writer, 1);
    wire_write_bytes(
        writer, (struct span){records->blind_key, sizeof(records->blind_key)});
}

enum status backup_blind_load(struct step *step,
    const struct vault_record *record, struct records *records)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    uint8_t key[sizeof(records->blind_key)];
    wire_read_array_of(&reader, 1);
    wire_read_fixed(&reader, key, sizeof(key));
    enum status status = wire_read_done(&reader);
    if (!status)
        memcpy(records->blind_key, key, sizeof(key));
    secret_wipe(key, sizeof(key));
    return status;
}
