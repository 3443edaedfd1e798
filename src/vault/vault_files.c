/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what a person asks about files.  This process may open
 * none of theirs: what is sent is handed over piece by piece, and what was
 * received is handed out so, and lies here sealed in between. */
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

/* Telling. */

void vault_describe_attached(struct opened *opened, uint64_t contact,
    const struct message_id *id, struct control_letter *out)
{
    if (out->file.size == 0 || *out->file_reason)
        return;
    const struct file *file = files_find(&opened->files, contact, false, id);
    out->file_state = file ? file_state_word(file) : "gone";
    out->file_done = file ? file_bytes_done(file) : 0;
}

/* A letter with a file stands where its file does. */
void vault_describe_sent_file(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_outbox_item *out)
{
    const struct file *file =
        files_find(&opened->files, letter->contact, true, &letter->id);
    if (!file)
        return;
    out->file = step_copy(step, (struct span){file->name, file->name_size});
    out->file_bytes = file->bytes;
    out->file_done = file_bytes_done(file);
    bool is_read = letter->state == OUTBOX_READ;
    if (file->state == FILE_DELIVERED) {
        out->state = is_read ? OUTBOX_READ : OUTBOX_DELIVERED;
        out->delivered_at_s = file->whole_at_s;
        out->delivered_to = 1;
        out->read_by = is_read;
        return;
    }
    out->delivered_at_s = out->delivered_to = out->read_by = 0;
    if (file->state == FILE_DECLINED)
        out->state = OUTBOX_REFUSED;
    else if (file->state == FILE_CANCELLED)
        out->state = OUTBOX_RECALLED;
    else if (file->state == FILE_EXPIRED)
        out->state = OUTBOX_EXPIRED;
    else if (is_read || letter->state == OUTBOX_DELIVERED)
        out->state = OUTBOX_HANDED;
}

static void describe(struct opened *opened, struct step *step,
    const struct file *file, struct control_file *out)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, file->contact);
    file_describe(step, file, out);
    out->who = step_copy(step, contact_name(contact));
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        out->fingerprint);
}

void vault_note_file(
    struct opened *opened, struct step *step, const struct file *file)
{
    struct control_file described;
    if (!file->is_sent) {
        describe(opened, step, file, &described);
        step_notify(step, CONTROL_NOTE_FILE)->file = described;
        return;
    }
    const struct outbox_letter *letter =
        outbox_find_sent(&opened->outbox, file->contact, &file->id);
    if (letter)
        vault_note_outbox(opened, step, letter);
}

/* Sending. */

static bool name_is_good(struct step *step, struct span name)
{
    if (file_name_is_good(name))
        return true;
    step_refuse(step, STATUS_INVALID,
        (struct say){.form = "a file's name has 1 to # bytes of UTF-8 text, "
                             "no slash, no control characters and nothing that "
                             "reorders text; this one has # bytes",
            .numbers = {LIMIT_FILE_NAME_BYTES, name.size}});
    return false;
}

static bool size_is_good(struct step *step, uint64_t bytes)
{
    if (bytes <= LIMIT_FILE_BYTES)
        return true;
    step_refuse(step, STATUS_TOO_LARGE,
        (struct say){.form = "the file is # bytes; the limit is #: every node "
                             "carries it",
            .numbers = {bytes, LIMIT_FILE_BYTES}});
    return false;
}

static bool has_room(struct opened *opened, struct step *step)
{
    if (files_may_send(&opened->files))
        return true;
    step_refuse(step, STATUS_FULL,
        (struct say){.form = "# files are under way already, which is the "
                             "limit; `sotto file list` shows them",
            .numbers = {LIMIT_FILES_SENT}});
    return false;
}

static bool may_send(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    return vault_contact_is_good(step, contact) && has_room(opened, step);
}

static void make_letter(struct step *step, const struct files_draft *draft,
    uint8_t *parts, struct letter *out)
{
    uint64_t life_h = draft->life_h ? draft->life_h : LIMIT_ENVELOPE_DEFAULT_H;
    *out = (struct letter){
        .type = LETTER_FILE,
        .sent_at_s = step->clock_s,
        .expires_h = step->now_h + (uint32_t)life_h,
        .burn_s = (uint32_t)draft->burn_s,
        .text = {draft->text, draft->text_size},
    };
    random_fill(step->random, out->id.bytes, sizeof(out->id.bytes));
    files_draft_offer(draft, parts, &out->file);
}

/* Sign what the letter says of its file, if letters to that contact are signed;
 * *out is what was signed, as a letter.  False: it cannot be, and that is
 * answered. */
static bool sign(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter, struct letter *out)
{
    const struct accord *accord =
        accords_current(&opened->accords, contact->row);
    struct file_statement *statement = step_alloc(step, sizeof(*statement));
    *out = (struct letter){.type = LETTER_TEXT};
    if (!statement || !accord || accord->stage != ACCORD_HOLDS)
        return true;
    if (file_statement_of(&letter->file, letter->text, statement)) {
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "with what is signed of the file the text is "
                                 "over # bytes; without, it has #",
                .numbers = {LIMIT_TEXT_BYTES, letter->text.size}});
        return false;
    }
    *out = *letter;
    out->text = (struct span){statement->bytes, statement->size};
    if (!vault_sign_text(opened, step, contact, out))
        return false;
    letter->type = LETTER_SIGNED_FILE;
    letter->evidence = out->evidence;
    return true;
}

