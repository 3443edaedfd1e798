/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files sent and received, and the rules of who may fill this disk how far.
 *
 * A file's content lies in records of its own, under a key that is in the
 * file's record alone.  That record ends as a letter's does, under the key of a
 * day; so what destroys it, or the key in it, destroys the content too, without
 * writing a megabyte anew when a burn timer begins to run.
 *
 * What a stranger's letter claims is held against the limits before a byte of
 * the file is asked for.  Nothing that is whole is ever given up for what comes
 * later: a file that finds no room is refused, and its sender told. */
#include "vault/files.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/records.h"

static_assert(LIMIT_FILE_PARTS <= 64, "a bit a part");
static_assert(
    (LIMIT_FILE_BYTES + LIMIT_FILE_PART_BYTES - 1) / LIMIT_FILE_PART_BYTES ==
        LIMIT_FILE_PARTS,
    "the largest file has the most parts");

void files_init(struct files *files)
{
    memset(files, 0, sizeof(*files));
    rows_init(&files->rows, sizeof(struct file),
        LIMIT_FILES_SENT + LIMIT_FILES_RECEIVED, true);
    rows_init(
        &files->errands, sizeof(struct files_errand), FILES_ERRANDS, false);
}

void files_clear(struct files *files)
{
    rows_clear(&files->rows);
    rows_clear(&files->errands);
}

bool file_is_under_way(const struct file *file)
{
    return file->state == FILE_OFFERED || file->state == FILE_SENDING ||
           file->state == FILE_ARRIVING;
}

bool file_is_dead(const struct file *file)
{
    return !file_is_under_way(file) && file->state != FILE_WHOLE;
}

/* Finding. */

struct file *files_get(const struct files *files, uint64_t row)
{
    return rows_find(&files->rows, row);
}

struct file *files_next(const struct files *files, uint64_t row)
{
    size_t i = rows_after(&files->rows, row);
    return i < files->rows.count ? rows_at(&files->rows, i) : NULL;
}

struct file *files_find(const struct files *files, uint64_t contact, bool sent,
    const struct message_id *id)
{
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row))
        if (file->contact == contact && file->is_sent == sent &&
            message_id_equal(&file->id, id))
            return file;
    return NULL;
}

enum { ID_CHARS = CONTROL_MESSAGE_ID_CHARS };

static bool id_begins(const struct file *file, struct span prefix)
{
    char text[ID_CHARS + 1];
    hex_encode((struct span){file->id.bytes, sizeof(file->id.bytes)}, text);
    return prefix.size > 0 && prefix.size <= ID_CHARS &&
           memcmp(text, prefix.data, prefix.size) == 0;
}

enum status files_find_prefix(const struct files *files, struct step *step,
    struct span id, struct file **out)
{
    struct file *found = NULL;
    uint64_t count = 0;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row))
        if (id_begins(file, id)) {
            found = file;
            count++;
        }
    if (count == 1) {
        *out = found;
        return STATUS_OK;
    }
    enum status status = count ? STATUS_AMBIGUOUS : STATUS_NOT_FOUND;
    if (count)
        step_refuse(step, status,
            (struct say){.form = "the ids of # files begin so; give more of it",
                .numbers = {count}});
    else
        step_refuse(step, status,
            (struct say){.form = "no file has that id; `sotto file list` shows "
                                 "those there are"});
    return status;
}

/* Room. */

/* The one that ended first, of those sent or received (by a contact, or 0: by
 * anybody), or NULL. */
static const struct file *first_dead(
    const struct files *files, bool sent, uint64_t contact)
{
    const struct file *first = NULL;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row))
        if (file->is_sent == sent && file_is_dead(file) &&
            (contact == 0 || file->contact == contact) &&
            (!first || file->ended_at_s < first->ended_at_s))
            first = file;
    return first;
}

/* What there is of files sent, or received; from a contact, or 0: anybody. */
struct tally {
    size_t count;
    size_t under_way;
    uint64_t bytes; /* of content, here or to come */
};

static struct tally tally_of(
    const struct files *files, bool sent, uint64_t contact)
{
    struct tally tally = {.count = 0};
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row)) {
        if (file->is_sent != sent || (contact && file->contact != contact))
            continue;
        tally.count++;
        tally.under_way += file_is_under_way(file);
        tally.bytes += file_is_dead(file) ? 0 : file->bytes;
    }
    return tally;
}

bool files_may_send(const struct files *files)
{
    return tally_of(files, true, 0).under_way < LIMIT_FILES_SENT;
}

static bool makes_room(
    struct files *files, struct step *step, uint64_t contact, size_t most)
{
    if (tally_of(files, false, contact).count < most)
        return true;
    const struct file *dead = first_dead(files, false, contact);
    if (!dead)
        return false;
    files_forget(files, step, dead->row);
    return true;
}

static bool has_bytes(
    const struct files *files, uint64_t contact, uint64_t bytes)
{
    return tally_of(files, false, 0).bytes + bytes <= LIMIT_FILES_BYTES &&
           tally_of(files, false, contact).bytes + bytes <=
               LIMIT_FILES_BYTES_ONE;
}

