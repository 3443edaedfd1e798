/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what a person asks for, and the answer.  A refusal says
 * what was wrong, with the numbers, and what would be right. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "proto/wire.h"
#include "vault/vault_state.h"

void vault_answer_card(struct opened *opened, struct step *step)
{
    struct card card;
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &card);
    struct control_reply *reply = step_reply(step, CONTROL_CARD);
    card_to_text(&card, reply->card.card);
    reply->card.expires_at_s = (card.prekey_expires_h + UINT64_C(1)) * HOUR_S;
    hex_encode((struct span){opened->fingerprint.bytes,
                   sizeof(opened->fingerprint.bytes)},
        reply->card.fingerprint);
}

static void ask_id(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    prekeys_renew(&opened->prekeys, step, PREKEY_FRESH_H);
    if (request->invite)
        vault_answer_invite(opened, step);
    else
        vault_answer_card(opened, step);
}

size_t vault_page_rows(const struct control_request *request)
{
    if (request->limit == 0 || request->limit > LIMIT_CONTROL_ROWS)
        return LIMIT_CONTROL_ROWS;
    return (size_t)request->limit;
}

/* Sending. */

bool vault_contact_is_good(struct step *step, const struct contact *contact)
{
    if (contact->changed)
        return contact_refuse_changed(step, contact) == STATUS_OK;
    if (!contact->blocked)
        return true;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "@ is blocked; `sotto unblock @` ends that",
            .names = {contact_name(contact), contact_name(contact)}});
    return false;
}

bool vault_text_is_good(struct step *step, struct span text)
{
    if (text.size > LIMIT_TEXT_BYTES)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "the text is # bytes; the limit is #",
                .numbers = {text.size, LIMIT_TEXT_BYTES}});
    else if (text.size == 0)
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "the text is empty; a letter has 1 to # bytes",
                .numbers = {LIMIT_TEXT_BYTES}});
    else if (!wire_is_utf8(text))
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "the text is not UTF-8, or has a zero byte"});
    else
        return true;
    return false;
}

bool vault_times_are_good(
    struct step *step, const struct control_request *request)
{
    if (request->life_h > LIMIT_ENVELOPE_LIFE_H)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "a letter can be under way for # hours at "
                                 "most; this one asks for #",
                .numbers = {LIMIT_ENVELOPE_LIFE_H, request->life_h}});
    else if (request->burn_s > LIMIT_BURN_S)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "a burn timer is # seconds at most; this one "
                                 "asks for #",
                .numbers = {LIMIT_BURN_S, request->burn_s}});
    else
        return true;
    return false;
}

void vault_refuse_send(
    struct step *step, enum status status, const struct contact *contact)
{
    struct say say = {.form = "the letter could not be sealed",
        .names = {contact_name(contact)}};
    if (status == STATUS_EXPIRED)
        say.form = "the card of @ has run out, and no newer one of theirs has "
                   "come yet; wait for it, or ask for a fresh one and add it "
                   "under the same name";
    else if (status == STATUS_REFUSED)
        say.form = "the card of @ holds a key that must not be used";
    else if (status == STATUS_FULL)
        say = (struct say){.form = "the outbox is full, or too many sessions "
                                   "are open; the limit is # letters under way",
            .numbers = {LIMIT_OUTBOX_LETTERS}};
    step_refuse(step, status, say);
}

void vault_make_text(struct step *step, const struct control_request *request,
    struct letter *out)
{
    uint64_t life_h =
        request->life_h ? request->life_h : LIMIT_ENVELOPE_DEFAULT_H;
    *out = (struct letter){
        .type = LETTER_TEXT,
        .sent_at_s = step->clock_s,
        .expires_h = step->now_h + (uint32_t)life_h,
        .burn_s = (uint32_t)request->burn_s,
        .text = request->text,
    };
    random_fill(step->random, out->id.bytes, sizeof(out->id.bytes));
}

void vault_answer_sent(struct step *step, const struct letter *letter)
{
    struct control_reply *reply = step_reply(step, CONTROL_SENT);
    hex_encode((struct span){letter->id.bytes, sizeof(letter->id.bytes)},
        reply->sent.id);
    reply->sent.state = OUTBOX_QUEUED;
    reply->sent.evidence =
        letter_is_signed(letter->type) ? "evidential" : "deniable";
}

/* A contact that a word could mean, or NULL. */
static const struct contact *any_meant(
    const struct opened *opened, struct span word)
{
    const struct contact *contact = NULL;
    uint64_t row = 0;
    while ((contact = contacts_next(&opened->contacts, row)) &&
           !contact_is_meant(contact, word))
        row = contact->row;
    return contact;
}

