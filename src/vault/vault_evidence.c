/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: letters that are evidence, by consent of both people.
 *
 * Nothing here switches by itself: to evidential only when both have said so,
 * to deniable when either has, or when either no longer knows what was agreed;
 * and each change is told.  A signature is made in one place, for a letter of
 * a conversation that holds, and kept in the step that sends it, so that no
 * place in a chain is ever signed twice.
 *
 * Whoever was restored from a backup may have signed more than it knows; so
 * it never goes on with a conversation, and says that there is none. */
#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

/* Telling. */

struct change {
    const char *word;
    bool by_them;
};

static void count_signed(const struct accords *accords, uint64_t contact,
    struct control_evidence *out)
{
    for (size_t i = 0; i < accords->rows.count; i++) {
        const struct accord *accord = rows_at(&accords->rows, i);
        if (accord->contact != contact)
            continue;
        struct accord_count theirs = accord_count(accords, accord, false);
        out->written += accord_count(accords, accord, true).letters;
        out->received += theirs.letters;
        out->missing += theirs.missing;
    }
}

static void describe(struct opened *opened, struct step *step,
    const struct contact *contact, struct change change,
    struct control_evidence *out)
{
    const struct accords *accords = &opened->accords;
    const struct accord *current = accords_current(accords, contact->row);
    *out = (struct control_evidence){
        .name = step_copy(step, contact_name(contact)),
        .state = accords_word(accords, contact->row),
        .change = change.word,
        .by_them = change.by_them,
        .since_s = current ? current->began_s : 0,
    };
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        out->fingerprint);
    if (current && current->stage == ACCORD_HOLDS)
        hex_encode((struct span){current->id.bytes, sizeof(current->id.bytes)},
            out->conversation);
    count_signed(accords, contact->row, out);
}

static void note(struct opened *opened, struct step *step,
    const struct contact *contact, struct change change)
{
    struct control_evidence described;
    describe(opened, step, contact, change, &described);
    step_notify(step, CONTROL_NOTE_ACCORD)->evidence = described;
}

/* Answer who has asked for it, and tell all others. */
static void answer(struct opened *opened, struct step *step,
    const struct contact *contact, const char *change)
{
    struct control_evidence described;
    describe(opened, step, contact, (struct change){change, false}, &described);
    step_reply(step, CONTROL_EVIDENCE_STATE)->evidence = described;
    if (strcmp(change, "none") != 0)
        step_notify(step, CONTROL_NOTE_ACCORD)->evidence = described;
}

/* Letters of our own. */

static void letter_begin(struct step *step, struct letter *letter)
{
    random_fill(step->random, letter->id.bytes, sizeof(letter->id.bytes));
    letter->sent_at_s = step->clock_s;
    letter->expires_h = step->now_h + LIMIT_ENVELOPE_LIFE_H;
}

static enum status post(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter)
{
    letter_begin(step, letter);
    return vault_post(opened, step, contact, letter, false);
}

/* There is no such conversation here. */
static void tell_none(struct opened *opened, struct step *step,
    const struct contact *contact, const struct evidence_id *id)
{
    struct letter letter = {.type = LETTER_NONE};
    memcpy(letter.evidence.conversation.bytes, id->bytes, EVIDENCE_HALF_BYTES);
    vault_post_quietly(opened, step, contact, &letter);
}

/* End our chain; and the conversation, whatever comes of that. */
static void end_ours(struct opened *opened, struct step *step,
    const struct contact *contact, struct accord *accord)
{
    struct letter letter = {.type = LETTER_END};
    letter_begin(step, &letter);
    enum status status =
        accords_sign(&opened->accords, accord, &opened->identity, &letter);
    if (!status && !contact->changed && !contact->blocked)
        status = vault_post(opened, step, contact, &letter, false);
    else if (!status)
        status = STATUS_REFUSED;
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (!status)
        accords_keep(
            &opened->accords, step, accord, &opened->fingerprint, &letter);
    else
        tell_none(opened, step, contact, &accord->id);
    accord_end(step, accord, status != STATUS_OK);
}

/* Sending. */

