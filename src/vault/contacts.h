/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_CONTACTS_H
#define VAULT_CONTACTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/card.h"
#include "proto/control.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* The people whose cards were added. */
struct contact {
    uint64_t row;
    struct card card;
    struct fingerprint fingerprint;
    uint64_t added_at_s;
    uint8_t name_size;
    uint8_t name[LIMIT_NAME_BYTES];
};

struct contacts {
    struct rows rows;
};

void contacts_init(struct contacts *contacts);
void contacts_clear(struct contacts *contacts);
MUST_USE enum status contacts_load(struct contacts *contacts, struct step *step,
    const struct vault_record *record);

/* Add a contact from a card's text, or take a newer card of the same person
 * under the same name.  own is the fingerprint that is refused.  Sets *out
 * (good until the next change); or answers why not, and returns
 *   STATUS_INVALID    a bad name, or no card
 *   STATUS_REFUSED    the card's signature is wrong, or the card is our own
 *   STATUS_EXPIRED    it has run out
 *   STATUS_EXISTS     that name, person or card is there
 *   STATUS_FULL       LIMIT_CONTACTS
 *   STATUS_NO_MEMORY */
MUST_USE enum status contacts_add(struct contacts *contacts, struct step *step,
    const struct control_request *request, const struct fingerprint *own,
    const struct contact **out);

/* The one of exactly that name; answers STATUS_NOT_FOUND when there is none. */
MUST_USE enum status contacts_find(const struct contacts *contacts,
    struct step *step, struct span name, const struct contact **out);

/* By row, which is there; by identity, or NULL. */
const struct contact *contacts_get(
    const struct contacts *contacts, uint64_t row);
const struct contact *contacts_find_person(
    const struct contacts *contacts, const struct fingerprint *fingerprint);

/* Take a contact's newer card, which has been verified. */
void contacts_renew_card(struct contacts *contacts, struct step *step,
    uint64_t row, const struct card *card);

static inline struct span contact_name(const struct contact *contact)
{
    return (struct span){contact->name, contact->name_size};
}

/* Describe for a reply; session is its static word. */
void contact_describe(struct step *step, const struct contact *contact,
    const char *session, struct control_contact *out);

#endif