bool vault_find_recipient(struct opened *opened, struct step *step,
    struct span word, const struct contact **out)
{
    struct vault_group *group, *other;
    if (any_meant(opened, word) ||
        groups_mean(&opened->groups, word, &group, &other) != STATUS_OK)
        return contacts_find(&opened->contacts, step, word, out) == STATUS_OK;
    step_refuse(step, STATUS_NOT_FOUND,
        (struct say){.form = "@ is a group, and no contact: `sotto group "
                             "send` writes a text to it",
            .names = {groups_name(group)}});
    return false;
}

static void ask_send(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    struct letter letter;
    if (!vault_find_recipient(opened, step, request->name, &contact) ||
        !vault_contact_is_good(step, contact) ||
        !vault_text_is_good(step, request->text) ||
        !vault_times_are_good(step, request) ||
        !vault_evidence_is(opened, step, contact, request->evidence))
        return;
    vault_make_text(step, request, &letter);
    if (!vault_sign_text(opened, step, contact, &letter))
        return;
    enum status status =
        vault_post(opened, step, contact, &letter, request->urgent);
    if (status == STATUS_NO_MEMORY) {
        step_check(step, status);
        return;
    }
    if (status) {
        vault_refuse_send(step, status, contact);
        return;
    }
    vault_keep_signed(opened, step, contact, &letter);
    vault_answer_sent(step, &letter);
}

static void ask_outbox(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->letter.size) {
        vault_ask_copies(opened, step, request->letter);
        return;
    }
    size_t limit = vault_page_rows(request);
    struct control_outbox_item *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    uint64_t last = request->cursor;
    const struct outbox_letter *letter;
    while (count < limit && (letter = outbox_next(&opened->outbox, last))) {
        vault_describe_outbox(opened, step, letter, &list[count++]);
        last = letter->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_OUTBOX_ROWS);
    reply->outbox = list;
    reply->count = count;
    reply->next = outbox_next(&opened->outbox, last) ? last : 0;
}

static void ask_recall(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct outbox_letter *letter;
    struct outbox_letter *found;
    if (outbox_find(&opened->outbox, step, request->letter, &found))
        return;
    struct file *file =
        letter_has_file(found->type)
            ? files_find(&opened->files, found->contact, true, &found->id)
            : NULL;
    if (file) {
        if (vault_cancel_sent(opened, step, file))
            outbox_answer_recalled(step, found);
        return;
    }
    letter = outbox_recall(&opened->outbox, step, request->letter);
    if (letter)
        vault_note_outbox(opened, step, letter);
}

/* Reading. */

/* A contact, or a group, and not both. */
static bool find_origin(struct opened *opened, struct step *step,
    struct span word, struct inbox_origin *out)
{
    struct vault_group *group, *other;
    const struct contact *contact = any_meant(opened, word);
    if (groups_mean(&opened->groups, word, &group, &other) ==
        STATUS_NOT_FOUND) {
        bool found =
            contacts_find(&opened->contacts, step, word, &contact) == STATUS_OK;
        out->contact = found ? contact->row : 0;
        return found;
    }
    if (contact) {
        step_refuse(step, STATUS_AMBIGUOUS,
            (struct say){.form = "@ is a contact (@), and there is a group "
                                 "like that, too; use the beginning of the "
                                 "fingerprint, or of the group's id",
                .names = {word,
                    contact_say_fingerprint(step, &contact->fingerprint)}});
        return false;
    }
    if (groups_find(&opened->groups, step, word, &group))
        return false;
    out->group = group->row;
    return true;
}

static void ask_read(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct inbox_origin origin = {.contact = 0};
    if (request->name.size &&
        !find_origin(opened, step, request->name, &origin))
        return;
    inbox_read(&opened->inbox, step, &origin, request);
}

void vault_answer_page(
    struct opened *opened, struct step *step, const struct inbox_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct inbox_origin origin = {
            .contact = page->shown[i].contact, .group = page->shown[i].group};
        const struct message_id *id = &page->shown[i].id;
        vault_describe_origin(opened, step, &origin, &page->letters[i]);
        vault_describe_attached(opened, origin.contact, id, &page->letters[i]);
        struct file *file =
            page->shown[i].newly && !origin.group
                ? files_find(&opened->files, origin.contact, false, id)
                : NULL;
        if (file)
            file_mark_read(step, file);
    }
    step->asker = page->asker;
    struct control_reply *reply = step_reply(step, CONTROL_LETTER_ROWS);
    reply->letters = page->letters;
    reply->count = page->count;
    reply->next = page->next;
    if (step->config->read_receipts)
        vault_read_receipts(opened, step, page);
}

/* Notes. */

static void ask_memo(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_MEMO_LIST)
        notebook_ask_list(&opened->notebook, step, request);
    else if (request->method == CONTROL_MEMO_READ)
        notebook_ask_read(&opened->notebook, step, request);
    else if (request->method == CONTROL_MEMO_REMOVE)
        notebook_ask_remove(&opened->notebook, step, request);
    else if (vault_text_is_good(step, request->text) &&
             vault_times_are_good(step, request))
        notebook_ask_add(&opened->notebook, step, request);
}

