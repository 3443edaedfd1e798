/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what a person asks about people.
 *
 * Whoever is blocked is not told so, in any way that they could see: their
 * envelopes stay unopened on the shelves until they expire, as they would if
 * this vault were locked.  Whoever is removed takes everything along that was
 * written either way. */
#include "base/hex.h"
#include "crypto/identity.h"
#include "vault/vault_state.h"

static void describe_contact(struct opened *opened, struct step *step,
    const struct contact *contact, struct control_contact *out)
{
    contact_describe(
        step, contact, sessions_word(&opened->sessions, contact->row), out);
}

static void answer_contact(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct control_contact *row = step_alloc(step, sizeof(*row));
    if (!row)
        return;
    describe_contact(opened, step, contact, row);
    struct control_reply *reply = step_reply(step, CONTROL_CONTACT_ROWS);
    reply->count = 1;
    reply->contacts = row;
}

static void ask_add(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    if (contacts_add(
            &opened->contacts, step, request, &opened->fingerprint, &contact))
        return;
    vault_admit(opened, step, contact);
    answer_contact(opened, step, contact);
}

static void ask_contacts(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct rows *rows = &opened->contacts.rows;
    size_t limit = vault_page_rows(request);
    struct control_contact *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    size_t i = rows_after(rows, request->cursor);
    uint64_t last = 0;
    for (; i < rows->count && count < limit; i++) {
        const struct contact *contact = rows_at(rows, i);
        describe_contact(opened, step, contact, &list[count++]);
        last = contact->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_CONTACT_ROWS);
    reply->contacts = list;
    reply->count = count;
    reply->next = i < rows->count ? last : 0;
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
    outbox_reseal(&opened->outbox, step, contact->row, 0);
    vault_admit(opened, step, contact);
    vault_begin_held(opened, step, contact);
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

/* What they wrote while they were blocked, and still lies on a shelf, is looked
 * up. */
static void ask_block(struct opened *opened, struct step *step,
    const struct contact *contact, bool blocked)
{
    contacts_block(&opened->contacts, step, contact->row, blocked);
    if (!blocked) {
        lookup_all(&opened->lookup, step, opened->tags);
        vault_seal_waiting(opened, step);
    }
    answer_contact(opened, step, contact);
}

static void ask_remove(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    uint64_t row = contact->row;
    outbox_forget_contact(&opened->outbox, step, row);
    inbox_forget_contact(&opened->inbox, step, row);
    sessions_drop_contact(&opened->sessions, step, row, opened->tags);
    contacts_remove(&opened->contacts, step, row);
    step_effect(step, VAULT_SCRUB);
    step_reply(step, CONTROL_DONE);
}

static void ask_decline(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    if (!contact->changed) {
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "the key of @ has not changed: there is "
                                 "nothing to decline",
                .names = {contact_name(contact)}});
        return;
    }
    contacts_keep_known(&opened->contacts, step, contact->row);
    vault_seal_waiting(opened, step);
    answer_contact(opened, step, contact);
}

/* What is asked about somebody who is a contact. */
static void ask_contact(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    if (contacts_find(&opened->contacts, step, request->name, &contact))
        return;
    if (request->method == CONTROL_VERIFY)
        ask_verify(opened, step, contact, request->confirm);
    else if (request->method == CONTROL_RENAME)
        ask_rename(opened, step, contact, request->new_name);
    else if (request->method == CONTROL_REMOVE)
        ask_remove(opened, step, contact);
    else if (request->method == CONTROL_DECLINE)
        ask_decline(opened, step, contact);
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
    else
        ask_contact(opened, step, request);
}
