/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of files: each is known by its number and held to its hash when it
 * comes, and the whole to its own before anybody is shown it.
 *
 * Equal parts are one: it is sent once and stored once.  That is all that is
 * shared; parts of two files never are, so that what destroys one file leaves
 * no other without a part. */
#include "vault/files_parts.h"

#include <assert.h>
#include <string.h>

#include "crypto/content.h"
#include "crypto/hash.h"
#include "vault/records.h"

uint64_t files_row_of_part(uint64_t row)
{
    return row >> FILE_NUMBER_BITS;
}

size_t files_number_of_part(uint64_t row)
{
    return row & ((1u << FILE_NUMBER_BITS) - 1);
}

/* The bits of a part and of all like it. */
static uint64_t bits_like(const struct file *file, size_t number)
{
    uint64_t bits = 0;
    for (size_t i = number; i < file->part_count; i++)
        if (file_first_like(file, i) == number)
            bits |= UINT64_C(1) << i;
    return bits;
}

/* Records. */

void file_put_part(struct step *step, const struct file *file, size_t number,
    struct span bytes)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    wire_write_bytes(&writer, bytes);
    records_put_under(step, RECORD_FILE_PART, file_part_row(file, number),
        &writer, file->key);
}

enum status file_load_part(struct step *step, const struct file *file,
    const struct vault_record *record, struct span *out)
{
    struct wire_reader reader;
    if (record->kind != RECORD_FILE_PART)
        return STATUS_INVALID;
    records_open_under(step, record, file->key, &reader);
    wire_read_array_of(&reader, 1);
    struct span bytes = wire_read_bytes(&reader, LIMIT_FILE_PART_BYTES);
    if (wire_read_done(&reader))
        return STATUS_INVALID;
    *out = bytes;
    return STATUS_OK;
}

/* In. */

enum status file_take_part(
    struct step *step, struct file *file, const struct file_part *part)
{
    if (part->number >= file->part_count ||
        part->bytes.size != file_part_bytes(file->bytes, part->number) ||
        !content_matches(part->bytes, file->parts[part->number]))
        return STATUS_REFUSED;
    size_t number = file_first_like(file, (size_t)part->number);
    if (file->here >> number & 1)
        return STATUS_EXISTS;
    file_put_part(step, file, number, part->bytes);
    file->here |= bits_like(file, number);
    file_save(step, file);
    return STATUS_OK;
}

bool file_has_all(const struct file *file)
{
    for (size_t i = 0; i < file->part_count; i++)
        if (!(file->here >> i & 1))
            return false;
    return true;
}

/* Out. */

void file_confirm_part(struct step *step, struct file *file, size_t number)
{
    records_delete(step, RECORD_FILE_PART, file_part_row(file, number));
    step_scrub(step);
    file->here |= bits_like(file, number);
    file_save(step, file);
}

struct message_id file_part_id(const struct file *file, size_t number)
{
    struct message_id id = file->id;
    id.bytes[sizeof(id.bytes) - 1] ^= (uint8_t)(number + 1);
    return id;
}

bool file_part_of_id(
    const struct file *file, const struct message_id *id, size_t *number)
{
    const size_t last = sizeof(id->bytes) - 1;
    uint8_t mark = id->bytes[last] ^ file->id.bytes[last];
    if (memcmp(id->bytes, file->id.bytes, last) != 0 || mark == 0 ||
        mark > file->part_count)
        return false;
    *number = mark - 1u;
    return true;
}

/* Letters of a file to a contact that are not confirmed. */
static size_t count_flying(const struct files *files, uint64_t contact)
{
    size_t count = 0;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row)) {
        uint64_t flying = (file->posted | file->fetching) & ~file->here;
        if (file->contact != contact || file->state != FILE_SENDING)
            continue;
        for (; flying; flying &= flying - 1)
            count++;
    }
    return count;
}

static bool may_go(const struct file *file, size_t number)
{
    uint64_t done = file->posted | file->fetching | file->here;
    return !(done >> number & 1) && file_first_like(file, number) == number;
}

