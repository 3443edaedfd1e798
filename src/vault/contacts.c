/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People by name, by fingerprint and by row.
 *
 * A name is compared byte by byte, and never completed or guessed.  Where a
 * name is asked for, the beginning of a fingerprint will do as well; a word
 * that could mean two people means none. */
#include "vault/contacts.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/identity.h"
#include "vault/records.h"

void contacts_init(struct contacts *contacts)
{
    rows_init(&contacts->rows, sizeof(struct contact),
        LIMIT_CONTACTS + LIMIT_INTRODUCED, false);
}

void contacts_clear(struct contacts *contacts)
{
    rows_clear(&contacts->rows);
}

/* Fields behind the card: when it was added, verified, invited, blocked, the
 * card that was offered, if any, and the pace, which came with format 4. */
enum { CONTACT_FIELDS_3 = 7, CONTACT_FIELDS = 8 };

static enum status offered_read(struct span bytes, struct contact *contact)
{
    contact->changed = bytes.size != 0;
    if (!contact->changed)
        return STATUS_OK;
    if (bytes.size != CARD_BYTES || card_decode(bytes.data, &contact->offered))
        return STATUS_INVALID;
    card_fingerprint(&contact->offered, &contact->offered_fingerprint);
    return STATUS_OK;
}

static enum status contact_read(struct wire_reader *reader, struct contact *out)
{
    struct contact contact = {.row = 0};
    uint8_t card[CARD_BYTES];
    size_t fields = wire_read_array(reader, CONTACT_FIELDS);
    struct span name = wire_read_text(reader, LIMIT_NAME_BYTES);
    wire_read_fixed(reader, card, sizeof(card));
    contact.added_at_s = wire_read_uint(reader, UINT64_MAX);
    contact.verified = wire_read_bool(reader);
    contact.invited = wire_read_bool(reader);
    contact.blocked = wire_read_bool(reader);
    struct span offered = wire_read_bytes(reader, CARD_BYTES);
    if (fields != CONTACT_FIELDS_3)
        contact.pace = (enum pace)wire_read_uint(reader, PACE_LAST);
    enum status status = wire_read_done(reader);
    if (status || card_decode(card, &contact.card) ||
        offered_read(offered, &contact))
        return STATUS_INVALID;
    card_fingerprint(&contact.card, &contact.fingerprint);
    contact.name_size = (uint8_t)name.size;
    if (name.size)
        memcpy(contact.name, name.data, name.size);
    *out = contact;
    return STATUS_OK;
}

enum status contacts_load(struct contacts *contacts, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct contact contact;
    enum status status = contact_read(&reader, &contact);
    if (status)
        return status;
    struct contact *kept;
    status = rows_add(&contacts->rows, record->row, &kept);
    if (status)
        return status;
    contact.row = record->row;
    *kept = contact;
    return STATUS_OK;
}

void contact_save(struct step *step, const struct contact *contact)
{
    uint8_t card[CARD_BYTES];
    uint8_t offered[CARD_BYTES];
    card_encode(&contact->card, card);
    card_encode(&contact->offered, offered);
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, CONTACT_FIELDS);
    wire_write_text(&writer, contact_name(contact));
    wire_write_bytes(&writer, (struct span){card, sizeof(card)});
    wire_write_uint(&writer, contact->added_at_s);
    wire_write_bool(&writer, contact->verified);
    wire_write_bool(&writer, contact->invited);
    wire_write_bool(&writer, contact->blocked);
    wire_write_bytes(&writer,
        (struct span){offered, contact->changed ? sizeof(offered) : 0});
    wire_write_uint(&writer, contact->pace);
    records_put(step, RECORD_CONTACT, contact->row, &writer);
}

struct contact *contacts_find_name(
    const struct contacts *contacts, struct span name)
{
    for (size_t i = 0; i < contacts->rows.count; i++) {
        struct contact *contact = rows_at(&contacts->rows, i);
        if (!contact_is_introduced(contact) &&
            span_equal(contact_name(contact), name))
            return contact;
    }
    return NULL;
}

/* Whether a word is the beginning of a fingerprint, and long enough to be
 * meant as one. */
static bool is_beginning(
    struct span word, const struct fingerprint *fingerprint)
{
    if (word.size < CONTACT_PREFIX_CHARS ||
        word.size > CONTROL_FINGERPRINT_CHARS)
        return false;
    char text[CONTROL_FINGERPRINT_CHARS + 1];
    hex_encode(
        (struct span){fingerprint->bytes, sizeof(fingerprint->bytes)}, text);
    return memcmp(text, word.data, word.size) == 0;
}

