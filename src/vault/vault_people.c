/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what a person asks about people.
 *
 * Whoever is blocked is not told so, in any way that they could see: their
 * envelopes stay unopened on the shelves until they expire, as they would if
 * this vault were locked.  Whoever is removed takes everything along that was
 * written either way. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "vault/vault_state.h"

void vault_describe_contact(struct opened *opened, struct step *step,
    const struct contact *contact, struct control_contact *out)
{
    contact_describe(step, contact,
        sessions_word(&opened->sessions, step, contact->row), out);
    out->evidence = accords_word(&opened->accords, contact->row);
}

static void answer_contact(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct control_contact *row = step_alloc(step, sizeof(*row));
    if (!row)
        return;
    vault_describe_contact(opened, step, contact, row);
    struct control_reply *reply = step_reply(step, CONTROL_CONTACT_ROWS);
    reply->count = 1;
    reply->contacts = row;
}

/* A card, or an invite: which, its length says. */
static bool read_offering(struct step *step, struct span text,
    struct contact_offering *offering, struct invite *invite)
{
    const char *word = (const char *)text.data;
    if (word && card_from_text(word, &offering->card) == STATUS_OK)
        return true;
    if (word && card_text_suite(word)) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){
                .form = "this card is of a kind that this version does not "
                        "know (suite #): a newer one made it, or it was "
                        "damaged on its way",
                .numbers = {card_text_suite(word)}});
        return false;
    }
    if (!word || invite_from_text(word, invite)) {
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "this is no card: a card is one word that "
                                 "begins with sotto: and has # characters, an "
                                 "invite #",
                .numbers = {CARD_TEXT_CHARS, INVITE_TEXT_CHARS}});
        return false;
    }
    offering->card = invite->card;
    offering->is_invite = true;
    if (invite_verify(invite) == STATUS_OK)
        return true;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "the invite's signature does not hold: it was "
                             "damaged or forged on the way; ask for another"});
    return false;
}

/* Meet them through their invite, at once: nothing of it is kept. */
static bool begin_invited(struct opened *opened, struct step *step,
    const struct contact *contact, const struct invite *invite)
{
    enum status status = vault_begin_invited(opened, step, contact, invite);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    else if (status)
        step_refuse(step, status,
            (struct say){.form = "@ is a contact now, but the invite began "
                                 "nothing: too many sessions are open",
                .names = {contact_name(contact)}});
    else
        contacts_mark_invited(&opened->contacts, step, contact->row);
    return status == STATUS_OK;
}

static void ask_add(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct contact_offering offering = {
        .name = request->name, .own = &opened->fingerprint};
    struct invite invite;
    const struct contact *contact;
    if (read_offering(step, request->card, &offering, &invite) &&
        contacts_add(&opened->contacts, step, &offering, &contact) ==
            STATUS_OK) {
        vault_watch_contact(opened, step, contact);
        vault_beacon(opened, step);
        vault_admit(opened, step, contact);
        if (!offering.is_invite)
            vault_begin_held(opened, step, contact);
        bool is_met = !offering.is_invite ||
                      begin_invited(opened, step, contact, &invite);
        vault_meet_again(opened, step, contact);
        if (is_met)
            answer_contact(opened, step, contact);
    }
    secret_wipe(&invite, sizeof(invite));
}

static void ask_contacts(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    size_t limit = vault_page_rows(request);
    struct control_contact *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    uint64_t last = request->cursor;
    const struct contact *contact;
    while (
        count < limit && (contact = contacts_next(&opened->contacts, last))) {
        vault_describe_contact(opened, step, contact, &list[count++]);
        last = contact->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_CONTACT_ROWS);
    reply->contacts = list;
    reply->count = count;
    reply->next = contacts_next(&opened->contacts, last) ? last : 0;
}

/* The safety number is that of the key which a confirmation would take. */
static void answer_safety(struct opened *opened, struct step *step,
    const struct contact *contact, bool confirmed)
{
    const struct fingerprint *meant = contact->changed
                                          ? &contact->offered_fingerprint
                                          : &contact->fingerprint;
    struct control_safety safety = {
        .name = step_copy(step, contact_name(contact)),
        .state = contact_state(contact),
        .confirmed = confirmed,
    };
    identity_safety_number(&opened->fingerprint, meant, safety.number);
    hex_encode(
        (struct span){meant->bytes, sizeof(meant->bytes)}, safety.fingerprint);
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        safety.known);
    step_reply(step, CONTROL_SAFETY)->safety = safety;
}