bool vault_sign_text(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter)
{
    const struct accord *accord =
        accords_current(&opened->accords, contact->row);
    if (!accord || accord->stage != ACCORD_HOLDS)
        return true;
    letter->type = LETTER_SIGNED;
    if (!accords_sign(&opened->accords, accord, &opened->identity, letter))
        return true;
    step_refuse(step, STATUS_FULL,
        (struct say){.form = "no more signed letters are kept: one "
                             "conversation has # of each side at most, and "
                             "all together #; `sotto evidential @ off` ends "
                             "this one",
            .numbers = {LIMIT_EVIDENCE_CHAIN, LIMIT_EVIDENCE_LETTERS},
            .names = {contact_name(contact)}});
    return false;
}

void vault_keep_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    if (letter->type == LETTER_SIGNED)
        accords_keep(&opened->accords, step,
            accords_current(&opened->accords, contact->row),
            &opened->fingerprint, letter);
}

/* What it was signed under says that it is for another key: who has the new one
 * could take it for nothing but a signature that does not hold. */
static bool is_for_another(const struct opened *opened,
    const struct contact *contact, const struct evidence_id *conversation)
{
    const struct accord *accord =
        accords_find(&opened->accords, contact->row, conversation);
    struct fingerprint who;
    if (!accord)
        return true;
    identity_fingerprint(accord->party.sign_key, accord->party.agree_key, &who);
    return !fingerprint_equal(&who, &contact->fingerprint);
}

bool vault_unsign(struct opened *opened, struct step *step,
    struct outbox_letter *letter, size_t *size)
{
    struct letter content;
    uint8_t *copy = step->desk->plain;
    if (!letter_is_signed(letter->type))
        return false;
    memcpy(copy, step->desk->letter, *size);
    enum status status = letter_decode((struct span){copy, *size}, &content);
    bool is_other =
        !status &&
        is_for_another(opened, contacts_get(&opened->contacts, letter->contact),
            &content.evidence.conversation);
    if (is_other) {
        content.type = letter->type =
            letter_has_file(letter->type) ? LETTER_FILE : LETTER_TEXT;
        status = letter_encode(
            &content, step->desk->letter, sizeof(step->desk->letter), size);
        assert(status == STATUS_OK); /* it was longer */
    }
    secret_wipe(copy, DESK_PLAIN_BYTES);
    return is_other;
}

/* What a person asks. */

bool vault_evidence_is(struct opened *opened, struct step *step,
    const struct contact *contact, struct span asked)
{
    static const char signed_word[] = "evidential", plain_word[] = "deniable";
    const char *word = accords_word(&opened->accords, contact->row);
    bool are_signed = strcmp(word, signed_word) == 0;
    struct say say = {.names = {contact_name(contact), contact_name(contact)}};
    if (asked.size == 0)
        return true;
    if (span_equal(asked, span_of_text(are_signed ? signed_word : plain_word)))
        return true;
    if (span_equal(asked, span_of_text(plain_word)))
        say.form = "letters to @ are evidential, and this one must not be; "
                   "nothing was sent (`sotto evidential @ off` ends it)";
    else if (span_equal(asked, span_of_text(signed_word)))
        say.form = "letters to @ are deniable, and this one must not be; "
                   "nothing was sent (`sotto evidential @ on` proposes it, and "
                   "both must agree)";
    else
        say.form = "a letter is evidential or deniable";
    step_refuse(step, STATUS_REFUSED, say);
    return false;
}

static void ask_forget(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    const struct accord *current =
        accords_current(&opened->accords, contact->row);
    if (current && current->stage == ACCORD_HOLDS)
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "letters to @ are evidential, and what is "
                                 "signed is needed for the next; `sotto "
                                 "evidential @ off` comes first",
                .names = {contact_name(contact), contact_name(contact)}});
    else if (!accords_forget_over(&opened->accords, step, contact->row))
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form =
                             "nothing was signed with @, or it is forgotten "
                             "already",
                .names = {contact_name(contact)}});
    else
        answer(opened, step, contact, "forgotten");
}

static enum status accept(struct opened *opened, struct step *step,
    const struct contact *contact, struct accord *accord)
{
    struct letter letter = {.type = LETTER_ACCEPT};
    struct evidence_id *id = &letter.evidence.conversation;
    *id = accord->id;
    random_fill(
        step->random, id->bytes + EVIDENCE_HALF_BYTES, EVIDENCE_HALF_BYTES);
    enum status status = post(opened, step, contact, &letter);
    if (!status)
        accord_agree(step, accord, id, &contact->card, accord->theirs_s);
    return status;
}