bool contact_is_meant(const struct contact *contact, struct span word)
{
    return (word.size && span_equal(contact_name(contact), word)) ||
           is_beginning(word, &contact->fingerprint);
}

/* The next contact from *at on that a word could mean, or NULL. */
static const struct contact *next_meant(
    const struct contacts *contacts, struct span word, size_t *at)
{
    while (*at < contacts->rows.count) {
        const struct contact *contact = rows_at(&contacts->rows, (*at)++);
        if (!contact_is_introduced(contact) && contact_is_meant(contact, word))
            return contact;
    }
    return NULL;
}

const struct contact *contacts_find_introduced(
    const struct contacts *contacts, struct span word)
{
    const struct contact *found = NULL;
    for (size_t i = 0; i < contacts->rows.count; i++) {
        const struct contact *contact = rows_at(&contacts->rows, i);
        if (!contact_is_introduced(contact) ||
            !is_beginning(word, &contact->fingerprint))
            continue;
        if (found)
            return NULL;
        found = contact;
    }
    return found;
}

size_t contacts_count(const struct contacts *contacts)
{
    size_t count = 0;
    for (size_t i = 0; i < contacts->rows.count; i++)
        count += !contact_is_introduced(rows_at(&contacts->rows, i));
    return count;
}

const struct contact *contacts_next(
    const struct contacts *contacts, uint64_t row)
{
    for (size_t i = rows_after(&contacts->rows, row); i < contacts->rows.count;
         i++) {
        const struct contact *contact = rows_at(&contacts->rows, i);
        if (!contact_is_introduced(contact))
            return contact;
    }
    return NULL;
}

struct span contact_say_fingerprint(
    struct step *step, const struct fingerprint *fingerprint)
{
    enum { GROUP = 8, CHARS = CONTROL_FINGERPRINT_CHARS };
    char text[CHARS + 1];
    hex_encode(
        (struct span){fingerprint->bytes, sizeof(fingerprint->bytes)}, text);
    char groups[CHARS + CHARS / GROUP];
    size_t size = 0;
    for (size_t i = 0; i < CHARS; i++) {
        if (i > 0 && i % GROUP == 0)
            groups[size++] = ' ';
        groups[size++] = text[i];
    }
    return step_copy(step, (struct span){(const uint8_t *)groups, size});
}

static enum status refuse_ambiguous(struct step *step, struct span word,
    const struct contact *one, const struct contact *other)
{
    step_refuse(step, STATUS_AMBIGUOUS,
        (struct say){.form = "@ could mean @ (@) or @ (@); use more of the "
                             "fingerprint",
            .names = {word, contact_name(one),
                contact_say_fingerprint(step, &one->fingerprint),
                contact_name(other),
                contact_say_fingerprint(step, &other->fingerprint)}});
    return STATUS_AMBIGUOUS;
}

enum status contacts_find(const struct contacts *contacts, struct step *step,
    struct span name, const struct contact **out)
{
    size_t at = 0;
    const struct contact *contact = next_meant(contacts, name, &at);
    const struct contact *other = next_meant(contacts, name, &at);
    if (contact && other)
        return refuse_ambiguous(step, name, contact, other);
    if (contact) {
        *out = contact;
        return STATUS_OK;
    }
    if (contacts_find_introduced(contacts, name))
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "this is a member of a group of yours, and no "
                                 "contact: `sotto accept` with the same digits "
                                 "and a name makes them one"});
    else if (contact_name_is_good(name))
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no contact is named @; `sotto contacts` "
                                 "lists those there are",
                .names = {name}});
    else
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "no contact has that name; `sotto contacts` "
                                 "lists those there are"});
    return STATUS_NOT_FOUND;
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

const char *contact_state(const struct contact *contact)
{
    if (contact->changed)
        return "changed";
    if (contact_is_introduced(contact))
        return "introduced";
    if (contact->verified)
        return "verified";
    return contact->invited ? "invited" : "unverified";
}

void contact_describe(struct step *step, const struct contact *contact,
    const char *session, struct control_contact *out)
{
    out->name = step_copy(step, contact_name(contact));
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        out->fingerprint);
    out->offered[0] = '\0';
    if (contact->changed)
        hex_encode((struct span){contact->offered_fingerprint.bytes,
                       sizeof(contact->offered_fingerprint.bytes)},
            out->offered);
    out->state = contact_state(contact);
    out->receipts = contact_pace_word(contact->pace);
    out->blocked = contact->blocked;
    out->session = session;
    out->added_at_s = contact->added_at_s;
}