/* Another key: what was sealed for the one before is sealed again for this
 * one, and a first contact that it has made already is let in. */
static void start_anew(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    sessions_drop_contact(&opened->sessions, step, contact->row, opened->tags);
    tags_remove_renewals(opened->tags, (uint32_t)contact->row);
    kems_forget(&opened->kems, step, contact->row);
    vault_watch_contact(opened, step, contact);
    vault_beacon(opened, step);
    outbox_reseal(&opened->outbox, step, contact->row, 0);
    vault_admit(opened, step, contact);
    vault_begin_held(opened, step, contact);
    vault_break_evidence(opened, step, contact);
    vault_know_all_members(opened, step);
    step_scrub(step);
}

static void ask_verify(struct opened *opened, struct step *step,
    const struct contact *contact, bool confirm)
{
    answer_safety(opened, step, contact, confirm);
    if (confirm && contacts_confirm(&opened->contacts, step, contact->row))
        start_anew(opened, step, contact);
}

static void ask_rename(struct opened *opened, struct step *step,
    const struct contact *contact, struct span name)
{
    if (contacts_rename(&opened->contacts, step, contact->row, name) ==
        STATUS_OK)
        answer_contact(opened, step, contact);
}

/* Without a word it is only shown. */
static void ask_receipts(struct opened *opened, struct step *step,
    const struct contact *contact, struct span word)
{
    if (!word.size || contacts_set_pace(&opened->contacts, step, contact->row,
                          word) == STATUS_OK)
        answer_contact(opened, step, contact);
}

/* What they wrote while they were blocked, and still lies on a shelf, is looked
 * up. */
static void ask_block(struct opened *opened, struct step *step,
    const struct contact *contact, bool blocked)
{
    contacts_block(&opened->contacts, step, contact->row, blocked);
    vault_beacon(opened, step);
    if (!blocked) {
        lookup_all(&opened->lookup, step, opened->tags);
        vault_seal_waiting(opened, step);
    }
    answer_contact(opened, step, contact);
}

static struct span print_of(const struct contact *contact)
{
    return (struct span){
        contact->fingerprint.bytes, sizeof(contact->fingerprint.bytes)};
}

/* A letter goes along: by that the other side turns to the new session, and
 * sends again on it what it wrote on the one that is gone. */
void vault_meet_again(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct letter letter = {.type = LETTER_WELCOME};
    const struct session *active =
        sessions_active(&opened->sessions, contact->row);
    bool they_began = active && !active->initiated;
    if (marks_has(&opened->parted, step, print_of(contact)) &&
        (they_began || vault_tell(opened, step, contact, &letter)))
        marks_take(&opened->parted, step, print_of(contact));
}

void vault_remove_contact(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    uint64_t row = contact->row;
    if (sessions_active(&opened->sessions, row))
        marks_add(
            &opened->parted, step, print_of(contact), step->now_h + PARTED_H);
    outbox_forget_contact(&opened->outbox, step, row);
    inbox_forget_contact(&opened->inbox, step, row);
    files_forget_contact(&opened->files, step, row);
    accords_forget_contact(&opened->accords, step, row);
    sessions_drop_contact(&opened->sessions, step, row, opened->tags);
    tags_remove_renewals(opened->tags, (uint32_t)row);
    kems_forget(&opened->kems, step, row);
    contacts_remove(&opened->contacts, step, row);
}

/* Whoever shares a group stays known by it, as if they had never been more:
 * what was written between two goes, and the group's letters stay. */
static void ask_remove(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct fingerprint who = contact->fingerprint;
    if (groups_know(&opened->groups, &who)) {
        outbox_forget_contact(&opened->outbox, step, contact->row);
        inbox_forget_contact(&opened->inbox, step, contact->row);
        files_forget_contact(&opened->files, step, contact->row);
        accords_forget_contact(&opened->accords, step, contact->row);
        contacts_forget_name(&opened->contacts, step, contact->row);
        groups_hand_anew(&opened->groups, step, &who);
    } else {
        vault_remove_contact(opened, step, contact);
    }
    vault_beacon(opened, step);
    step_effect(step, VAULT_SCRUB);
    step_reply(step, CONTROL_DONE);
}

/* Strangers. */