/* Keep what the letter that is under way has promised. */
static void keep(struct opened *opened, struct step *step,
    const struct files_draft *draft, const struct letter *letter)
{
    struct file *file =
        files_send(&opened->files, step, draft->contact, letter, draft->urgent);
    for (size_t i = 0; file && i < file->part_count; i++)
        if (file_first_like(file, i) == i)
            file_put_part(step, file, i, files_draft_part(draft, i));
}

/* The letter and all parts are stored in this one step. */
static void post(
    struct opened *opened, struct step *step, const struct files_draft *draft)
{
    uint8_t parts[LIMIT_FILE_PARTS * FILE_HASH_BYTES];
    struct letter letter, statement;
    const struct contact *contact =
        rows_find(&opened->contacts.rows, draft->contact);
    if (!contact) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this contact was removed meanwhile"});
        return;
    }
    if (!may_send(opened, step, contact) ||
        !vault_evidence_is(opened, step, contact,
            (struct span){draft->evidence, draft->evidence_size}))
        return;
    make_letter(step, draft, parts, &letter);
    if (!sign(opened, step, contact, &letter, &statement))
        return;
    enum status status =
        vault_post(opened, step, contact, &letter, draft->urgent);
    if (status == STATUS_NO_MEMORY) {
        step_check(step, status);
    } else if (status) {
        vault_refuse_send(step, status, contact);
    } else {
        keep(opened, step, draft, &letter);
        vault_keep_signed(opened, step, contact, &statement);
        vault_answer_sent(step, &letter);
    }
}

static void draft_take(struct files_draft *draft, const struct contact *contact,
    const struct control_request *request)
{
    draft->contact = contact->row;
    draft->life_h = request->life_h;
    draft->burn_s = request->burn_s;
    draft->urgent = request->urgent;
    draft->bytes = (size_t)request->size;
    draft->text_size = request->text.size;
    draft->name_size = request->file.size;
    memcpy(draft->name, request->file.data, request->file.size);
    if (request->text.size)
        memcpy(draft->text, request->text.data, request->text.size);
    draft->evidence_size = request->evidence.size;
    if (request->evidence.size)
        memcpy(draft->evidence, request->evidence.data, request->evidence.size);
}

static void ask_send(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    if (!vault_find_recipient(opened, step, request->name, &contact) ||
        !may_send(opened, step, contact) ||
        !name_is_good(step, request->file) ||
        !size_is_good(step, request->size) ||
        (request->text.size && !vault_text_is_good(step, request->text)) ||
        !vault_times_are_good(step, request) ||
        !vault_evidence_is(opened, step, contact, request->evidence))
        return;
    struct files_draft *draft = files_drafts_begin(&opened->drafts, step);
    if (!draft)
        return;
    draft_take(draft, contact, request);
    if (draft->bytes) {
        step_reply(step, CONTROL_DONE);
        return;
    }
    post(opened, step, draft);
    files_drafts_end(&opened->drafts, draft);
}

static void ask_more(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct files_draft *draft = files_drafts_find(&opened->drafts, step);
    size_t size = request->data.size / 2;
    if (!draft || request->cursor != draft->have) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no file is being handed over here that waits "
                                 "for this: others were begun, or the vault "
                                 "was locked"});
        return;
    }
    if (size == 0 || size > draft->bytes - draft->have ||
        request->data.size % 2 ||
        hex_decode((const char *)request->data.data,
            draft->content + draft->have, size)) {
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "this is no piece of a file of # bytes, of "
                                 "which # have come",
                .numbers = {draft->bytes, draft->have}});
        return;
    }
    draft->have += size;
    if (draft->have < draft->bytes) {
        step_reply(step, CONTROL_DONE);
        return;
    }
    post(opened, step, draft);
    files_drafts_end(&opened->drafts, draft);
}

/* Listing. */

static void answer_file(
    struct opened *opened, struct step *step, const struct file *file)
{
    struct control_file *row = step_alloc(step, sizeof(*row));
    if (!row)
        return;
    describe(opened, step, file, row);
    struct control_reply *reply = step_reply(step, CONTROL_FILE_ROWS);
    reply->files = row;
    reply->count = 1;
}

static void ask_list(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct file *file;
    if (request->letter.size) {
        if (!files_find_prefix(&opened->files, step, request->letter, &file))
            answer_file(opened, step, file);
        return;
    }
    size_t limit = vault_page_rows(request);
    struct control_file *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    uint64_t last = request->cursor;
    while (count < limit && (file = files_next(&opened->files, last))) {
        describe(opened, step, file, &list[count++]);
        last = file->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_FILE_ROWS);
    reply->files = list;
    reply->count = count;
    reply->next = files_next(&opened->files, last) ? last : 0;
}

