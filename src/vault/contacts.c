/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are a person's own words for people, and mean one person or none: they
 * are compared byte by byte, and never completed or guessed.  Characters that
 * could make two names look alike on a terminal, controls and marks of writing
 * direction, are refused. */
#include "vault/contacts.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/identity.h"
#include "proto/wire.h"
#include "vault/records.h"

void contacts_init(struct contacts *contacts)
{
    rows_init(&contacts->rows, sizeof(struct contact), LIMIT_CONTACTS, false);
}

void contacts_clear(struct contacts *contacts)
{
    rows_clear(&contacts->rows);
}

enum status contacts_load(struct contacts *contacts, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    enum status status = records_open(step, record, &reader);
    if (status)
        return status;
    wire_read_array_of(&reader, 3);
    struct span name = wire_read_text(&reader, LIMIT_NAME_BYTES);
    uint8_t bytes[CARD_BYTES];
    wire_read_fixed(&reader, bytes, sizeof(bytes));
    uint64_t added_at_s = wire_read_uint(&reader, UINT64_MAX);
    struct card card;
    status = wire_read_done(&reader);
    if (!status)
        status = card_decode(bytes, &card);
    if (status || name.size == 0)
        return STATUS_INVALID;
    struct contact *contact;
    status = rows_add(&contacts->rows, record->row, &contact);
    if (status)
        return status;
    contact->card = card;
    card_fingerprint(&card, &contact->fingerprint);
    contact->added_at_s = added_at_s;
    contact->name_size = (uint8_t)name.size;
    memcpy(contact->name, name.data, name.size);
    return STATUS_OK;
}

static void contact_save(struct step *step, const struct contact *contact)
{
    uint8_t card[CARD_BYTES];
    card_encode(&contact->card, card);
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 3);
    wire_write_text(&writer, contact_name(contact));
    wire_write_bytes(&writer, (struct span){card, sizeof(card)});
    wire_write_uint(&writer, contact->added_at_s);
    records_put(step, RECORD_CONTACT, contact->row, &writer);
}

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

static bool name_is_good(struct span name)
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

static const struct contact *find_name(
    const struct contacts *contacts, struct span name)
{
    for (size_t i = 0; i < contacts->rows.count; i++) {
        const struct contact *contact = rows_at(&contacts->rows, i);
        if (span_equal(contact_name(contact), name))
            return contact;
    }
    return NULL;
}

static enum status refuse(struct step *step, enum status status, struct say say)
{
    step_refuse(step, status, say);
    return status;
}

static enum status card_check(struct step *step, const struct card *card,
    const struct fingerprint *own, const struct fingerprint *theirs)
{
    if (card_verify(card))
        return refuse(step, STATUS_REFUSED,
            (struct say){.form = "the card's signature does not hold: it was "
                                 "damaged or forged on the way; ask for it "
                                 "again"});
    if (fingerprint_equal(own, theirs))
        return refuse(step, STATUS_REFUSED,
            (struct say){.form = "this is your own card; give it to others, "
                                 "and add theirs"});
    if (card->prekey_expires_h < step->now_h)
        return refuse(step, STATUS_EXPIRED,
            (struct say){
                .form = "this card ran out # hours ago; a card is good for a "
                        "week: ask for a fresh one (their `sotto id`)",
                .numbers = {step->now_h - card->prekey_expires_h}});
    return STATUS_OK;
}

static enum status name_check(struct step *step, struct span name)
{
    if (name_is_good(name))
        return STATUS_OK;
    return refuse(step, STATUS_INVALID,
        (struct say){.form = "a contact's name has 1 to # bytes of UTF-8 text, "
                             "neither begins nor ends with a space, and has no "
                             "control characters; this one has # bytes",
            .numbers = {LIMIT_NAME_BYTES, name.size}});
}

/* The same person under the same name again: a newer card takes the place of
 * the older one. */