static void ask_requests(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct rows *rows = &opened->strangers.rows;
    size_t limit = vault_page_rows(request);
    struct control_stranger *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    size_t i = rows_after(rows, request->cursor);
    uint64_t last = 0;
    for (; i < rows->count && count < limit; i++) {
        const struct stranger *stranger = rows_at(rows, i);
        stranger_describe(stranger, &list[count++]);
        last = stranger->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_REQUEST_ROWS);
    reply->strangers = list;
    reply->count = count;
    reply->next = i < rows->count ? last : 0;
}

static enum status find_stranger(struct opened *opened, struct step *step,
    struct span word, const struct stranger **out)
{
    enum status status = strangers_find(&opened->strangers, word, out);
    if (status == STATUS_AMBIGUOUS)
        step_refuse(step, status,
            (struct say){.form = "the fingerprints of two requests begin like "
                                 "that; use more of it"});
    else if (status)
        step_refuse(step, status,
            (struct say){.form = "no request has a fingerprint that begins "
                                 "like that (# digits at least); `sotto "
                                 "requests` lists them",
                .numbers = {STRANGER_PREFIX_CHARS}});
    return status;
}

/* Their card may have run out meanwhile: it is not needed for an answer.
 * Somebody who was introduced waits for nothing, and can be given a name. */
static void ask_accept(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct stranger *stranger = NULL;
    const struct contact *introduced =
        contacts_find_introduced(&opened->contacts, request->name);
    if (!introduced && find_stranger(opened, step, request->name, &stranger))
        return;
    struct contact_offering offering = {.name = request->new_name,
        .card = introduced ? introduced->card : stranger->opened.card,
        .own = &opened->fingerprint,
        .may_be_old = true};
    const struct contact *contact;
    if (contacts_add(&opened->contacts, step, &offering, &contact))
        return;
    vault_watch_contact(opened, step, contact);
    vault_beacon(opened, step);
    vault_admit(opened, step, contact);
    vault_meet_again(opened, step, contact);
    answer_contact(opened, step, contact);
}

/* A contact whose key has changed keeps the known one; a stranger is not heard
 * of again. */
static void ask_decline(
    struct opened *opened, struct step *step, struct span word)
{
    bool is_contact = false;
    for (size_t i = 0; i < opened->contacts.rows.count; i++) {
        const struct contact *contact = rows_at(&opened->contacts.rows, i);
        if (!span_equal(contact_name(contact), word))
            continue;
        is_contact = true;
        if (!contact->changed)
            continue;
        contacts_keep_known(&opened->contacts, step, contact->row);
        vault_seal_waiting(opened, step);
        step_reply(step, CONTROL_DONE);
        return;
    }
    const struct stranger *stranger;
    if (is_contact && strangers_find(&opened->strangers, word, &stranger)) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "that contact's key has not changed: there is "
                                 "nothing to decline"});
        return;
    }
    if (contacts_find_introduced(&opened->contacts, word)) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this is a member of a group of yours, who "
                                 "needs no request to write to you; `sotto "
                                 "block` with the same digits ends that"});
        return;
    }
    if (find_stranger(opened, step, word, &stranger))
        return;
    struct fingerprint who = stranger->fingerprint;
    strangers_decline(&opened->strangers, step, &who);
    step_reply(step, CONTROL_DONE);
}

/* What is asked about somebody who is a contact. */
static void ask_contact(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact = NULL;
    if (request->method == CONTROL_BLOCK || request->method == CONTROL_UNBLOCK)
        contact = contacts_find_introduced(&opened->contacts, request->name);
    if (!contact &&
        contacts_find(&opened->contacts, step, request->name, &contact))
        return;
    if (request->method == CONTROL_VERIFY)
        ask_verify(opened, step, contact, request->confirm);
    else if (request->method == CONTROL_RENAME)
        ask_rename(opened, step, contact, request->new_name);
    else if (request->method == CONTROL_RECEIPTS)
        ask_receipts(opened, step, contact, request->receipts);
    else if (request->method == CONTROL_REMOVE)
        ask_remove(opened, step, contact);
    else
        ask_block(opened, step, contact, request->method == CONTROL_BLOCK);
}

void vault_ask_people(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_ADD)
        ask_add(opened, step, request);
    else if (request->method == CONTROL_CONTACTS)
        ask_contacts(opened, step, request);
    else if (request->method == CONTROL_REQUESTS)
        ask_requests(opened, step, request);
    else if (request->method == CONTROL_ACCEPT)
        ask_accept(opened, step, request);
    else if (request->method == CONTROL_DECLINE)
        ask_decline(opened, step, request->name);
    else
        ask_contact(opened, step, request);
}
