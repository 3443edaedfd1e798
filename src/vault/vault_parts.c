/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: how a file goes out and comes in.
 *
 * Parts go one after the other, a few at a time, as receipts make room: a part
 * is taken off the disk, posted as a letter, and marked in one step, so that a
 * crash neither loses it nor sends it twice.  None goes before the letter of
 * the file is confirmed, so that whoever refuses a file is spared its bytes,
 * and so is the mesh. */
#include "vault/vault_state.h"

/* Out. */

void vault_tell_file_end(struct opened *opened, struct step *step,
    const struct file *file, enum file_end end)
{
    struct letter letter = {
        .type = LETTER_FILE_DONE, .done = {.file = file->id, .end = end}};
    vault_tell(
        opened, step, contacts_get(&opened->contacts, file->contact), &letter);
}

void vault_send_parts(
    struct opened *opened, struct step *step, uint64_t contact)
{
    const struct contact *whom = contacts_get(&opened->contacts, contact);
    const struct files_errand errand = {.kind = FILES_POST};
    uint64_t rows[LIMIT_FILE_PARTS_FLYING];
    if (whom->changed || whom->blocked)
        return;
    size_t count = files_choose_parts(&opened->files, step, contact, rows);
    if (count && files_fetch(&opened->files, step, &errand, rows, count))
        files_forget_chosen(&opened->files, rows, count);
}

static void post_part(struct opened *opened, struct step *step,
    struct file *file, const struct vault_record *record)
{
    size_t number = files_number_of_part(record->row);
    struct letter letter = {.type = LETTER_FILE_PART,
        .id = file_part_id(file, number),
        .sent_at_s = step->clock_s,
        .expires_h = file->expires_h,
        .part = {.file = file->id, .number = number}};
    const struct contact *contact =
        contacts_get(&opened->contacts, file->contact);
    struct span bytes;
    if (file->state != FILE_SENDING || contact->changed || contact->blocked ||
        file_load_part(step, file, record, &bytes))
        return;
    letter.part.bytes = step_copy(step, bytes); /* the desk is needed */
    enum status status =
        vault_post(opened, step, contact, &letter, file->urgent);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status)
        return; /* on the next hour, or the next receipt */
    file->posted |= UINT64_C(1) << number;
    file_save(step, file);
}

static void post_parts(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    for (size_t i = 0; i < event->fetched.count; i++) {
        const struct vault_record *record = &event->fetched.records[i];
        struct file *file =
            files_get(&opened->files, files_row_of_part(record->row));
        if (!file)
            continue;
        files_forget_chosen(&opened->files, &record->row, 1);
        post_part(opened, step, file, record);
    }
}

/* A letter of a file's, or a part, was confirmed. */
void vault_file_settled(struct opened *opened, struct step *step,
    const struct outbox_letter *letter)
{
    uint64_t contact = letter->contact;
    for (struct file *file = files_next(&opened->files, 0); file;
         file = files_next(&opened->files, file->row)) {
        size_t number;
        if (file->contact != contact || !file->is_sent)
            continue;
        if (file->state == FILE_OFFERED &&
            message_id_equal(&file->id, &letter->id)) {
            file->state = FILE_SENDING;
            file_save(step, file);
        } else if (file->state == FILE_SENDING &&
                   file_part_of_id(file, &letter->id, &number)) {
            file_confirm_part(step, file, number);
        } else {
            continue;
        }
        vault_note_file(opened, step, file);
        vault_send_parts(opened, step, contact);
        return;
    }
}

/* In. */

static void conclude(struct opened *opened, struct step *step,
    struct file *file, const struct vault_event *event)
{
    bool is_right = file_check(step, file, event);
    file->is_checked = false;
    file_end_as(step, file, is_right ? FILE_WHOLE : FILE_DAMAGED);
    vault_owe_file_end(opened, step,
        contacts_get(&opened->contacts, file->contact),
        (struct file_done){
            file->id, is_right ? FILE_END_WHOLE : FILE_END_DAMAGED});
    vault_note_file(opened, step, file);
}

/* All parts may be here: an empty file has none. */
static void check_if_all(
    struct opened *opened, struct step *step, struct file *file)
{
    const struct vault_event nothing = {.kind = VAULT_FETCHED};
    if (file->state != FILE_ARRIVING || !file_has_all(file))
        return;
    if (file->part_count == 0)
        conclude(opened, step, file, &nothing);
    else
        files_begin_check(&opened->files, step, file);
}

/* The receipt of the file's letter, which the parts wait for, goes so much the
 * later: the sender hears first that there are none to send. */
static void refuse(struct opened *opened, struct step *step,
    const struct contact *contact, struct file_done done)
{
    uint64_t wait_ms = vault_owe_file_end(opened, step, contact, done);
    releases_delay(&opened->receipts, step, &step->desk->came, wait_ms);
}

/* What a signed letter is to others: what it says of its file was signed as if
 * it were a text. */
