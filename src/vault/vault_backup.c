/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: a backup, block by block, each when it is asked for.
 *
 * The vault goes on meanwhile.  A letter and its text are fetched in one go, so
 * neither comes without the other; a letter from somebody who became a contact
 * after contacts were written is left for the next backup.
 *
 * What is not written: files, whose letters are, but for those that had not
 * arrived (a part of a megabyte is no part of a letter); sessions, with all
 * that hangs on them (an old ratchet must never be written on again), what
 * is owed to its writers, strangers who wait (they come again), and invites
 * that were given out: each is good for one use, and a copy would make it two.
 */
#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

#include <assert.h>
#include <string.h>

/* What a backup holds, in this order: who is named comes before what names
 * them.  A body is written with its record, row by row. */
struct kept {
    enum record_kind kind;
    enum record_kind body; /* 0: none */
};
static const struct kept all_kept[] = {
    {RECORD_IDENTITY, 0},
    {RECORD_PREKEY, 0},
    {RECORD_CONTACT, 0},
    {RECORD_GROUP, 0},
    {RECORD_GROUP_OP, 0},
    {RECORD_REPLAY, 0},
    {RECORD_PARTED, 0},
    {RECORD_RENEWAL, 0},
    {RECORD_KEM, 0},
    {RECORD_DECLINED, 0},
    {RECORD_SEEN, 0},
    {RECORD_OUTBOX, RECORD_OUTBOX_BODY},
    {RECORD_GROUP_COPIES, 0},
    {RECORD_INBOX, RECORD_INBOX_BODY},
    {RECORD_NOTE, RECORD_NOTE_BODY},
    {RECORD_ACCORD, 0},
    {RECORD_PLACE, RECORD_PLACE_BODY},
};
static_assert((int)ARCHIVE_HEADER_BYTES == (int)CONTROL_BACKUP_HEADER_BYTES &&
                  (int)ARCHIVE_BLOCK_BYTES == (int)CONTROL_BACKUP_BLOCK_BYTES,
    "blocks as control says them");
enum { KEPT_COUNT = sizeof(all_kept) / sizeof(all_kept[0]) };

/* A backup that is being made.  Guarded. */
struct backup {
    struct asker asker; /* who waits for a block, or asked for the last one */
    uint32_t ticket;    /* of what it waits for; 0: to be asked */
    uint8_t header[ARCHIVE_HEADER_BYTES];
    bool has_key;
    struct archive archive;
    size_t at;   /* in all_kept */
    bool bodies; /* of rows are being fetched */
    size_t count;
    uint64_t rows[BACKUP_FETCH_ROWS];
    uint64_t last_row;
    uint64_t last_contact; /* that was there when contacts were written */
    uint64_t last_accord;  /* likewise */
    uint64_t last_group;   /* likewise */
    struct backup_stream stream;
    uint8_t plain[ARCHIVE_PLAIN_BYTES];
    uint8_t block[ARCHIVE_HEADER_BYTES + ARCHIVE_BLOCK_BYTES];
};

void vault_backup_end(struct opened *opened)
{
    secret_free(opened->backup);
    opened->backup = NULL;
}

/* Which rows. */

static uint64_t next_in(const struct rows *rows, uint64_t row)
{
    size_t i = rows_after(rows, row);
    return i < rows->count ? *(const uint64_t *)rows_at(rows, i) : 0;
}

static uint64_t next_prekey(const struct prekeys *prekeys, uint64_t row)
{
    for (size_t i = 0; i < prekeys->count; i++)
        if (prekeys->list[i].id > row)
            return prekeys->list[i].id;
    return 0;
}

/* The next row of a kind, or 0. */
static uint64_t next_row(
    const struct opened *opened, enum record_kind kind, uint64_t row)
{
    if (kind == RECORD_IDENTITY)
        return row == 0 ? 1 : 0;
    if (kind == RECORD_RENEWAL)
        return row == 0 && opened->renewals.prekey_id ? 1 : 0;
    if (kind == RECORD_PREKEY)
        return next_prekey(&opened->prekeys, row);
    if (kind == RECORD_CONTACT)
        return next_in(&opened->contacts.rows, row);
    if (kind == RECORD_GROUP)
        return next_in(&opened->groups.rows, row);
    if (kind == RECORD_GROUP_OP)
        return groups_next_op(&opened->groups, row);
    if (kind == RECORD_GROUP_COPIES)
        return next_in(&opened->copies.rows, row);
    if (kind == RECORD_KEM)
        return next_in(&opened->kems.rows, row);
    if (kind == RECORD_REPLAY)
        return next_in(&opened->replays.rows, row);
    if (kind == RECORD_PARTED)
        return next_in(&opened->parted.rows, row);
    if (kind == RECORD_DECLINED)
        return next_in(&opened->strangers.declined.rows, row);
    if (kind == RECORD_SEEN)
        return next_in(&opened->inbox.seen.rows, row);
    if (kind == RECORD_OUTBOX)
        return next_in(&opened->outbox.letters, row);
    if (kind == RECORD_INBOX)
        return next_in(&opened->inbox.letters, row);
    if (kind == RECORD_ACCORD)
        return next_in(&opened->accords.rows, row);
    if (kind == RECORD_PLACE)
        return next_in(&opened->accords.places, row);
    assert(kind == RECORD_NOTE);
    return next_in(&opened->notebook.notes, row);
}