static enum status propose(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct accord proposal = {
        .contact = contact->row, .stage = ACCORD_OFFERED, .is_ours = true};
    struct letter letter = {.type = LETTER_PROPOSE};
    struct accord *made;
    random_fill(step->random, proposal.id.bytes, EVIDENCE_HALF_BYTES);
    letter.evidence.conversation = proposal.id;
    enum status status = post(opened, step, contact, &letter);
    if (!status)
        status = accords_propose(&opened->accords, step, &proposal, &made);
    return status;
}

static bool has_room(const struct opened *opened, struct step *step)
{
    const struct rows *rows = &opened->accords.rows;
    if (rows->count < rows->maximum)
        return true;
    step_refuse(step, STATUS_FULL,
        (struct say){.form = "there are # evidential conversations, also those "
                             "that are over; the limit is #; `sotto "
                             "transcript forget` makes room",
            .numbers = {rows->count, rows->maximum}});
    return false;
}

static void ask_on(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct accord *current = accords_current(&opened->accords, contact->row);
    enum status status;
    if (current && current->stage != ACCORD_ASKED) {
        answer(opened, step, contact, "none");
        return;
    }
    if (!current && !has_room(opened, step))
        return;
    status = current ? accept(opened, step, contact, current)
                     : propose(opened, step, contact);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    else if (status)
        vault_refuse_send(step, status, contact);
    else
        answer(opened, step, contact, current ? "accepted" : "proposed");
}

static void ask_off(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct accord *current = accords_current(&opened->accords, contact->row);
    const char *change = "none";
    if (current && current->stage == ACCORD_HOLDS) {
        end_ours(opened, step, contact, current);
        change = "ended";
    } else if (current) {
        change = current->is_ours ? "withdrawn" : "declined";
        tell_none(opened, step, contact, &current->id);
        accords_drop(&opened->accords, step, current);
    }
    answer(opened, step, contact, change);
}

void vault_ask_evidence(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    if (contacts_find(&opened->contacts, step, request->name, &contact))
        return;
    if (request->method == CONTROL_EVIDENCE)
        answer(opened, step, contact, "none");
    else if (request->method == CONTROL_EVIDENCE_FORGET)
        ask_forget(opened, step, contact);
    else if (!vault_contact_is_good(step, contact))
        return;
    else if (request->method == CONTROL_EVIDENCE_ON)
        ask_on(opened, step, contact);
    else
        ask_off(opened, step, contact);
}

/* What comes. */

/* Theirs takes the place of whatever there was; a proposal of ours that theirs
 * has crossed is their acceptance of ours, or ours of theirs. */
static void take_proposal(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct accords *accords = &opened->accords;
    struct accord *current = accords_current(accords, contact->row);
    bool had = current != NULL;
    bool crossed = current && current->stage == ACCORD_OFFERED;
    if (current && current->stage == ACCORD_HOLDS)
        accord_end(step, current, false);
    else if (current)
        accords_drop(accords, step, current);
    const struct accord proposal = {.contact = contact->row,
        .stage = ACCORD_ASKED,
        .id = letter->evidence.conversation,
        .theirs_s = letter->sent_at_s};
    struct accord *made;
    enum status status = accords_propose(accords, step, &proposal, &made);
    if (status == STATUS_FULL) {
        tell_none(opened, step, contact, &letter->evidence.conversation);
        if (had)
            note(opened, step, contact, (struct change){"broken", true});
        return;
    }
    if (!status && crossed)
        status = accept(opened, step, contact, made);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    bool accepted = crossed && !status;
    note(opened, step, contact,
        (struct change){accepted ? "accepted" : "proposed", true});
}

static void on_propose(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct evidence_id *id = &letter->evidence.conversation;
    const struct accord *current =
        accords_current(&opened->accords, contact->row);
    if (accords_find_half(&opened->accords, contact->row, id->bytes))
        return;
    bool is_old = current && current->stage != ACCORD_OFFERED &&
                  letter->sent_at_s <= current->theirs_s;
    bool is_theirs_to_accept =
        current && current->stage == ACCORD_OFFERED &&
        memcmp(current->id.bytes, id->bytes, EVIDENCE_HALF_BYTES) < 0;
    if (!is_old && !is_theirs_to_accept)
        take_proposal(opened, step, contact, letter);
}

/* The conversation that a letter names: one that is known, or one that it
 * says they have accepted.  Or NULL. */