static enum inbox_evidence take_statement(struct opened *opened,
    struct step *step, const struct contact *contact,
    const struct letter *letter)
{
    struct file_statement *statement = step_alloc(step, sizeof(*statement));
    if (!statement || file_statement_of(&letter->file, letter->text, statement))
        return INBOX_UNPROVEN; /* nobody can have signed so much */
    struct letter as_text = *letter;
    as_text.type = LETTER_SIGNED;
    as_text.text = (struct span){statement->bytes, statement->size};
    return vault_take_signed(opened, step, contact, &as_text);
}

/* The letter is shown whatever becomes of its file. */
static void on_file(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct inbox_origin origin = {.contact = contact->row};
    const struct files_sender sender = {
        contact->row, contact_is_introduced(contact)};
    if (!inbox_first_sight(&opened->inbox, step, letter))
        return;
    if (letter->type == LETTER_SIGNED_FILE)
        origin.evidence = sender.is_stranger
                              ? INBOX_UNPROVEN
                              : take_statement(opened, step, contact, letter);
    enum status status =
        files_receive(&opened->files, step, &sender, letter, &origin.end);
    vault_receive(opened, step, &origin, letter);
    if (status) {
        refuse(
            opened, step, contact, (struct file_done){letter->id, origin.end});
        return;
    }
    struct file *file =
        files_find(&opened->files, contact->row, false, &letter->id);
    if (file)
        check_if_all(opened, step, file);
}

/* Nobody sends a part of what was never offered, but somebody who was restored
 * from a backup may get parts of what it no longer knows. */
static void on_unknown(struct opened *opened, struct step *step,
    const struct contact *contact, const struct message_id *id)
{
    struct files *files = &opened->files;
    files->refused.unknown++;
    if (message_id_equal(&files->answered, id))
        return;
    files->answered = *id;
    vault_owe_file_end(
        opened, step, contact, (struct file_done){*id, FILE_END_DROPPED});
}

static void on_part(struct opened *opened, struct step *step,
    const struct contact *contact, const struct file_part *part)
{
    struct file *file =
        files_find(&opened->files, contact->row, false, &part->file);
    if (!file) {
        on_unknown(opened, step, contact, &part->file);
        return;
    }
    if (file->state != FILE_ARRIVING)
        return;
    enum status status = file_take_part(step, file, part);
    opened->files.refused.parts += status == STATUS_REFUSED;
    if (status)
        return;
    vault_note_file(opened, step, file);
    check_if_all(opened, step, file);
}

/* What the reader says of a file that was sent. */
static void on_reader_done(struct opened *opened, struct step *step,
    struct file *file, enum file_end end)
{
    bool is_whole = end == FILE_END_WHOLE;
    if (!file_is_under_way(file) && !(is_whole && file->state == FILE_EXPIRED))
        return;
    if (!is_whole) {
        outbox_call_back_parts(&opened->outbox, step, file->contact, &file->id);
        file->end = end;
    }
    file_end_as(step, file, is_whole ? FILE_DELIVERED : FILE_DECLINED);
    vault_note_file(opened, step, file);
    vault_send_parts(opened, step, file->contact);
}

static void on_done(struct opened *opened, struct step *step,
    const struct contact *contact, const struct file_done *done)
{
    struct file *file =
        files_find(&opened->files, contact->row, true, &done->file);
    if (file) {
        on_reader_done(opened, step, file, done->end);
        return;
    }
    file = files_find(&opened->files, contact->row, false, &done->file);
    if (!file || file->state != FILE_ARRIVING || done->end != FILE_END_DROPPED)
        return;
    file_end_as(step, file, FILE_CANCELLED);
    vault_note_file(opened, step, file);
}

void vault_on_file_letter(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    if (letter_has_file(letter->type))
        on_file(opened, step, contact, letter);
    else if (letter->type == LETTER_FILE_PART)
        on_part(opened, step, contact, &letter->part);
    else
        on_done(opened, step, contact, &letter->done);
}

/* Between. */

bool vault_files_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    struct files_errand errand;
    if (!files_take_errand(&opened->files, event->fetched.ticket, &errand))
        return false;
    struct file *file = files_get(&opened->files, errand.file);
    switch (errand.kind) {
    case FILES_POST:
        post_parts(opened, step, event);
        return true;
    case FILES_CHECK:
        if (file && file->state == FILE_ARRIVING)
            conclude(opened, step, file, event);
        return true;
    case FILES_GET:
        vault_hand_out(opened, step, &errand, event);
        return true;
    }
    return true;
}

void vault_send_all_parts(struct opened *opened, struct step *step)
{
    for (struct file *file = files_next(&opened->files, 0); file;
         file = files_next(&opened->files, file->row))
        if (file->state == FILE_SENDING)
            vault_send_parts(opened, step, file->contact);
}

void vault_files_sweep(struct opened *opened, struct step *step)
{
    struct file *file;
    uint64_t row = 0;
    while ((file = files_expire(&opened->files, step, row))) {
        row = file->row;
        vault_note_file(opened, step, file);
    }
    files_sweep(&opened->files, step);
    for (row = 0; (file = files_next(&opened->files, row)); row = file->row)
        check_if_all(opened, step, file);
    vault_send_all_parts(opened, step);
}
