/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_CONTACTS_H
#define VAULT_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/card.h"
#include "proto/control.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* The people whose cards were added; and those who are known through a group
 * alone, introduced by whoever added them to it: they have no name. */
struct contact {
    uint64_t row;
    struct card card;
    struct fingerprint fingerprint;
    uint64_t added_at_s;
    bool verified; /* the person has compared the safety number */
    bool invited;  /* met through an invite, given face to face */
    bool blocked;  /* nothing of theirs is opened, nothing sent to them */
    enum pace pace;
    bool changed; /* a card of another identity came under this name: */
    struct card offered;
    struct fingerprint offered_fingerprint;
    uint8_t name_size;
    uint8_t name[LIMIT_NAME_BYTES];
};

struct contacts {
    struct rows rows;
};

static inline bool contact_is_introduced(const struct contact *contact)
{
    return contact->name_size == 0;
}

/* The shortest beginning of a fingerprint that is taken for one. */
enum { CONTACT_PREFIX_CHARS = 8 };

void contacts_init(struct contacts *contacts);
void contacts_clear(struct contacts *contacts);
MUST_USE enum status contacts_load(struct contacts *contacts, struct step *step,
    const struct vault_record *record);

/* Add a contact from a card that was decoded, or take a newer card of the same
 * person under the same name.  Sets *out (good until the next change); or
 * answers why not, and returns
 *   STATUS_INVALID    a bad name
 *   STATUS_REFUSED    the card's signature is wrong, or the card is our own,
 *                     or the name is that of another identity: the contact is
 *                     then marked as changed
 *   STATUS_EXPIRED    it has run out
 *   STATUS_EXISTS     that name, person or card is there (who was introduced
 *                     is not: they get the name)
 *   STATUS_FULL       LIMIT_CONTACTS
 *   STATUS_NO_MEMORY */
struct contact_offering {
    struct span name;
    struct card card;
    const struct fingerprint *own; /* is refused */
    bool may_be_old;               /* its prekey is not needed */
    bool is_invite;                /* good for somebody known, too */
};
MUST_USE enum status contacts_add(struct contacts *contacts, struct step *step,
    const struct contact_offering *offering, const struct contact **out);

/* Keep somebody who was introduced, by a card that has been verified; or, of
 * somebody who is there, take a newer card.  STATUS_FULL (LIMIT_INTRODUCED),
 * STATUS_NO_MEMORY. */
MUST_USE enum status contacts_introduce(struct contacts *contacts,
    struct step *step, const struct card *card, const struct contact **out);

/* Make somebody whose letters are gone one who was only introduced. */
void contacts_forget_name(
    struct contacts *contacts, struct step *step, uint64_t row);

/* Those who have a name; the next of them after a row, or NULL. */
size_t contacts_count(const struct contacts *contacts);
const struct contact *contacts_next(
    const struct contacts *contacts, uint64_t row);

/* The one who was introduced and whose fingerprint begins with a word of at
 * least CONTACT_PREFIX_CHARS digits, or NULL when it is not just one. */
const struct contact *contacts_find_introduced(
    const struct contacts *contacts, struct span word);

/* The one of exactly that name, or whose fingerprint begins with it; answers
 * STATUS_NOT_FOUND when there is none, STATUS_AMBIGUOUS when there are two.
 * Nobody who was introduced. */
MUST_USE enum status contacts_find(const struct contacts *contacts,
    struct step *step, struct span name, const struct contact **out);

/* The rest of a person's decisions, by the row of a contact who is there.
 *
 * Confirm that the key is theirs: the one that was offered, if it has changed;
 * then true, and the sessions with the other are to be dropped.  Keep the known
 * key, and forget what was offered. */
bool contacts_confirm(
    struct contacts *contacts, struct step *step, uint64_t row);
void contacts_keep_known(
    struct contacts *contacts, struct step *step, uint64_t row);

/* Answers why not: STATUS_INVALID, STATUS_EXISTS. */
MUST_USE enum status contacts_rename(struct contacts *contacts,
    struct step *step, uint64_t row, struct span name);
/* An invite, given face to face, has told whose key it is. */
void contacts_mark_invited(
    struct contacts *contacts, struct step *step, uint64_t row);
void contacts_block(
    struct contacts *contacts, struct step *step, uint64_t row, bool blocked);

/* How soon to confirm what they write from now on: "prompt", "discreet" or
 * "default".  Answers why not: STATUS_INVALID, another word. */
MUST_USE enum status contacts_set_pace(struct contacts *contacts,
    struct step *step, uint64_t row, struct span word);

/* Whoever names the contact, in other rooms, must be gone. */
void contacts_remove(
    struct contacts *contacts, struct step *step, uint64_t row);

/* Answer that the key has changed, with both fingerprints: STATUS_REFUSED. */
enum status contact_refuse_changed(
    struct step *step, const struct contact *contact);

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

/* Whether a name may be given to somebody, or to something that has its place
 * among names. */
bool contact_name_is_good(struct span name);

/* A word for what is known of their key: "changed", "verified",
 * "invited", "unverified", "introduced". */
const char *contact_state(const struct contact *contact);

/* Describe for a reply; session is its static word. */
void contact_describe(struct step *step, const struct contact *contact,
    const char *session, struct control_contact *out);

/* A fingerprint in groups of eight, for a sentence; in the effects' memory. */
struct span contact_say_fingerprint(
    struct step *step, const struct fingerprint *fingerprint);

/* Whether a word means a contact: their name, or the beginning of their
 * fingerprint. */
bool contact_is_meant(const struct contact *contact, struct span word);

/* The rest is for the files of this room. */
const char *contact_pace_word(enum pace pace);
void contact_save(struct step *step, const struct contact *contact);
struct contact *contacts_find_name(
    const struct contacts *contacts, struct span name);

/* Whether a name may be given to somebody new (own NULL) or to own; answers
 * why not: STATUS_INVALID, STATUS_EXISTS. */
MUST_USE enum status contacts_check_name(const struct contacts *contacts,
    struct step *step, struct span name, const struct contact *own);

#endif