/* Whether the time for one more has come (the generic cell rate algorithm,
 * ITU-T I.371); if so, it is spent. */
static bool spend(struct files *files, struct step *step)
{
    enum { BURST_MS = (LIMIT_FILE_PARTS_BURST - 1) * LIMIT_FILE_PART_MS };
    if (files->spent_ms < step->now_ms)
        files->spent_ms = step->now_ms;
    if (files->spent_ms <= step->now_ms + BURST_MS) {
        files->spent_ms += LIMIT_FILE_PART_MS;
        return true;
    }
    if (files->parts_ms <= step->now_ms) {
        files->parts_ms = files->spent_ms - BURST_MS;
        step_at(step, TIMER_PARTS, 0, files->parts_ms);
    }
    return false;
}

size_t files_choose_parts(struct files *files, struct step *step,
    uint64_t contact, uint64_t rows[static LIMIT_FILE_PARTS_FLYING])
{
    size_t flying = count_flying(files, contact);
    size_t room =
        flying < LIMIT_FILE_PARTS_FLYING ? LIMIT_FILE_PARTS_FLYING - flying : 0;
    size_t count = 0;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row)) {
        if (file->contact != contact || file->state != FILE_SENDING)
            continue;
        for (size_t i = 0; i < file->part_count && count < room; i++) {
            if (!may_go(file, i))
                continue;
            if (!spend(files, step))
                return count;
            rows[count++] = file_part_row(file, i);
            file->fetching |= UINT64_C(1) << i;
        }
    }
    return count;
}

void files_forget_chosen(
    const struct files *files, const uint64_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct file *file = files_get(files, files_row_of_part(rows[i]));
        if (file)
            file->fetching &= ~(UINT64_C(1) << files_number_of_part(rows[i]));
    }
}

/* Fetching. */

enum status files_fetch(struct files *files, struct step *step,
    const struct files_errand *errand, const uint64_t *rows, size_t count)
{
    struct files_errand *kept;
    enum status status = rows_add(&files->errands, *step->tickets + 1, &kept);
    if (status == STATUS_FULL)
        return status;
    step_check(step, status);
    if (status)
        return STATUS_OK; /* the step has failed */
    uint64_t row = kept->row;
    *kept = *errand;
    kept->row = row;
    step_fetch(step, RECORD_FILE_PART, rows, count);
    return STATUS_OK;
}

bool files_take_errand(
    struct files *files, uint32_t ticket, struct files_errand *out)
{
    const struct files_errand *found = rows_find(&files->errands, ticket);
    if (!found)
        return false;
    *out = *found;
    rows_remove(&files->errands, ticket);
    return true;
}

void files_begin_check(
    struct files *files, struct step *step, struct file *file)
{
    uint64_t rows[LIMIT_FILE_PARTS];
    size_t count = 0;
    const struct files_errand errand = {.kind = FILES_CHECK, .file = file->row};
    if (file->is_checked)
        return;
    for (size_t i = 0; i < file->part_count; i++)
        if (file_first_like(file, i) == i)
            rows[count++] = file_part_row(file, i);
    file->is_checked =
        files_fetch(files, step, &errand, rows, count) == STATUS_OK;
}

static const struct vault_record *record_of(
    const struct vault_event *event, uint64_t row)
{
    for (size_t i = 0; i < event->fetched.count; i++)
        if (event->fetched.records[i].row == row)
            return &event->fetched.records[i];
    return NULL;
}

bool file_check(
    struct step *step, const struct file *file, const struct vault_event *event)
{
    struct content_hasher hasher;
    uint8_t hash[CONTENT_HASH_BYTES];
    bool is_right = true;
    content_begin(&hasher);
    for (size_t i = 0; i < file->part_count && is_right; i++) {
        struct span bytes;
        const struct vault_record *record =
            record_of(event, file_part_row(file, file_first_like(file, i)));
        is_right =
            record && file_load_part(step, file, record, &bytes) == STATUS_OK;
        if (is_right)
            content_add(&hasher, bytes);
    }
    content_end(&hasher, hash);
    return is_right && secret_equal(hash, file->hash, sizeof(hash));
}