static bool is_kept_accord(const struct opened *opened, uint64_t row)
{
    const struct backup *backup = opened->backup;
    const struct accord *accord = accords_get(&opened->accords, row);
    return accord && row <= backup->last_accord &&
           accord->contact <= backup->last_contact;
}

static bool is_delivered(
    const struct opened *opened, const struct outbox_letter *letter)
{
    const struct file *file =
        files_find(&opened->files, letter->contact, true, &letter->id);
    return file && file->state == FILE_DELIVERED;
}

/* Whether a row belongs into the backup: it has not burned, and whom it names
 * is there. */
static bool is_kept(const struct opened *opened, const struct step *step,
    enum record_kind kind, uint64_t row)
{
    const struct backup *backup = opened->backup;
    struct inbox_origin origin;
    if (kind == RECORD_CONTACT)
        return row <= backup->last_contact;
    if (kind == RECORD_GROUP)
        return row <= backup->last_group;
    if (kind == RECORD_GROUP_OP)
        return groups_of_op(row) <= backup->last_group;
    if (kind == RECORD_INBOX)
        return inbox_has(&opened->inbox, step, row, &origin) &&
               origin.contact <= backup->last_contact &&
               origin.group <= backup->last_group;
    if (kind == RECORD_NOTE)
        return notebook_has(&opened->notebook, step, row);
    if (kind == RECORD_ACCORD)
        return is_kept_accord(opened, row);
    if (kind == RECORD_PLACE)
        return is_kept_accord(opened, accord_place_accord(row));
    if (kind != RECORD_OUTBOX)
        return true;
    const struct outbox_letter *letter =
        rows_find(&opened->outbox.letters, row);
    uint64_t group = outbox_group_of(letter->contact);
    if (letter->type == LETTER_FILE_PART ||
        (letter_has_file(letter->type) && !is_delivered(opened, letter)))
        return false;
    return group ? group <= backup->last_group
                 : letter->contact <= backup->last_contact;
}

static void choose_rows(struct opened *opened, const struct step *step)
{
    struct backup *backup = opened->backup;
    enum record_kind kind = all_kept[backup->at].kind;
    if (kind == RECORD_CONTACT && backup->last_row == 0)
        backup->last_contact = opened->contacts.rows.next - 1;
    if (kind == RECORD_ACCORD && backup->last_row == 0)
        backup->last_accord = opened->accords.rows.next - 1;
    if (kind == RECORD_GROUP && backup->last_row == 0)
        backup->last_group = opened->groups.rows.next - 1;
    backup->count = 0;
    while (backup->count < BACKUP_FETCH_ROWS) {
        uint64_t row = next_row(opened, kind, backup->last_row);
        if (row == 0)
            return;
        backup->last_row = row;
        if (is_kept(opened, step, kind, row))
            backup->rows[backup->count++] = row;
    }
}

/* Out. */

static void answer_block(struct opened *opened, struct step *step)
{
    struct backup *backup = opened->backup;
    struct archive *archive = &backup->archive;
    bool is_end =
        !backup_has_block(&backup->stream) && backup->at == KEPT_COUNT;
    bool is_first = archive->next == 0;
    backup_take(&backup->stream, backup->plain);
    memcpy(backup->block, backup->header, sizeof(backup->header));
    archive_seal(archive, backup->plain, is_end && archive_may_end(archive),
        backup->block + ARCHIVE_HEADER_BYTES);
    struct span data = {backup->block, sizeof(backup->block)};
    if (!is_first)
        data = (struct span){
            backup->block + ARCHIVE_HEADER_BYTES, ARCHIVE_BLOCK_BYTES};
    char *text = step_alloc(step, 2 * data.size + 1);
    if (!text)
        return;
    hex_encode(data, text);
    step->asker = backup->asker;
    struct control_reply *reply = step_reply(step, CONTROL_PART);
    reply->part.data = (struct span){(const uint8_t *)text, 2 * data.size};
    reply->part.next = archive->is_over ? 0 : archive->next;
    backup->ticket = 0;
    if (archive->is_over)
        vault_backup_end(opened);
}

