/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: from the disk into memory, as a vault is unlocked.
 *
 * Records come in any order, so rooms only take them in; when the last is
 * there each is started.  One that is damaged stops the unlock: nothing is
 * shown, changed or deleted, since what a person would then see and send could
 * be wrong. */
#include "vault/vault_state.h"

static bool has_recipient(
    const struct opened *opened, const struct outbox_letter *letter)
{
    uint64_t group = outbox_group_of(letter->contact);
    return group ? groups_get(&opened->groups, group) != NULL
                 : rows_find(&opened->contacts.rows, letter->contact) != NULL;
}

static bool has_origin(
    const struct opened *opened, const struct inbox_letter *letter)
{
    return rows_find(&opened->contacts.rows, letter->contact) &&
           (letter->group == 0 || groups_get(&opened->groups, letter->group));
}

static enum record_kind find_dangling_in_groups(
    struct opened *opened, struct step *step)
{
    enum status status = groups_assemble(&opened->groups);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status)
        return RECORD_GROUP_OP;
    for (size_t i = 0; i < opened->chains.rows.count; i++) {
        const struct groups_chain *chain = rows_at(&opened->chains.rows, i);
        if (!groups_get(&opened->groups, chain->group))
            return RECORD_GROUP_KEY;
    }
    return (enum record_kind)0;
}

/* What a record names must be there too. */
enum record_kind vault_find_dangling(struct opened *opened, struct step *step)
{
    const struct rows *contacts = &opened->contacts.rows;
    if (!opened->has_identity)
        return RECORD_IDENTITY;
    enum record_kind dangling = find_dangling_in_groups(opened, step);
    if (dangling)
        return dangling;
    for (size_t i = 0; i < opened->sessions.rows.count; i++) {
        const struct session *session = rows_at(&opened->sessions.rows, i);
        if (!rows_find(contacts, session->contact))
            return RECORD_SESSION;
    }
    for (size_t i = 0; i < opened->outbox.letters.count; i++) {
        const struct outbox_letter *letter =
            rows_at(&opened->outbox.letters, i);
        if (!has_recipient(opened, letter))
            return RECORD_OUTBOX;
    }
    for (size_t i = 0; i < opened->inbox.letters.count; i++) {
        const struct inbox_letter *letter = rows_at(&opened->inbox.letters, i);
        if (!has_origin(opened, letter))
            return RECORD_INBOX;
    }
    for (size_t i = 0; i < opened->accords.rows.count; i++) {
        const struct accord *accord = rows_at(&opened->accords.rows, i);
        if (!rows_find(contacts, accord->contact))
            return RECORD_ACCORD;
    }
    for (size_t i = 0; i < opened->files.rows.count; i++) {
        const struct file *file = rows_at(&opened->files.rows, i);
        if (!rows_find(contacts, file->contact))
            return RECORD_FILE;
    }
    if (!accords_are_whole(&opened->accords))
        return RECORD_PLACE;
    return (enum record_kind)0;
}

enum status vault_load(
    struct opened *opened, struct step *step, const struct vault_record *record)
{
    switch (record->kind) {
    case RECORD_IDENTITY:
        opened->has_identity = true;
        return keys_load_identity(step, record, &opened->identity);
    case RECORD_PREKEY:
        return prekeys_load(&opened->prekeys, step, record);
    case RECORD_CONTACT:
        return contacts_load(&opened->contacts, step, record);
    case RECORD_SESSION:
        return sessions_load(&opened->sessions, step, record);
    case RECORD_SKIPPED:
        return sessions_load_skipped(step, record, opened->tags);
    case RECORD_OUTBOX:
        return outbox_load(&opened->outbox, step, record);
    case RECORD_INBOX:
        return inbox_load(&opened->inbox, step, record);
    case RECORD_RELEASE:
        return releases_load(&opened->receipts, step, record);
    case RECORD_REQUEST:
        return strangers_load(&opened->strangers, step, record);
    case RECORD_INVITE:
        return invites_load(&opened->invites, step, record);
    case RECORD_REPLAY:
        return marks_load(&opened->replays, step, record);
    case RECORD_PARTED:
        return marks_load(&opened->parted, step, record);
    case RECORD_KEM:
        return kems_load(&opened->kems, step, record);
    case RECORD_RENEWAL:
        return renewals_load(&opened->renewals, step, record);
    case RECORD_DECLINED:
        return marks_load(&opened->strangers.declined, step, record);
    case RECORD_SEEN:
        return marks_load(&opened->inbox.seen, step, record);
    case RECORD_BLIND:
        return backup_blind_load(step, record, &opened->records);
    case RECORD_NOTE:
        return notebook_load(&opened->notebook, step, record);
    case RECORD_ACCORD:
        return accords_load(&opened->accords, step, record);
    case RECORD_PLACE:
        return accords_load_place(&opened->accords, step, record);
    case RECORD_GROUP:
        return groups_load(&opened->groups, step, record);
    case RECORD_GROUP_OP:
        return groups_load_op(&opened->groups, step, record);
    case RECORD_GROUP_KEY:
        return groups_chains_load(&opened->chains, step, record);
    case RECORD_GROUP_SKIPPED:
        return groups_chains_load_skipped(step, record, opened->tags);
    case RECORD_GROUP_COPIES:
        return groups_copies_load(&opened->copies, step, record);
    case RECORD_OWED:
        return owed_load(&opened->owed, step, record);
    case RECORD_FILE:
        return files_load(&opened->files, step, record);
    case RECORD_FILE_PART:
    case RECORD_OUTBOX_BODY:
    case RECORD_INBOX_BODY:
    case RECORD_NOTE_BODY:
    case RECORD_PLACE_BODY:
    case RECORD_TRIES:
    case RECORD_FORMAT:
    case RECORD_RING:
        return STATUS_OK; /* fetched when wanted */
    }
    return STATUS_INVALID;
}