static enum status contact_refresh(struct step *step, struct contact *contact,
    const struct card *card, const struct contact **out)
{
    if (card->prekey_id <= contact->card.prekey_id)
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "you have @ already, with this card or a "
                                 "newer one",
                .names = {contact_name(contact)}});
    contact->card = *card;
    contact_save(step, contact);
    *out = contact;
    return STATUS_OK;
}

static enum status contact_new(struct contacts *contacts, struct step *step,
    struct span name, const struct card *card, const struct contact **out)
{
    struct contact *contact;
    enum status status = rows_append(&contacts->rows, &contact);
    if (status == STATUS_FULL)
        return refuse(step, status,
            (struct say){.form = "you have # contacts; the limit is #",
                .numbers = {contacts->rows.count, LIMIT_CONTACTS}});
    if (status) {
        step_check(step, status);
        return status;
    }
    contact->card = *card;
    card_fingerprint(card, &contact->fingerprint);
    contact->added_at_s = step->clock_s;
    contact->name_size = (uint8_t)name.size;
    memcpy(contact->name, name.data, name.size);
    contact_save(step, contact);
    *out = contact;
    return STATUS_OK;
}

enum status contacts_add(struct contacts *contacts, struct step *step,
    const struct control_request *request, const struct fingerprint *own,
    const struct contact **out)
{
    enum status status = name_check(step, request->name);
    if (status)
        return status;
    struct card card;
    if (!request->card.data ||
        card_from_text((const char *)request->card.data, &card))
        return refuse(step, STATUS_INVALID,
            (struct say){.form = "this is no card: a card is one word that "
                                 "begins with sotto: and has # characters",
                .numbers = {CARD_TEXT_CHARS}});
    struct fingerprint theirs;
    card_fingerprint(&card, &theirs);
    status = card_check(step, &card, own, &theirs);
    if (status)
        return status;
    const struct contact *same = contacts_find_person(contacts, &theirs);
    const struct contact *named = find_name(contacts, request->name);
    if (same && same == named)
        return contact_refresh(
            step, rows_find(&contacts->rows, same->row), &card, out);
    if (named)
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "@ is the name of somebody else already; "
                                 "choose another",
                .names = {request->name}});
    if (same)
        return refuse(step, STATUS_EXISTS,
            (struct say){.form = "you have this person already, as @",
                .names = {contact_name(same)}});
    return contact_new(contacts, step, request->name, &card, out);
}

enum status contacts_find(const struct contacts *contacts, struct step *step,
    struct span name, const struct contact **out)
{
    const struct contact *contact = find_name(contacts, name);
    if (contact) {
        *out = contact;
        return STATUS_OK;
    }
    if (!name_is_good(name))
        return refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no contact has that name; `sotto contacts` "
                                 "lists those there are"});
    return refuse(step, STATUS_NOT_FOUND,
        (struct say){.form = "no contact is named @; `sotto contacts` lists "
                             "those there are",
            .names = {name}});
}

const struct contact *contacts_get(
    const struct contacts *contacts, uint64_t row)
{
    const struct contact *contact = rows_find(&contacts->rows, row);
    assert(contact);
    return contact;
}

const struct contact *contacts_find_person(
    const struct contacts *contacts, const struct fingerprint *fingerprint)
{
    for (size_t i = 0; i < contacts->rows.count; i++) {
        const struct contact *contact = rows_at(&contacts->rows, i);
        if (fingerprint_equal(&contact->fingerprint, fingerprint))
            return contact;
    }
    return NULL;
}

void contacts_renew_card(struct contacts *contacts, struct step *step,
    uint64_t row, const struct card *card)
{
    struct contact *contact = rows_find(&contacts->rows, row);
    assert(contact);
    if (card->prekey_id <= contact->card.prekey_id)
        return;
    contact->card = *card;
    contact_save(step, contact);
}

void contact_describe(struct step *step, const struct contact *contact,
    const char *session, struct control_contact *out)
{
    out->name = step_copy(step, contact_name(contact));
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        out->fingerprint);
    out->state = "unverified";
    out->session = session;
    out->added_at_s = contact->added_at_s;
}