/* Whether an offer is to be refused, and why. */
static enum file_end judge(struct files *files, struct step *step,
    const struct files_sender *sender, const struct file_offer *offer)
{
    uint64_t contact = sender->contact;
    if (sender->is_stranger)
        return FILE_END_STRANGER;
    if (!file_name_is_good(offer->name))
        return FILE_END_NAME;
    if (offer->bytes > LIMIT_FILE_BYTES ||
        offer->parts.size != file_parts_of(offer->bytes) * FILE_HASH_BYTES)
        return FILE_END_SIZE;
    if (tally_of(files, false, contact).under_way >= LIMIT_FILES_ARRIVING)
        return FILE_END_COUNT;
    if (!has_bytes(files, contact, offer->bytes) ||
        !makes_room(files, step, contact, LIMIT_FILES_RECEIVED_ONE) ||
        !makes_room(files, step, 0, LIMIT_FILES_RECEIVED))
        return FILE_END_ROOM;
    return FILE_END_WHOLE;
}

static void count_refused(struct files_refused *refused, enum file_end end)
{
    refused->names += end == FILE_END_NAME;
    refused->sizes += end == FILE_END_SIZE;
    refused->room += end == FILE_END_ROOM;
    refused->counts += end == FILE_END_COUNT;
    refused->strangers += end == FILE_END_STRANGER;
}

/* Beginning. */

static struct file *begin(struct files *files, struct step *step,
    uint64_t contact, const struct letter *letter)
{
    struct file *file;
    enum status status = rows_append(&files->rows, &file);
    step_check(step, status);
    if (status)
        return NULL;
    file->contact = contact;
    file->id = letter->id;
    file->began_at_s = step->clock_s;
    file->burn_s = letter->burn_s;
    file->expires_h = letter->expires_h;
    file->bytes = letter->file.bytes;
    memcpy(file->hash, letter->file.hash, sizeof(file->hash));
    random_fill(step->random, file->key, sizeof(file->key));
    file_take_name(file, letter->file.name);
    file_take_hashes(file, letter->file.parts);
    return file;
}

struct file *files_send(struct files *files, struct step *step,
    uint64_t contact, const struct letter *letter, bool urgent)
{
    struct tally tally = tally_of(files, true, 0);
    assert(tally.under_way < LIMIT_FILES_SENT);
    if (tally.count == LIMIT_FILES_SENT)
        files_forget(files, step, first_dead(files, true, 0)->row);
    struct file *file = begin(files, step, contact, letter);
    if (!file)
        return NULL;
    file->is_sent = true;
    file->urgent = urgent;
    file->state = FILE_OFFERED;
    file_save(step, file);
    return file;
}

static void burn_schedule(struct step *step, struct file *file)
{
    if (file->is_sent || file->burn_s == 0)
        return;
    uint64_t end_s = file_burn_end_s(file);
    uint64_t left_s = end_s > step->clock_s ? end_s - step->clock_s : 0;
    file->burn_ms = step->now_ms + left_s * 1000;
    step_at(step, TIMER_FILE, file->row, file->burn_ms);
}

/* The sender's word for the expiry is believed as far as an envelope can
 * live. */
enum status files_receive(struct files *files, struct step *step,
    const struct files_sender *sender, const struct letter *letter,
    enum file_end *end)
{
    uint32_t latest_h = step->now_h + LIMIT_ENVELOPE_LIFE_H;
    *end = judge(files, step, sender, &letter->file);
    count_refused(&files->refused, *end);
    if (*end != FILE_END_WHOLE)
        return STATUS_REFUSED;
    struct file *file = begin(files, step, sender->contact, letter);
    if (!file)
        return STATUS_OK; /* the step has failed */
    if (file->expires_h > latest_h)
        file->expires_h = latest_h;
    file->state = FILE_ARRIVING;
    burn_schedule(step, file);
    file_save(step, file);
    return STATUS_OK;
}

/* Parts. */

size_t file_first_like(const struct file *file, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (memcmp(file->parts[i], file->parts[number], FILE_HASH_BYTES) == 0)
            return i;
    return number;
}

uint64_t file_part_row(const struct file *file, size_t number)
{
    return file->row << FILE_NUMBER_BITS | number;
}

/* The key goes as well, so that what a disk keeps of the parts is noise. */
void file_delete_parts(struct step *step, struct file *file)
{
    bool has_any = false;
    for (size_t i = 0; i < file->part_count; i++)
        if (file_first_like(file, i) == i &&
            (file->is_sent ? !(file->here >> i & 1) : file->here >> i & 1)) {
            records_delete(step, RECORD_FILE_PART, file_part_row(file, i));
            has_any = true;
        }
    file->part_count = 0;
    secret_wipe(file->parts, sizeof(file->parts));
    secret_wipe(file->key, sizeof(file->key));
    if (has_any)
        step_scrub(step);
}

/* Ending. */

