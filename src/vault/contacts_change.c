/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person decides about a contact: whose key it is, what they are called,
 * how soon what they write is confirmed, and whether to hear of them. */
#include "vault/contacts.h"

#include <assert.h>
#include <string.h>

#include "vault/records.h"

static struct contact *get(struct contacts *contacts, uint64_t row)
{
    struct contact *contact = rows_find(&contacts->rows, row);
    assert(contact);
    return contact;
}

bool contacts_confirm(
    struct contacts *contacts, struct step *step, uint64_t row)
{
    struct contact *contact = get(contacts, row);
    bool replaced = contact->changed;
    if (replaced) {
        contact->card = contact->offered;
        contact->fingerprint = contact->offered_fingerprint;
        contact->changed = false;
    }
    contact->verified = true;
    contact->invited = contact->invited && !replaced;
    contact_save(step, contact);
    return replaced;
}

void contacts_keep_known(
    struct contacts *contacts, struct step *step, uint64_t row)
{
    struct contact *contact = get(contacts, row);
    contact->changed = false;
    contact_save(step, contact);
}

enum status contacts_rename(struct contacts *contacts, struct step *step,
    uint64_t row, struct span name)
{
    struct contact *contact = get(contacts, row);
    enum status status = contacts_check_name(contacts, step, name, contact);
    if (status)
        return status;
    contact->name_size = (uint8_t)name.size;
    memset(contact->name, 0, sizeof(contact->name));
    memcpy(contact->name, name.data, name.size);
    contact_save(step, contact);
    return STATUS_OK;
}

void contacts_mark_invited(
    struct contacts *contacts, struct step *step, uint64_t row)
{
    struct contact *contact = get(contacts, row);
    contact->invited = true;
    contact_save(step, contact);
}

void contacts_block(
    struct contacts *contacts, struct step *step, uint64_t row, bool blocked)
{
    struct contact *contact = get(contacts, row);
    contact->blocked = blocked;
    contact_save(step, contact);
}

const char *contact_pace_word(enum pace pace)
{
    switch (pace) {
    case PACE_DEFAULT:
        return "default";
    case PACE_PROMPT:
        return "prompt";
    case PACE_DISCREET:
        return "discreet";
    }
    return "default";
}

enum status contacts_set_pace(struct contacts *contacts, struct step *step,
    uint64_t row, struct span word)
{
    struct contact *contact = get(contacts, row);
    for (int i = 0; i <= PACE_LAST; i++) {
        enum pace pace = (enum pace)i;
        if (!span_equal(word, span_of_text(contact_pace_word(pace))))
            continue;
        contact->pace = pace;
        contact_save(step, contact);
        return STATUS_OK;
    }
    step_refuse(step, STATUS_INVALID,
        (struct say){.form = "receipts are prompt, discreet or default"});
    return STATUS_INVALID;
}

/* What was known of their key, and what was chosen for them, went with the
 * name. */
void contacts_forget_name(
    struct contacts *contacts, struct step *step, uint64_t row)
{
    struct contact *contact = get(contacts, row);
    contact->name_size = 0;
    memset(contact->name, 0, sizeof(contact->name));
    contact->verified = contact->invited = contact->changed = false;
    contact->pace = PACE_DEFAULT;
    contact_save(step, contact);
}

void contacts_remove(struct contacts *contacts, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_CONTACT, row);
    rows_remove(&contacts->rows, row);
}
