/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_ANSWER_H
#define TESTS_VAULT_ANSWER_H

/* What a vault answers, copied, so that tests can look at it afterwards: the
 * rows of all kinds are one struct, whose members each kind uses as it needs.
 */
#include <string.h>

#include "proto/control.h"
#include "tests/tap.h"

enum { REPLY_ROWS = LIMIT_CONTROL_ROWS };

struct row {
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    char name[LIMIT_NAME_BYTES + 1];
    char text[128];
    char state[16];     /* of a letter; of a contact's session */
    char key_state[16]; /* of a contact */
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    char offered[CONTROL_FINGERPRINT_CHARS + 1];
    bool blocked;
    bool invited; /* of a request */
    enum outbox_state outbox;
    uint64_t stamp_bits;
    uint64_t burns_at_s;
    char evidence[20];
    char receipts[12]; /* of a contact */
    uint64_t number;
    char group[LIMIT_NAME_BYTES + 1]; /* that a letter came through */
    char view[16];
    char called[LIMIT_NAME_BYTES + 1]; /* of a member */
    char by[LIMIT_NAME_BYTES + 1];
    uint64_t copies; /* of a letter under way; of a group, its members */
    uint64_t delivered_to;
    uint64_t read_by;
    char file[64]; /* its name; empty: none */
    char file_state[16];
    char file_reason[16];
    uint64_t file_bytes;
    uint64_t file_done;
    bool is_sent;
};

struct answer {
    bool came;
    enum control_kind kind;
    enum status status;
    char message[600];
    char card[INVITE_TEXT_CHARS + 1];
    char phrase[CONTROL_PHRASE_CHARS + 1];
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    struct row sent;
    uint64_t next;
    size_t count;
    struct row rows[REPLY_ROWS];
    struct control_vault_status status_of;
    struct control_safety safety; /* without its span and its word */
    struct control_restored restored;
    struct control_evidence evidence; /* without its span */
};

/* The last part of a backup that anybody was given: large, so in no answer. */
static char part_data[CONTROL_DATA_CHARS + 1];

static void text_copy(char *out, size_t room, struct span text)
{
    size_t size = text.size < room - 1 ? text.size : room - 1;
    if (size)
        memcpy(out, text.data, size);
    out[size] = 0;
}

/* False when the rows are of another kind. */
static bool group_row(
    struct row *row, const struct control_reply *reply, size_t i)
{
    if (reply->kind == CONTROL_GROUP_ROWS) {
        const struct control_group *group = &reply->groups[i];
        text_copy(row->name, sizeof(row->name), group->name);
        strcpy(row->state, group->state);
        strcpy(row->fingerprint, group->id);
        row->copies = group->members;
        row->invited = group->invited > 0;
    } else if (reply->kind == CONTROL_MEMBER_ROWS) {
        const struct control_member *member = &reply->members[i];
        text_copy(row->name, sizeof(row->name), member->name);
        text_copy(row->called, sizeof(row->called), member->called);
        text_copy(row->by, sizeof(row->by), member->by);
        strcpy(row->state, member->role);
        strcpy(row->key_state, member->state);
        strcpy(row->fingerprint, member->fingerprint);
        row->blocked = member->blocked;
    } else if (reply->kind == CONTROL_COPY_ROWS) {
        const struct control_copy *copy = &reply->copies[i];
        text_copy(row->name, sizeof(row->name), copy->name);
        strcpy(row->state, copy->state);
        strcpy(row->fingerprint, copy->fingerprint);
    } else {
        return false;
    }
    return true;
}

static void file_row(struct row *row, const struct control_file *file)
{
    strcpy(row->id, file->id);
    text_copy(row->name, sizeof(row->name), file->who);
    text_copy(row->file, sizeof(row->file), file->name);
    strcpy(row->file_state, file->state);
    strcpy(row->file_reason, file->reason);
    row->file_bytes = file->bytes;
    row->file_done = file->done;
    row->burns_at_s = file->burns_at_s;
    row->is_sent = strcmp(file->direction, "out") == 0;
}