/* All. */

/* Who answers what, once the vault is open. */
static void (*const asks[CONTROL_METHOD_COUNT])(struct opened *opened,
    struct step *step, const struct control_request *request) = {
    [CONTROL_ID] = ask_id,
    [CONTROL_INVITES] = vault_ask_invites,
    [CONTROL_INVITE_VOID] = vault_ask_invites,
    [CONTROL_ADD] = vault_ask_people,
    [CONTROL_CONTACTS] = vault_ask_people,
    [CONTROL_VERIFY] = vault_ask_people,
    [CONTROL_RENAME] = vault_ask_people,
    [CONTROL_RECEIPTS] = vault_ask_people,
    [CONTROL_BLOCK] = vault_ask_people,
    [CONTROL_UNBLOCK] = vault_ask_people,
    [CONTROL_REMOVE] = vault_ask_people,
    [CONTROL_REQUESTS] = vault_ask_people,
    [CONTROL_ACCEPT] = vault_ask_people,
    [CONTROL_DECLINE] = vault_ask_people,
    [CONTROL_SEND] = ask_send,
    [CONTROL_READ] = ask_read,
    [CONTROL_OUTBOX] = ask_outbox,
    [CONTROL_RECALL] = ask_recall,
    [CONTROL_EVIDENCE] = vault_ask_evidence,
    [CONTROL_EVIDENCE_ON] = vault_ask_evidence,
    [CONTROL_EVIDENCE_OFF] = vault_ask_evidence,
    [CONTROL_EVIDENCE_FORGET] = vault_ask_evidence,
    [CONTROL_EXPORT] = vault_ask_transcript,
    [CONTROL_EXPORT_MORE] = vault_ask_transcript,
    [CONTROL_MEMO_ADD] = ask_memo,
    [CONTROL_MEMO_LIST] = ask_memo,
    [CONTROL_MEMO_READ] = ask_memo,
    [CONTROL_MEMO_REMOVE] = ask_memo,
    [CONTROL_BACKUP] = vault_ask_backup,
    [CONTROL_BACKUP_MORE] = vault_ask_backup,
    [CONTROL_GROUP_NEW] = vault_ask_groups,
    [CONTROL_GROUP_ADD] = vault_ask_groups,
    [CONTROL_GROUP_REMOVE] = vault_ask_groups,
    [CONTROL_GROUP_LEAVE] = vault_ask_groups,
    [CONTROL_GROUP_FORGET] = vault_ask_groups,
    [CONTROL_GROUP_LIST] = vault_ask_groups,
    [CONTROL_GROUP_MEMBERS] = vault_ask_groups,
    [CONTROL_GROUP_SEND] = vault_ask_groups,
    [CONTROL_FILE_SEND] = vault_ask_files,
    [CONTROL_FILE_MORE] = vault_ask_files,
    [CONTROL_FILE_LIST] = vault_ask_files,
    [CONTROL_FILE_GET] = vault_ask_files,
    [CONTROL_FILE_CANCEL] = vault_ask_files,
};

static void ask_opened(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (asks[request->method])
        asks[request->method](opened, step, request);
    else
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "the vault does not answer this; the relay "
                                 "does"});
}

void vault_refuse_closed(const struct vault *vault, struct step *step)
{
    if (keys_open_nothing(&vault->keys))
        keys_refuse_closed(&vault->keys, step);
    else
        step_refuse(step, STATUS_LOCKED,
            (struct say){.form = "the vault is locked; `sotto unlock` opens "
                                 "it"});
}

/* A program that looks how the vault is, or listens, is no person at work. */
static bool is_use(const struct control_request *request)
{
    return request->method != CONTROL_STATUS &&
           request->method != CONTROL_SUBSCRIBE;
}

void vault_request(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    if (vault->opened && is_use(request))
        vault->opened->used_ms = step->now_ms;
    if (request->method == CONTROL_STATUS)
        vault_describe(vault, &step_reply(step, CONTROL_VAULT_STATUS)->vault);
    else if (request->method == CONTROL_SUBSCRIBE) {
        step_effect(step, VAULT_SUBSCRIBE)->client = step->asker.client;
        step_reply(step, CONTROL_DONE);
    } else if (request->method == CONTROL_RESTORE ||
               request->method == CONTROL_RESTORE_MORE ||
               request->method == CONTROL_RESTORE_END) {
        vault_ask_restore(vault, step, request);
    } else if (vault_request_keys(vault, step, request))
        return;
    else if (vault->keys.state != VAULT_UNLOCKED)
        vault_refuse_closed(vault, step);
    else
        ask_opened(vault->opened, step, request);
}