/* Getting. */

static bool is_whole(struct step *step, const struct file *file)
{
    struct say say = {
        .form = "this file is not whole: # of its # bytes are here",
        .numbers = {file_bytes_done(file), file->bytes}};
    if (file->state == FILE_WHOLE)
        return true;
    if (file->is_sent)
        say.form = "this file was sent, not received";
    else if (file->state == FILE_DAMAGED)
        say.form = "this file came damaged: # of its # bytes were here, and "
                   "did not come to the hash in its letter";
    else if (file_is_dead(file))
        say.form = "this file never became whole: # of its # bytes were here "
                   "when it was cancelled, or expired";
    step_refuse(step, STATUS_REFUSED, say);
    return false;
}

static void answer_part(struct step *step, struct span bytes, uint64_t next)
{
    char *text = step_alloc(step, 2 * bytes.size + 1);
    if (!text)
        return;
    hex_encode(bytes, text);
    struct control_reply *reply = step_reply(step, CONTROL_PART);
    reply->part.data = (struct span){(const uint8_t *)text, 2 * bytes.size};
    reply->part.next = next;
}

static void ask_get(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct file *file;
    if (files_find_prefix(&opened->files, step, request->letter, &file) ||
        !is_whole(step, file))
        return;
    if (file->bytes == 0) {
        answer_part(step, (struct span){NULL, 0}, 0);
        file_mark_read(step, file);
        return;
    }
    if (request->cursor >= file->part_count) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this file has # parts",
                .numbers = {file->part_count}});
        return;
    }
    const struct files_errand errand = {.kind = FILES_GET,
        .file = file->row,
        .number = (size_t)request->cursor,
        .asker = step->asker};
    const uint64_t row =
        file_part_row(file, file_first_like(file, errand.number));
    if (files_fetch(&opened->files, step, &errand, &row, 1))
        step_refuse(step, STATUS_AGAIN,
            (struct say){.form = "many files are being read already; ask "
                                 "again in a moment"});
}

/* Handed out to the last part, it was read. */
void vault_hand_out(struct opened *opened, struct step *step,
    const struct files_errand *errand, const struct vault_event *event)
{
    struct file *file = files_get(&opened->files, errand->file);
    struct span bytes;
    step->asker = errand->asker;
    if (!file || file->state != FILE_WHOLE) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this file is no longer there"});
        return;
    }
    if (event->fetched.count != 1 ||
        file_load_part(step, file, &event->fetched.records[0], &bytes)) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "the record of part # of this file is damaged",
                .numbers = {errand->number + 1}});
        return;
    }
    bool is_last = errand->number + 1 == file->part_count;
    answer_part(step, bytes, is_last ? 0 : errand->number + 1);
    if (is_last)
        file_mark_read(step, file);
}

/* Cancelling. */

static void cancel_sent(
    struct opened *opened, struct step *step, struct file *file)
{
    struct outbox_letter *letter =
        outbox_find_sent(&opened->outbox, file->contact, &file->id);
    bool has_come = file->state == FILE_SENDING;
    if (letter && !has_come)
        outbox_call_back(&opened->outbox, step, letter);
    outbox_call_back_parts(&opened->outbox, step, file->contact, &file->id);
    file_end_as(step, file, FILE_CANCELLED);
    if (has_come)
        vault_tell_file_end(opened, step, file, FILE_END_DROPPED);
    vault_note_file(opened, step, file);
}

bool vault_cancel_sent(
    struct opened *opened, struct step *step, struct file *file)
{
    if (file_is_under_way(file)) {
        cancel_sent(opened, step, file);
        return true;
    }
    if (file->state == FILE_CANCELLED)
        return true;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "this file is @; only one that is under way can "
                             "be cancelled",
            .names = {span_of_text(file_state_word(file))}});
    return false;
}

/* One that was received goes, whole or not, and its sender hears of it as long
 * as they can save themselves the rest. */
static void drop_received(
    struct opened *opened, struct step *step, struct file *file)
{
    if (file_is_under_way(file))
        vault_tell_file_end(opened, step, file, FILE_END_DROPPED);
    file->state = FILE_CANCELLED;
    answer_file(opened, step, file);
    files_forget(&opened->files, step, file->row);
    step_effect(step, VAULT_SCRUB);
}

static void ask_cancel(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct file *file;
    if (files_find_prefix(&opened->files, step, request->letter, &file))
        return;
    if (!file->is_sent)
        drop_received(opened, step, file);
    else if (vault_cancel_sent(opened, step, file))
        answer_file(opened, step, file);
}

void vault_ask_files(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_FILE_SEND)
        ask_send(opened, step, request);
    else if (request->method == CONTROL_FILE_MORE)
        ask_more(opened, step, request);
    else if (request->method == CONTROL_FILE_LIST)
        ask_list(opened, step, request);
    else if (request->method == CONTROL_FILE_GET)
        ask_get(opened, step, request);
    else
        ask_cancel(opened, step, request);
}
