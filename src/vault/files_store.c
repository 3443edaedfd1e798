/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a file's record lies on disk, and until when it is to be readable: one
 * that burns is under the key of a day, as its letter is. */
#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "vault/files.h"
#include "vault/records.h"

enum { FILE_FIELDS = 19 };

uint64_t file_burn_end_s(const struct file *file)
{
    uint64_t read_s =
        file->read_at_s > file->whole_at_s ? file->read_at_s : file->whole_at_s;
    uint64_t expiry_s = (file->expires_h + 1ull) * HOUR_S;
    uint64_t unread_s = file->began_at_s + file->burn_s;
    if (file->read_at_s && file->whole_at_s)
        return read_s + file->burn_s;
    return expiry_s > unread_s ? expiry_s : unread_s;
}

uint64_t file_end_h(const struct file *file)
{
    if (file_is_dead(file))
        return UINT64_MAX;
    if (file->is_sent)
        return file->expires_h;
    return file->burn_s ? file_burn_end_s(file) / HOUR_S : UINT64_MAX;
}

static void bytes_write(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void file_write(struct wire_writer *writer, const struct file *file)
{
    wire_write_array(writer, FILE_FIELDS);
    wire_write_uint(writer, file->contact);
    wire_write_bool(writer, file->is_sent);
    wire_write_bool(writer, file->urgent);
    wire_write_uint(writer, file->state);
    wire_write_uint(writer, file->end);
    bytes_write(writer, file->id.bytes, sizeof(file->id.bytes));
    wire_write_uint(writer, file->began_at_s);
    wire_write_uint(writer, file->whole_at_s);
    wire_write_uint(writer, file->read_at_s);
    wire_write_uint(writer, file->ended_at_s);
    wire_write_uint(writer, file->burn_s);
    wire_write_uint(writer, file->expires_h);
    wire_write_uint(writer, file->bytes);
    bytes_write(writer, file->hash, sizeof(file->hash));
    wire_write_uint(writer, file->here);
    wire_write_uint(writer, file->posted);
    bytes_write(writer, file->key, sizeof(file->key));
    bytes_write(writer, file->name, file->name_size);
    bytes_write(writer, &file->parts[0][0], file->part_count * FILE_HASH_BYTES);
}

void file_save(struct step *step, const struct file *file)
{
    struct wire_writer writer;
    uint64_t end_h = file_end_h(file);
    records_begin(step, &writer);
    file_write(&writer, file);
    if (end_h > UINT32_MAX)
        records_put(step, RECORD_FILE, file->row, &writer);
    else
        records_put_until(
            step, RECORD_FILE, file->row, &writer, (uint32_t)end_h);
}

void file_take_name(struct file *file, struct span name)
{
    assert(name.size <= sizeof(file->name));
    if (name.size)
        memcpy(file->name, name.data, name.size);
    file->name_size = name.size;
}

void file_take_hashes(struct file *file, struct span parts)
{
    assert(parts.size <= sizeof(file->parts));
    if (parts.size)
        memcpy(file->parts, parts.data, parts.size);
    file->part_count = parts.size / FILE_HASH_BYTES;
}

static enum status file_read(struct wire_reader *reader, struct file *file)
{
    wire_read_array_of(reader, FILE_FIELDS);
    file->contact = wire_read_uint(reader, UINT64_MAX);
    file->is_sent = wire_read_bool(reader);
    file->urgent = wire_read_bool(reader);
    file->state = (enum file_state)wire_read_uint(reader, FILE_EXPIRED);
    file->end = (enum file_end)wire_read_uint(reader, FILE_END_LAST);
    wire_read_fixed(reader, file->id.bytes, sizeof(file->id.bytes));
    file->began_at_s = wire_read_uint(reader, UINT64_MAX);
    file->whole_at_s = wire_read_uint(reader, UINT64_MAX);
    file->read_at_s = wire_read_uint(reader, UINT64_MAX);
    file->ended_at_s = wire_read_uint(reader, UINT64_MAX);
    file->burn_s = (uint32_t)wire_read_uint(reader, LIMIT_BURN_S);
    file->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    file->bytes = wire_read_uint(reader, LIMIT_FILE_BYTES);
    wire_read_fixed(reader, file->hash, sizeof(file->hash));
    file->here = wire_read_uint(reader, UINT64_MAX);
    file->posted = wire_read_uint(reader, UINT64_MAX);
    wire_read_fixed(reader, file->key, sizeof(file->key));
    struct span name = wire_read_bytes(reader, sizeof(file->name));
    struct span parts = wire_read_bytes(reader, sizeof(file->parts));
    enum status status = wire_read_done(reader);
    if (status || parts.size % FILE_HASH_BYTES)
        return STATUS_INVALID;
    file_take_name(file, name);
    file_take_hashes(file, parts);
    return STATUS_OK;
}

enum status files_load(
    struct files *files, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct file *file;
    enum status status = rows_add(&files->rows, record->row, &file);
    if (status)
        return status;
    status = file_read(&reader, file);
    if (status)
        rows_remove(&files->rows, record->row);
    return status;
}