/* Fetch what comes next, or answer if there is enough of it. */
static void go_on(struct opened *opened, struct step *step)
{
    struct backup *backup = opened->backup;
    while (!backup_has_block(&backup->stream) && backup->at < KEPT_COUNT) {
        choose_rows(opened, step);
        if (backup->count > 0) {
            backup->bodies = false;
            backup->ticket = step_fetch(
                step, all_kept[backup->at].kind, backup->rows, backup->count);
            return;
        }
        backup->at++;
        backup->last_row = 0;
    }
    answer_block(opened, step);
}

/* Make the plain text on the desk, of a record, what goes into the backup. */
static enum status make_item(
    const struct opened *opened, struct step *step, struct backup_item *item)
{
    struct wire_writer writer;
    size_t size;
    if (item->kind == RECORD_OUTBOX) {
        records_begin(step, &writer);
        outbox_write_unsealed(
            rows_find(&opened->outbox.letters, item->row), &writer);
    } else if (item->kind == RECORD_GROUP) {
        records_begin(step, &writer);
        groups_write_chainless(groups_get(&opened->groups, item->row), &writer);
    } else if (item->kind == RECORD_OUTBOX_BODY) {
        enum status status =
            outbox_body_write_unsealed(step, item->plain, &writer);
        if (status)
            return status;
    } else {
        return STATUS_OK;
    }
    enum status status = wire_write_done(&writer, &size);
    assert(status == STATUS_OK);
    item->plain = (struct span){step->desk->plain, size};
    return status;
}

static enum status add_record(
    struct opened *opened, struct step *step, const struct vault_record *record)
{
    struct backup_item item = {.kind = record->kind, .row = record->row};
    item.plain = records_plain(step, record);
    enum status status =
        item.plain.data ? make_item(opened, step, &item) : STATUS_INVALID;
    if (!status)
        backup_add(&opened->backup->stream, &item);
    return status;
}

static void give_up(
    struct opened *opened, struct step *step, enum record_kind kind)
{
    step->asker = opened->backup->asker;
    vault_backup_end(opened);
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "a record of the vault (@) is damaged; a backup "
                             "is whole, so none was made",
            .names = {span_of_text(record_kind_name(kind))}});
}

bool vault_backup_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    struct backup *backup = opened->backup;
    if (!backup || backup->ticket == 0 ||
        backup->ticket != event->fetched.ticket)
        return false;
    const struct kept *kept = &all_kept[backup->at];
    for (size_t i = 0; i < event->fetched.count; i++) {
        const struct vault_record *record = &event->fetched.records[i];
        if (add_record(opened, step, record)) {
            give_up(opened, step, record->kind);
            return true;
        }
    }
    if (kept->body && !backup->bodies) {
        backup->bodies = true;
        backup->ticket =
            step_fetch(step, kept->body, backup->rows, backup->count);
        return true;
    }
    go_on(opened, step);
    return true;
}

/* What is asked. */

static void begin(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    vault_backup_end(opened);
    opened->backup = secret_new(sizeof(*opened->backup));
    if (!opened->backup) {
        step->failed = true;
        return;
    }
    memset(opened->backup, 0, sizeof(*opened->backup));
    struct archive_facts facts = {
        .format = RECORDS_FORMAT, .cost = step->config->cost};
    random_fill(step->random, facts.salt, sizeof(facts.salt));
    archive_header_encode(&facts, opened->backup->header);
    opened->backup->asker = step->asker;
    opened->backup->ticket =
        vault_derive(step, request->passphrase, facts.salt, facts.cost);
}

bool vault_backup_derived(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    struct backup *backup = opened->backup;
    if (!backup || backup->has_key || backup->ticket != event->derived.ticket)
        return false;
    if (event->derived.status) {
        step->asker = backup->asker;
        vault_backup_end(opened);
        keys_refuse_derived(step, event->derived.status);
        return true;
    }
    archive_begin(&backup->archive, backup->header, event->derived.key);
    backup->has_key = true;
    struct wire_writer writer;
    size_t size = 0;
    records_begin(step, &writer);
    backup_blind_write(step->records, &writer);
    enum status status = wire_write_done(&writer, &size);
    assert(status == STATUS_OK);
    (void)status;
    const struct backup_item item = {
        RECORD_BLIND, BACKUP_BLIND_ROW, {step->desk->plain, size}};
    backup_add(&backup->stream, &item);
    go_on(opened, step);
    return true;
}

void vault_ask_backup(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct backup *backup = opened->backup;
    if (request->method == CONTROL_BACKUP) {
        if (keys_passphrase_is_good(step, request->passphrase))
            begin(opened, step, request);
        return;
    }
    if (!backup || backup->ticket || backup->archive.next != request->cursor ||
        backup->asker.client != step->asker.client) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this backup is not under way here: another "
                                 "was begun, or the vault was locked"});
        return;
    }
    backup->asker = step->asker;
    go_on(opened, step);
}
