/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: a backup becomes the vault of a home that has none.
 *
 * Blocks are opened as they come, and their records written under a new master
 * key that is nowhere but here.  Only when the last block has shown that the
 * whole is there does the person's passphrase get a slot that leads to that
 * key; before, there is no vault, and what was written is noise that is erased.
 *
 * A restored vault has no session with anybody, and must not have one: others
 * may have gone on since.  It writes to everybody by a fresh first contact,
 * which both sides are shown, and what was not known to have arrived is sealed
 * and sent again; who has it already knows its id. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

#include <assert.h>
#include <string.h>

/* A restore that is under way.  Guarded. */
struct restore {
    struct asker asker; /* who waits, or asked last */
    bool sets_aside;    /* records that were here without slots */
    uint32_t ticket;    /* of the derivation it waits for; 0: none */
    bool is_erasing;    /* what an earlier one left is being erased */
    bool is_whole;      /* all blocks came and were taken */
    uint8_t master[KEYSLOT_KEY_BYTES];
    uint8_t header[ARCHIVE_HEADER_BYTES];
    struct archive archive;
    struct backup_stream stream;
    uint8_t plain[ARCHIVE_PLAIN_BYTES];
    uint8_t block[ARCHIVE_BLOCK_BYTES];
};

void vault_restore_end(struct vault *vault)
{
    if (!vault->restore)
        return;
    secret_free(vault->restore);
    vault->restore = NULL;
    opened_free(vault->opened);
    vault->opened = NULL;
}

/* Refuse, and erase what was written so far. */
static void give_up(struct vault *vault, struct step *step, struct say why)
{
    step->asker = vault->restore->asker;
    vault_restore_end(vault);
    keys_unmake(&vault->keys, step);
    step_refuse(step, STATUS_REFUSED, why);
}

static void refuse_damaged(struct vault *vault, struct step *step)
{
    give_up(vault, step,
        (struct say){.form = "the backup is damaged: it was changed or cut "
                             "short at block #; nothing was restored",
            .numbers = {vault->restore->archive.next}});
}

/* Records. */

static enum status restore_signature(
    struct opened *opened, struct step *step, const struct backup_item *item)
{
    struct transcript_record made;
    struct vault_record record =
        records_seal(step, item->kind, item->row, item->plain);
    if (!record.blob.size)
        return STATUS_NO_MEMORY;
    enum status status =
        accords_read_body(&opened->accords, step, &record, &made);
    if (!status)
        records_put_sealed(step, &record);
    return status;
}

static enum status restore_body(
    struct opened *opened, struct step *step, const struct backup_item *item)
{
    if (item->kind == RECORD_PLACE_BODY)
        return restore_signature(opened, step, item);
    if (item->kind == RECORD_INBOX_BODY)
        return inbox_restore_body(&opened->inbox, step, item->row, item->plain);
    if (item->kind == RECORD_OUTBOX_BODY)
        return outbox_restore_body(
            &opened->outbox, step, item->row, item->plain);
    return notebook_restore_body(
        &opened->notebook, step, item->row, item->plain);
}

/* Whether a kind of record can be in a backup, and is no body. */
static bool is_kept(enum record_kind kind)
{
    return kind == RECORD_IDENTITY || kind == RECORD_PREKEY ||
           kind == RECORD_CONTACT || kind == RECORD_REPLAY ||
           kind == RECORD_PARTED || kind == RECORD_RENEWAL ||
           kind == RECORD_DECLINED || kind == RECORD_KEM ||
           kind == RECORD_SEEN || kind == RECORD_OUTBOX ||
           kind == RECORD_INBOX || kind == RECORD_NOTE ||
           kind == RECORD_ACCORD || kind == RECORD_PLACE ||
           kind == RECORD_GROUP || kind == RECORD_GROUP_OP ||
           kind == RECORD_GROUP_COPIES || kind == RECORD_BLIND;
}

static bool is_body(enum record_kind kind)
{
    return kind == RECORD_INBOX_BODY || kind == RECORD_OUTBOX_BODY ||
           kind == RECORD_NOTE_BODY || kind == RECORD_PLACE_BODY;
}

/* Load it as if it came from the disk, and have it written: what ends by its
 * room, which knows when. */
