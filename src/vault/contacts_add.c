/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding a contact, and which names they may have.
 *
 * Names are a person's own words for people, and mean one person or none.
 * Characters that could make two names look alike on a terminal, controls and
 * marks of writing direction, are refused, and so are two names that differ in
 * nothing but capitals.
 *
 * A key that is known is never replaced by a card alone.  Whoever can slip a
 * person a card could otherwise take a friend's place: so a card of another
 * identity under a known name is kept beside the known one, and stops all
 * sending under that name until the person decides. */
#include "vault/contacts.h"

#include <assert.h>
#include <string.h>

#include "crypto/identity.h"
#include "proto/wire.h"

/* Controls (U+0000 to U+001F, U+007F to U+009F) and marks of direction
 * (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), in UTF-8. */
static bool is_deceptive(struct span name, size_t i)
{
    const uint8_t *at = name.data + i;
    size_t left = name.size - i;
    if (at[0] < 0x20 || at[0] == 0x7f)
        return true;
    if (at[0] == 0xc2)
        return left > 1 && at[1] < 0xa0;
    if (at[0] != 0xe2 || left < 3)
        return false;
    if (at[1] == 0x80)
        return at[2] == 0x8e || at[2] == 0x8f ||
               (at[2] >= 0xaa && at[2] <= 0xae);
    return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
}

bool contact_name_is_good(struct span name)
{
    if (name.size == 0 || name.size > LIMIT_NAME_BYTES || !wire_is_utf8(name))
        return false;
    if (name.data[0] == ' ' || name.data[name.size - 1] == ' ')
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (is_deceptive(name, i))
            return false;
    return true;
}

/* Whether two names differ in nothing but capitals of the Latin alphabet. */
static bool names_are_alike(struct span a, struct span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        uint8_t x = a.data[i];
        uint8_t y = b.data[i];
        x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
        if (x != y)
            return false;
    }
    return true;
}

static enum status refuse(struct step *step, enum status status, struct say say)
{
    step_refuse(step, status, say);
    return status;
}

static enum status card_check(struct step *step,
    const struct contact_offering *offering, const struct fingerprint *theirs)
{
    const struct card *card = &offering->card;
    if (card_verify(card))
        return refuse(step, STATUS_REFUSED,
            (struct say){.form = "the card's signature does not hold: it was "
                                 "damaged or forged on the way; ask for it "
                                 "again"});
    if (fingerprint_equal(offering->own, theirs))
        return refuse(step, STATUS_REFUSED,
            (struct say){.form = "this is your own card; give it to others, "
                                 "and add theirs"});
    if (!offering->may_be_old && card->prekey_expires_h < step->now_h)
        return refuse(step, STATUS_EXPIRED,
            (struct say){
                .form = "this card ran out # hours ago; a card is good for a "
                        "week: ask for a fresh one (their `sotto id`)",
                .numbers = {step->now_h - card->prekey_expires_h}});
    return STATUS_OK;
}

enum status contacts_check_name(const struct contacts *contacts,
    struct step *step, struct span name, const struct contact *own)
{
    if (!contact_name_is_good(name))
        return refuse(step, STATUS_INVALID,
            (struct say){.form =
                             "a contact's name has 1 to # bytes of UTF-8 text, "
                             "neither begins nor ends with a space, and has no "
                             "control characters; this one has # bytes",
                .numbers = {LIMIT_NAME_BYTES, name.size}});
    for (size_t i = 0; i < contacts->rows.count; i++) {
        const struct contact *other = rows_at(&contacts->rows, i);
        if (other == own || !names_are_alike(contact_name(other), name))
            continue;
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "@ is the name of somebody else already (@, "
                                 "fingerprint @); choose another",
                .names = {name, contact_name(other),
                    contact_say_fingerprint(step, &other->fingerprint)}});
    }
    return STATUS_OK;
}

/* The same person under the same name again: a newer card takes the place of
 * the older one. */
static enum status contact_refresh(struct step *step, struct contact *contact,
    const struct contact_offering *offering, const struct contact **out)
{
    const struct card *card = &offering->card;
    bool newer = card->prekey_id > contact->card.prekey_id;
    if (!newer && !offering->is_invite)
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "you have @ already, with this card or a "
                                 "newer one",
                .names = {contact_name(contact)}});
    if (newer) {
        contact->card = *card;
        contact_save(step, contact);
    }
    *out = contact;
    return STATUS_OK;
}