void file_end_as(struct step *step, struct file *file, enum file_state state)
{
    file->state = state;
    if (state == FILE_WHOLE || state == FILE_DELIVERED)
        file->whole_at_s = step->clock_s ? step->clock_s : 1;
    if (file_is_dead(file)) {
        file->ended_at_s = step->clock_s;
        file_delete_parts(step, file);
        if (file->burn_s) {
            secret_wipe(file->name, sizeof(file->name));
            file->name_size = 0;
        }
    }
    burn_schedule(step, file);
    file_save(step, file);
}

void files_forget(struct files *files, struct step *step, uint64_t row)
{
    struct file *file = rows_find(&files->rows, row);
    file_delete_parts(step, file);
    records_delete(step, RECORD_FILE, row);
    rows_remove(&files->rows, row);
}

void files_forget_contact(
    struct files *files, struct step *step, uint64_t contact)
{
    for (size_t i = files->rows.count; i-- > 0;) {
        const struct file *file = rows_at(&files->rows, i);
        if (file->contact == contact)
            files_forget(files, step, file->row);
    }
}

/* Time. */

void file_mark_read(struct step *step, struct file *file)
{
    if (file->read_at_s)
        return;
    file->read_at_s = step->clock_s ? step->clock_s : 1;
    burn_schedule(step, file);
    file_save(step, file);
}

static bool file_is_over(const struct step *step, const struct file *file)
{
    return !file->is_sent && file->burn_s && file->burn_ms <= step->now_ms;
}

void files_burn(struct files *files, struct step *step, uint64_t row)
{
    const struct file *file = rows_find(&files->rows, row);
    if (!file || !file_is_over(step, file))
        return;
    files_forget(files, step, row);
    step_effect(step, VAULT_SCRUB);
}

void files_start(struct files *files, struct step *step)
{
    for (size_t i = files->rows.count; i-- > 0;) {
        struct file *file = rows_at(&files->rows, i);
        burn_schedule(step, file);
        files_burn(files, step, file->row);
    }
}

/* No envelope of it can open any more. */
static bool is_expired(const struct step *step, const struct file *file)
{
    uint32_t grace_h = file->is_sent ? 0 : LIMIT_CLOCK_SKEW_H;
    return file_is_under_way(file) && step->now_h > file->expires_h + grace_h;
}

struct file *files_expire(struct files *files, struct step *step, uint64_t row)
{
    for (struct file *file = files_next(files, row); file;
         file = files_next(files, file->row)) {
        if (!is_expired(step, file))
            continue;
        file_end_as(step, file, FILE_EXPIRED);
        return file;
    }
    return NULL;
}

void files_sweep(struct files *files, struct step *step)
{
    for (size_t i = files->rows.count; i-- > 0;) {
        const struct file *file = rows_at(&files->rows, i);
        if (file_is_dead(file) &&
            step->clock_s > file->ended_at_s + FILES_KEPT_S)
            files_forget(files, step, file->row);
        else
            files_burn(files, step, file->row);
    }
}

uint64_t files_first_end_h(const struct files *files)
{
    uint64_t first_h = UINT64_MAX;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row))
        if (file_end_h(file) < first_h)
            first_h = file_end_h(file);
    return first_h;
}

/* Telling. */

uint64_t files_count(const struct files *files, enum file_state state)
{
    uint64_t count = 0;
    for (struct file *file = files_next(files, 0); file;
         file = files_next(files, file->row))
        count += file->state == state;
    return count;
}

uint64_t file_bytes_done(const struct file *file)
{
    uint64_t bytes = 0;
    if (file->state == FILE_DELIVERED || file->state == FILE_WHOLE)
        return file->bytes;
    for (uint64_t i = 0; i < file_parts_of(file->bytes); i++)
        if (file->here >> i & 1)
            bytes += file_part_bytes(file->bytes, i);
    return bytes;
}

const char *file_state_word(const struct file *file)
{
    switch (file->state) {
    case FILE_OFFERED:
        return "offered";
    case FILE_SENDING:
        return "sending";
    case FILE_DELIVERED:
        return "delivered";
    case FILE_DECLINED:
        return "refused";
    case FILE_ARRIVING:
        return "arriving";
    case FILE_WHOLE:
        return "whole";
    case FILE_DAMAGED:
        return "damaged";
    case FILE_CANCELLED:
        return "cancelled";
    case FILE_EXPIRED:
        return "expired";
    }
    return "unknown";
}

void file_describe(
    struct step *step, const struct file *file, struct control_file *out)
{
    bool burns =
        !file->is_sent && file->burn_s && file->read_at_s && file->whole_at_s;
    *out = (struct control_file){
        .direction = file->is_sent ? "out" : "in",
        .state = file_state_word(file),
        .reason = file_end_word(file->end),
        .name = step_copy(step, (struct span){file->name, file->name_size}),
        .bytes = file->bytes,
        .done = file_bytes_done(file),
        .began_at_s = file->began_at_s,
        .expires_at_s = (file->expires_h + 1ull) * HOUR_S,
        .burn_s = file->burn_s,
        .burns_at_s = burns ? file_burn_end_s(file) : 0,
    };
    hex_encode((struct span){file->id.bytes, sizeof(file->id.bytes)}, out->id);
    hex_encode((struct span){file->hash, sizeof(file->hash)}, out->hash);
}