static enum status restore_item(
    struct opened *opened, struct step *step, const struct backup_item *item)
{
    if (is_body(item->kind))
        return restore_body(opened, step, item);
    if (!is_kept(item->kind))
        return STATUS_INVALID;
    struct vault_record record =
        records_seal(step, item->kind, item->row, item->plain);
    if (!record.blob.size)
        return STATUS_NO_MEMORY;
    enum status status = vault_load(opened, step, &record);
    if (status)
        return status;
    if (item->kind == RECORD_INBOX)
        inbox_restore(&opened->inbox, step, item->row);
    else if (item->kind == RECORD_NOTE)
        notebook_restore(&opened->notebook, step, item->row);
    else
        records_put_sealed(step, &record);
    return STATUS_OK;
}

/* All whole records of the stream.  STATUS_AGAIN, STATUS_NOT_FOUND as
 * backup_peek. */
static enum status restore_items(struct vault *vault, struct step *step)
{
    struct backup_stream *stream = &vault->restore->stream;
    struct backup_item item;
    enum status status;
    while (!(status = backup_peek(stream, &item))) {
        status = restore_item(vault->opened, step, &item);
        step_check(
            step, status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK);
        if (status)
            return STATUS_INVALID;
        backup_drop(stream, &item);
    }
    return status;
}

/* Blocks. */

static void answer_next(struct vault *vault, struct step *step)
{
    struct restore *restore = vault->restore;
    step->asker = restore->asker;
    step_reply(step, CONTROL_PART)->part.next =
        restore->is_whole ? 0 : restore->archive.next;
}

/* The stream has one block more. */
static void take_block(struct vault *vault, struct step *step)
{
    struct restore *restore = vault->restore;
    backup_feed(&restore->stream, restore->plain);
    secret_wipe(restore->plain, sizeof(restore->plain));
    enum status status = restore_items(vault, step);
    bool is_over = restore->archive.is_over;
    if (status == STATUS_NOT_FOUND) /* zeros */
        restore->stream.size = 0;
    if (status == STATUS_INVALID || (is_over && status != STATUS_NOT_FOUND) ||
        (is_over && vault_find_dangling(vault->opened, step))) {
        give_up(vault, step,
            (struct say){.form = "what is in the backup does not fit "
                                 "together; nothing was restored"});
        return;
    }
    restore->is_whole = is_over;
    answer_next(vault, step);
}

static void open_block(struct vault *vault, struct step *step)
{
    struct restore *restore = vault->restore;
    if (archive_open(&restore->archive, restore->block, restore->plain))
        refuse_damaged(vault, step);
    else
        take_block(vault, step);
}

/* The first block has opened: the passphrase is right. */
static void begin_writing(struct vault *vault, struct step *step)
{
    struct restore *restore = vault->restore;
    random_fill(step->random, restore->master, sizeof(restore->master));
    vault->opened = opened_new(vault, restore->master);
    if (!vault->opened) {
        step->failed = true;
        return;
    }
    vault_enter(step, vault->opened);
    restore->is_erasing = true;
    keys_make_room(&vault->keys, step, restore->sets_aside);
}

bool vault_restore_erased(struct vault *vault, struct step *step)
{
    if (!vault->restore || !vault->restore->is_erasing)
        return false;
    vault->restore->is_erasing = false;
    take_block(vault, step);
    return true;
}

bool vault_restore_derived(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    struct restore *restore = vault->restore;
    if (!restore || restore->ticket == 0 ||
        restore->ticket != event->derived.ticket)
        return false;
    restore->ticket = 0;
    step->asker = restore->asker;
    if (event->derived.status) {
        vault_restore_end(vault);
        keys_refuse_derived(step, event->derived.status);
        return true;
    }
    archive_begin(&restore->archive, restore->header, event->derived.key);
    if (archive_open(&restore->archive, restore->block, restore->plain)) {
        vault_restore_end(vault);
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "wrong passphrase for this backup, or its "
                                 "first block was changed; nothing was "
                                 "restored"});
        return true;
    }
    begin_writing(vault, step);
    return true;
}

/* What is asked. */

static bool read_block(
    struct step *step, struct span data, uint8_t *out, size_t size)
{
    if (data.size == 2 * size &&
        hex_decode((const char *)data.data, out, size) == STATUS_OK)
        return true;
    step_refuse(step, STATUS_INVALID,
        (struct say){.form = "this is no block of a backup"});
    return false;
}

static bool facts_are_good(
    struct step *step, const uint8_t *header, struct archive_facts *facts)
{
    if (archive_header_decode(header, facts)) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "this is no backup of Sotto's"});
        return false;
    }
    if (facts->format <= RECORDS_FORMAT)
        return true;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "a later version of Sotto made this backup "
                             "(format #; this program knows #)",
            .numbers = {facts->format, RECORDS_FORMAT}});
    return false;
}