static enum status contact_append(struct contacts *contacts, struct step *step,
    const struct card *card, struct contact **out)
{
    enum status status = rows_append(&contacts->rows, out);
    if (status) {
        step_check(step, status);
        return status;
    }
    (*out)->card = *card;
    card_fingerprint(card, &(*out)->fingerprint);
    (*out)->added_at_s = step->clock_s;
    return STATUS_OK;
}

/* Give a name to somebody who is new, or was introduced. */
static enum status contact_new(struct contacts *contacts, struct step *step,
    const struct contact_offering *offering, const struct contact *introduced,
    const struct contact **out)
{
    struct span name = offering->name;
    if (contacts_count(contacts) >= LIMIT_CONTACTS)
        return refuse(step, STATUS_FULL,
            (struct say){.form = "you have # contacts; the limit is #",
                .numbers = {contacts_count(contacts), LIMIT_CONTACTS}});
    struct contact *contact =
        introduced ? rows_find(&contacts->rows, introduced->row) : NULL;
    enum status status =
        contact ? STATUS_OK
                : contact_append(contacts, step, &offering->card, &contact);
    if (status)
        return status;
    if (offering->card.prekey_id > contact->card.prekey_id)
        contact->card = offering->card;
    contact->added_at_s = step->clock_s;
    contact->name_size = (uint8_t)name.size;
    memcpy(contact->name, name.data, name.size);
    contact_save(step, contact);
    *out = contact;
    return STATUS_OK;
}

enum status contacts_introduce(struct contacts *contacts, struct step *step,
    const struct card *card, const struct contact **out)
{
    struct fingerprint who;
    card_fingerprint(card, &who);
    const struct contact *known = contacts_find_person(contacts, &who);
    if (known) {
        contacts_renew_card(contacts, step, known->row, card);
        *out = known;
        return STATUS_OK;
    }
    if (contacts->rows.count - contacts_count(contacts) >= LIMIT_INTRODUCED)
        return STATUS_FULL;
    struct contact *contact;
    enum status status = contact_append(contacts, step, card, &contact);
    if (status)
        return status;
    contact_save(step, contact);
    *out = contact;
    return STATUS_OK;
}

/* Another identity under a name that is known: kept beside the one that is,
 * until the person decides. */
static enum status contact_offer(
    struct step *step, struct contact *contact, const struct card *card)
{
    contact->changed = true;
    contact->offered = *card;
    card_fingerprint(card, &contact->offered_fingerprint);
    contact_save(step, contact);
    return contact_refuse_changed(step, contact);
}

enum status contact_refuse_changed(
    struct step *step, const struct contact *contact)
{
    return refuse(step, STATUS_REFUSED,
        (struct say){
            .form = "the key of @ has changed: known is @, and a card under "
                    "this name has @. Nothing was replaced, and nothing is "
                    "sent until you decide: `sotto verify` shows the number "
                    "to compare, and with --confirm takes the new key; `sotto "
                    "add` under another name keeps both, `sotto decline` the "
                    "known one, `sotto remove` neither",
            .names = {contact_name(contact),
                contact_say_fingerprint(step, &contact->fingerprint),
                contact_say_fingerprint(step, &contact->offered_fingerprint)}});
}

/* A card that was offered for a known name turns out to be somebody else's. */
static void forget_offers(struct contacts *contacts, struct step *step,
    const struct fingerprint *fingerprint)
{
    for (size_t i = 0; i < contacts->rows.count; i++) {
        struct contact *contact = rows_at(&contacts->rows, i);
        if (contact->changed &&
            fingerprint_equal(&contact->offered_fingerprint, fingerprint))
            contacts_keep_known(contacts, step, contact->row);
    }
}

enum status contacts_add(struct contacts *contacts, struct step *step,
    const struct contact_offering *offering, const struct contact **out)
{
    struct span name = offering->name;
    const struct card *card = &offering->card;
    struct fingerprint theirs;
    card_fingerprint(card, &theirs);
    enum status status = card_check(step, offering, &theirs);
    if (status)
        return status;
    const struct contact *same = contacts_find_person(contacts, &theirs);
    struct contact *named = contacts_find_name(contacts, name);
    if (same && same == named)
        return contact_refresh(step, named, offering, out);
    if (same && !contact_is_introduced(same))
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "you have this person already, as @",
                .names = {contact_name(same)}});
    if (named)
        return contact_offer(step, named, card);
    status = contacts_check_name(contacts, step, name, NULL);
    if (!status)
        status = contact_new(contacts, step, offering, same, out);
    if (!status)
        forget_offers(contacts, step, &theirs);
    return status;
}