static struct accord *accord_named(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct evidence_id *id = &letter->evidence.conversation;
    struct accords *accords = &opened->accords;
    struct accord *accord = accords_find(accords, contact->row, id);
    if (accord)
        return accord;
    accord = accords_find_half(accords, contact->row, id->bytes);
    if (!accord || accord->stage != ACCORD_OFFERED)
        return NULL;
    accord_agree(step, accord, id, &contact->card, letter->sent_at_s);
    note(opened, step, contact, (struct change){"accepted", true});
    return accord;
}

static void on_accept(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct evidence_id *id = &letter->evidence.conversation;
    if (!accord_named(opened, step, contact, letter) &&
        !accords_find_half(&opened->accords, contact->row, id->bytes))
        tell_none(opened, step, contact, id);
}

enum inbox_evidence vault_take_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct accord *accord = accord_named(opened, step, contact, letter);
    bool holds = accord && accords_take(&opened->accords, step, accord,
                               &opened->fingerprint, letter) == STATUS_OK;
    if (!accord || accord->is_broken)
        tell_none(opened, step, contact, &letter->evidence.conversation);
    return holds ? INBOX_EVIDENTIAL : INBOX_UNPROVEN;
}

static void on_signed(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct inbox_origin origin = {.contact = contact->row,
        .evidence = vault_take_signed(opened, step, contact, letter)};
    vault_receive(opened, step, &origin, letter);
}

/* It ends the conversation also if it does not hold: it is surely theirs. */
static void on_end(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct accord *accord = accord_named(opened, step, contact, letter);
    if (!accord) {
        tell_none(opened, step, contact, &letter->evidence.conversation);
        return;
    }
    bool held = accord->stage == ACCORD_HOLDS;
    enum status status = accords_take(
        &opened->accords, step, accord, &opened->fingerprint, letter);
    (void)status; /* what does not hold is no part of a transcript */
    if (accord->is_broken)
        tell_none(opened, step, contact, &accord->id);
    else if (!accord_is_closed(&opened->accords, accord, true))
        end_ours(opened, step, contact, accord);
    if (held)
        note(opened, step, contact, (struct change){"ended", true});
}

static void on_none(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct accord *accord = accords_find_half(
        &opened->accords, contact->row, letter->evidence.conversation.bytes);
    struct change change = {"broken", true};
    if (!accord || accord->stage == ACCORD_OVER)
        return;
    if (accord->stage == ACCORD_HOLDS) {
        accord_end(step, accord, true);
    } else {
        change.word = accord->is_ours ? "declined" : "withdrawn";
        accords_drop(&opened->accords, step, accord);
    }
    note(opened, step, contact, change);
}

void vault_evidence_letter(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    if (!inbox_first_sight(&opened->inbox, step, letter))
        return;
    if (letter->type == LETTER_PROPOSE)
        on_propose(opened, step, contact, letter);
    else if (letter->type == LETTER_ACCEPT)
        on_accept(opened, step, contact, letter);
    else if (letter->type == LETTER_SIGNED)
        on_signed(opened, step, contact, letter);
    else if (letter->type == LETTER_END)
        on_end(opened, step, contact, letter);
    else
        on_none(opened, step, contact, letter);
}

/* What ends by itself. */

/* Whatever there is with a contact is over, and they are told, unless they
 * could have nothing of it. */
static void break_off(
    struct opened *opened, struct step *step, struct accord *accord)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, accord->contact);
    bool was_over = accord->stage == ACCORD_OVER;
    if (!was_over)
        tell_none(opened, step, contact, &accord->id);
    if (was_over || accord->stage == ACCORD_HOLDS)
        accord_end(step, accord, true);
    else
        accords_drop(&opened->accords, step, accord);
    if (!was_over)
        note(opened, step, contact, (struct change){"broken", false});
}

void vault_break_evidence(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct accord *current = accords_current(&opened->accords, contact->row);
    if (current)
        break_off(opened, step, current);
}

void vault_break_all_evidence(struct opened *opened, struct step *step)
{
    for (size_t i = opened->accords.rows.count; i-- > 0;)
        break_off(opened, step, rows_at(&opened->accords.rows, i));
}

void vault_lapse_proposals(struct opened *opened, struct step *step)
{
    struct accord *accord;
    while ((accord = accords_lapsed(&opened->accords, step))) {
        const struct contact *contact =
            contacts_get(&opened->contacts, accord->contact);
        bool by_them = !accord->is_ours;
        accords_drop(&opened->accords, step, accord);
        note(opened, step, contact, (struct change){"lapsed", by_them});
    }
}