static void begin(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    enum { BYTES = ARCHIVE_HEADER_BYTES + ARCHIVE_BLOCK_BYTES };
    uint8_t bytes[BYTES];
    struct archive_facts facts;
    if (!keys_passphrase_is_good(step, request->passphrase) ||
        !read_block(step, request->data, bytes, BYTES) ||
        !facts_are_good(step, bytes, &facts))
        return;
    vault_restore_end(vault);
    struct restore *restore = secret_new(sizeof(*restore));
    if (!restore) {
        step->failed = true;
        return;
    }
    memset(restore, 0, sizeof(*restore));
    memcpy(restore->header, bytes, ARCHIVE_HEADER_BYTES);
    memcpy(restore->block, bytes + ARCHIVE_HEADER_BYTES, ARCHIVE_BLOCK_BYTES);
    restore->asker = step->asker;
    restore->sets_aside = request->set_aside;
    restore->ticket =
        vault_derive(step, request->passphrase, facts.salt, facts.cost);
    vault->restore = restore;
}

/* Whether the asker's restore is under way and waits for them. */
static bool is_under_way(const struct vault *vault, struct step *step)
{
    const struct restore *restore = vault->restore;
    if (restore && !restore->ticket && !restore->is_erasing &&
        restore->asker.client == step->asker.client)
        return true;
    step_refuse(step, STATUS_NOT_FOUND,
        (struct say){.form = "no restore is under way that waits for this"});
    return false;
}

static void take_more(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    struct restore *restore = vault->restore;
    if (!is_under_way(vault, step) ||
        !read_block(step, request->data, restore->block, ARCHIVE_BLOCK_BYTES))
        return;
    restore->asker = step->asker;
    open_block(vault, step);
}

static void end(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    vault->restore->asker = step->asker;
    if (vault->restore->is_whole)
        keys_ask_restore(&vault->keys, step, request);
    else
        give_up(vault, step,
            (struct say){.form = "the backup is cut short: its end is missing; "
                                 "nothing was restored"});
}

void vault_ask_restore(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_RESTORE) {
        if (keys_may_make(&vault->keys, step, request))
            begin(vault, step, request);
    } else if (request->method == CONTROL_RESTORE_MORE)
        take_more(vault, step, request);
    else if (is_under_way(vault, step))
        end(vault, step, request);
}

/* The end. */

/* A letter that says nothing, held until there is a session. */
static void hold_welcome(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    size_t size;
    struct outbox_letter *begun;
    enum status status = outbox_begin_welcome(
        &opened->outbox, step, contact->row, &size, &begun);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (!status)
        outbox_hold(&opened->outbox, step, begun, size);
}

/* Begin anew with one contact.  Whatever is held for them goes as soon as there
 * is a session.  False when that cannot be now, since their card has run out:
 * then when a newer one comes. */
static bool contact_anew(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    if (!outbox_holds(&opened->outbox, contact->row))
        hold_welcome(opened, step, contact);
    vault_begin_held(opened, step, contact);
    return sessions_active(&opened->sessions, contact->row) != NULL;
}

/* With everybody.  Cards given out since the backup named prekeys that are
 * gone: those to come must not have their numbers.  How many cannot be written
 * to. */
static uint64_t contact_all(struct opened *opened, struct step *step)
{
    uint64_t unreached = 0;
    prekeys_leap(&opened->prekeys, step);
    for (size_t i = 0; i < opened->contacts.rows.count; i++) {
        const struct contact *contact = rows_at(&opened->contacts.rows, i);
        if (contact->blocked || contact->changed)
            continue;
        unreached += !contact_anew(opened, step, contact) &&
                     !contact_is_introduced(contact);
    }
    return unreached;
}

void vault_restore_finish(struct vault *vault, struct step *step,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES])
{
    struct restore *restore = vault->restore;
    struct opened *opened = vault->opened;
    assert(restore && restore->is_whole);
    keys_write_new(&vault->keys, step, slot_key, restore->master);
    secret_free(restore);
    vault->restore = NULL;
    vault_start(vault, step);
    uint64_t unreached = contact_all(opened, step);
    vault_break_all_evidence(opened, step);
    vault_groups_restored(opened, step);
    struct control_reply *reply = step_reply(step, CONTROL_RESTORED);
    reply->restored.contacts = contacts_count(&opened->contacts);
    reply->restored.letters = opened->inbox.letters.count;
    reply->restored.notes = opened->notebook.notes.count;
    reply->restored.unreached = unreached;
}