/* What is still coming in is ignored up to the last. */
static void stop_opening(struct vault *vault, bool done)
{
    opened_free(vault->opened);
    vault->opened = NULL;
    vault->keys.work = done ? KEYS_IDLE : KEYS_DRAINING;
}

static void give_up(
    struct vault *vault, struct step *step, enum record_kind kind, bool done)
{
    stop_opening(vault, done);
    if (!vault->keys.has_records)
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "the passphrase opens the key slots, but "
                                 "their database (vault.db) is missing or "
                                 "empty: stop the node, put it back beside "
                                 "`slots` from a copy, and start again"});
    else
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "a record of the vault (@) is damaged or "
                                 "missing; it stays locked, and nothing was "
                                 "changed or deleted: put back a copy of "
                                 "vault.db, or restore a backup with another "
                                 "--home",
                .names = {span_of_text(record_kind_name(kind))}});
}

/* Whether what was fetched before the records is still wanted: the vault may
 * have been locked meanwhile. */
static bool is_wanted(struct vault *vault)
{
    if (vault->keys.work == KEYS_DRAINING)
        vault->keys.work = KEYS_IDLE;
    return vault->keys.work == KEYS_LOADING;
}

static void refuse_later(
    struct vault *vault, struct step *step, uint64_t format)
{
    stop_opening(vault, true);
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "a later version of Sotto wrote this vault "
                             "(format #; this program knows #); it stays "
                             "locked, and nothing was changed",
            .numbers = {format, RECORDS_FORMAT}});
}

void vault_format_fetched(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    vault->format_ticket = 0;
    if (!is_wanted(vault))
        return;
    step->asker = vault->keys.asker;
    uint64_t *format = &vault->opened->format;
    enum status status = records_take_format(step, event, format);
    if (status == STATUS_REFUSED)
        refuse_later(vault, step, *format);
    else if (status)
        give_up(vault, step, RECORD_FORMAT, true);
    else
        vault->ring_ticket = records_fetch_ring(step);
}

void vault_ring_fetched(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    vault->ring_ticket = 0;
    if (!is_wanted(vault))
        return;
    step->asker = vault->keys.asker;
    if (records_take_ring(step, event))
        give_up(vault, step, RECORD_RING, true);
    else
        step_effect(step, VAULT_LOAD);
}

void vault_loaded(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    struct keys *keys = &vault->keys;
    bool done = event->loaded.done;
    if (keys->work == KEYS_DRAINING && done)
        keys->work = KEYS_IDLE;
    if (keys->work != KEYS_LOADING)
        return;
    step->asker = keys->asker;
    const struct vault_record *record = &event->loaded.record;
    if (record->kind) {
        enum status status = vault_load(vault->opened, step, record);
        step_check(
            step, status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK);
        if (status) {
            give_up(vault, step, record->kind, done);
            return;
        }
    }
    if (!done)
        return;
    enum record_kind dangling = vault_find_dangling(vault->opened, step);
    if (dangling) {
        give_up(vault, step, dangling, true);
        return;
    }
    vault_start(vault, step);
    step_reply(step, CONTROL_DONE);
}