static void answer_rows(
    struct answer *answer, const struct control_reply *reply)
{
    answer->count = reply->count;
    answer->next = reply->next;
    for (size_t i = 0; i < reply->count; i++) {
        struct row *row = &answer->rows[i];
        if (reply->kind == CONTROL_LETTER_ROWS) {
            const struct control_letter *letter = &reply->letters[i];
            strcpy(row->id, letter->id);
            strcpy(row->state, letter->state);
            text_copy(row->name, sizeof(row->name), letter->from);
            text_copy(row->text, sizeof(row->text), letter->text);
            row->burns_at_s = letter->burns_at_s;
            strcpy(row->evidence, letter->evidence);
            row->number = letter->number;
            strcpy(row->fingerprint, letter->fingerprint);
            text_copy(row->group, sizeof(row->group), letter->group);
            strcpy(row->view, letter->view);
            text_copy(row->file, sizeof(row->file), letter->file);
            strcpy(row->file_state, letter->file_state);
            strcpy(row->file_reason, letter->file_reason);
            row->file_bytes = letter->file_bytes;
            row->file_done = letter->file_done;
        } else if (group_row(row, reply, i)) {
            continue;
        } else if (reply->kind == CONTROL_MEMO_ROWS) {
            const struct control_memo *note = &reply->memos[i];
            strcpy(row->id, note->id);
            text_copy(row->name, sizeof(row->name), note->title);
            text_copy(row->text, sizeof(row->text), note->text);
            row->burns_at_s = note->burns_at_s;
        } else if (reply->kind == CONTROL_OUTBOX_ROWS) {
            const struct control_outbox_item *item = &reply->outbox[i];
            strcpy(row->id, item->id);
            text_copy(row->name, sizeof(row->name), item->to);
            row->outbox = item->state;
            row->stamp_bits = item->stamp_bits;
            strcpy(row->evidence, item->evidence);
            row->copies = item->copies;
            row->delivered_to = item->delivered_to;
            row->read_by = item->read_by;
            text_copy(row->file, sizeof(row->file), item->file);
            row->file_bytes = item->file_bytes;
            row->file_done = item->file_done;
        } else if (reply->kind == CONTROL_INVITE_ROWS) {
            row->number = reply->invites[i].number;
        } else if (reply->kind == CONTROL_FILE_ROWS) {
            file_row(row, &reply->files[i]);
        } else if (reply->kind == CONTROL_REQUEST_ROWS) {
            strcpy(row->fingerprint, reply->strangers[i].fingerprint);
            row->invited = reply->strangers[i].invited;
        } else {
            const struct control_contact *contact = &reply->contacts[i];
            text_copy(row->name, sizeof(row->name), contact->name);
            strcpy(row->state, contact->session);
            strcpy(row->key_state, contact->state);
            strcpy(row->evidence, contact->evidence);
            strcpy(row->receipts, contact->receipts);
            strcpy(row->fingerprint, contact->fingerprint);
            strcpy(row->offered, contact->offered);
            row->blocked = contact->blocked;
        }
    }
}

/* What a reply says, copied. */
static void answer_take(
    struct answer *answer, const struct control_reply *reply)
{
    *answer = (struct answer){.came = true, .kind = reply->kind};
    if (reply->kind == CONTROL_ERROR) {
        answer->status = reply->error.status;
        text_copy(
            answer->message, sizeof(answer->message), reply->error.message);
    } else if (reply->kind == CONTROL_CARD) {
        strcpy(answer->card, reply->card.card);
        strcpy(answer->fingerprint, reply->card.fingerprint);
    } else if (reply->kind == CONTROL_PHRASE) {
        strcpy(answer->phrase, reply->phrase.phrase);
    } else if (reply->kind == CONTROL_PART) {
        need(reply->part.data.size <= CONTROL_DATA_CHARS);
        text_copy(part_data, sizeof(part_data), reply->part.data);
        answer->next = reply->part.next;
    } else if (reply->kind == CONTROL_RESTORED) {
        answer->restored = reply->restored;
    } else if (reply->kind == CONTROL_SENT) {
        strcpy(answer->sent.id, reply->sent.id);
        answer->sent.outbox = reply->sent.state;
        strcpy(answer->sent.evidence, reply->sent.evidence);
    } else if (reply->kind == CONTROL_VAULT_STATUS) {
        answer->status_of = reply->vault;
    } else if (reply->kind == CONTROL_SAFETY) {
        answer->safety = reply->safety;
        answer->safety.name = (struct span){NULL, 0};
        answer->safety.state = NULL;
    } else if (reply->kind == CONTROL_EVIDENCE_STATE) {
        answer->evidence = reply->evidence;
        answer->evidence.name = (struct span){NULL, 0};
    } else if (reply->kind != CONTROL_DONE) {
        answer_rows(answer, reply);
    }
}

#endif
