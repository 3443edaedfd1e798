/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing is told to a stranger, not even that their envelope was found: no
 * receipt, no answer, no notification, until a person adds them.  What their
 * session is begun from is kept, so that the letters which they have sent
 * meanwhile, and which wait on the shelves, can then be looked up.
 *
 * A first contact is repeated until it is answered; so whoever is declined is
 * remembered, by a hash that only this vault can make, or they would be back
 * within the hour.  Past their number the one declined first is forgotten. */
#include "vault/strangers.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "vault/records.h"

void strangers_init(struct strangers *strangers)
{
    rows_init(&strangers->rows, sizeof(struct stranger), LIMIT_REQUESTS, true);
    marks_init(&strangers->declined, RECORD_DECLINED, STRANGERS_DECLINED);
}

void strangers_clear(struct strangers *strangers)
{
    rows_clear(&strangers->rows);
    marks_clear(&strangers->declined);
}

static void write_secret(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void stranger_save(struct step *step, const struct stranger *stranger)
{
    const struct intro_opened *opened = &stranger->opened;
    uint8_t card[CARD_BYTES];
    card_encode(&opened->card, card);
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 11);
    write_secret(&writer, card, sizeof(card));
    write_secret(&writer, opened->opening.bytes, 32);
    write_secret(&writer, opened->ephemeral_public, 32);
    write_secret(&writer, opened->start.root, 32);
    write_secret(&writer, opened->start.own_tag_key, 32);
    write_secret(&writer, opened->start.peer_tag_key, 32);
    wire_write_uint(&writer, opened->prekey_id);
    write_secret(&writer, stranger->id.bytes, sizeof(stranger->id.bytes));
    wire_write_uint(&writer, stranger->expires_h);
    wire_write_uint(&writer, stranger->seen_h);
    wire_write_bool(&writer, opened->invited);
    records_put(step, RECORD_REQUEST, stranger->row, &writer);
}

static enum status stranger_read(
    struct wire_reader *reader, struct stranger *stranger)
{
    struct intro_opened *opened = &stranger->opened;
    uint8_t card[CARD_BYTES];
    wire_read_array_of(reader, 11);
    wire_read_fixed(reader, card, sizeof(card));
    wire_read_fixed(reader, opened->opening.bytes, 32);
    wire_read_fixed(reader, opened->ephemeral_public, 32);
    wire_read_fixed(reader, opened->start.root, 32);
    wire_read_fixed(reader, opened->start.own_tag_key, 32);
    wire_read_fixed(reader, opened->start.peer_tag_key, 32);
    opened->prekey_id = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, stranger->id.bytes, sizeof(stranger->id.bytes));
    stranger->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    stranger->seen_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    opened->invited = wire_read_bool(reader);
    enum status status = wire_read_done(reader);
    if (!status)
        status = card_decode(card, &opened->card);
    if (!status)
        card_fingerprint(&opened->card, &stranger->fingerprint);
    return status;
}

enum status strangers_load(struct strangers *strangers, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct stranger *stranger;
    enum status status = rows_add(&strangers->rows, record->row, &stranger);
    if (status)
        return status;
    status = stranger_read(&reader, stranger);
    if (status)
        rows_remove(&strangers->rows, record->row);
    return status;
}

static struct stranger *find_person(
    const struct strangers *strangers, const struct fingerprint *fingerprint)
{
    for (size_t i = 0; i < strangers->rows.count; i++) {
        struct stranger *stranger = rows_at(&strangers->rows, i);
        if (fingerprint_equal(&stranger->fingerprint, fingerprint))
            return stranger;
    }
    return NULL;
}

/* Declining. */

static struct span bytes_of(const struct fingerprint *fingerprint)
{
    return (struct span){fingerprint->bytes, sizeof(fingerprint->bytes)};
}

void strangers_decline(struct strangers *strangers, struct step *step,
    const struct fingerprint *fingerprint)
{
    struct stranger *stranger = find_person(strangers, fingerprint);
    if (stranger)
        strangers_forget(strangers, step, stranger->row);
    marks_add(&strangers->declined, step, bytes_of(fingerprint),
        step->now_h + STRANGER_KEPT_H);
}

/* Coming and going. */

/* Whoever was invited is not to be kept out by those who were not. */
static void make_room(struct strangers *strangers, struct step *step)
{
    const struct rows *rows = &strangers->rows;
    for (size_t i = 0; rows->count == rows->maximum && i < rows->count; i++) {
        const struct stranger *stranger = rows_at(rows, i);
        if (!stranger->opened.invited)
            strangers_forget(strangers, step, stranger->row);
    }
}

void strangers_add(struct strangers *strangers, struct step *step,
    const struct intro_opened *opened, const struct port_message *message)
{
    struct fingerprint fingerprint;
    card_fingerprint(&opened->card, &fingerprint);
    if (!opened->invited &&
        marks_has(&strangers->declined, step, bytes_of(&fingerprint)))
        return;
    struct stranger *stranger = find_person(strangers, &fingerprint);
    if (stranger && stranger->opened.invited && !opened->invited)
        return;
    if (stranger && memcmp(stranger->opened.ephemeral_public,
                        opened->ephemeral_public, 32) == 0)
        return;
    if (!stranger) {
        if (opened->invited)
            make_room(strangers, step);
        enum status status = rows_append(&strangers->rows, &stranger);
        if (status == STATUS_FULL)
            return;
        step_check(step, status);
        if (status)
            return;
    }
    stranger->fingerprint = fingerprint;
    stranger->opened = *opened;
    stranger->id = message->envelope.id;
    stranger->expires_h = message->envelope.envelope->expires_h;
    stranger->seen_h = step->now_h;
    stranger_save(step, stranger);
}

void strangers_forget(
    struct strangers *strangers, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_REQUEST, row);
    rows_remove(&strangers->rows, row);
    step_scrub(step);
}

bool strangers_take(struct strangers *strangers, struct step *step,
    const struct fingerprint *fingerprint, struct stranger *out)
{
    struct stranger *stranger = find_person(strangers, fingerprint);
    if (!stranger)
        return false;
    *out = *stranger;
    strangers_forget(strangers, step, stranger->row);
    return true;
}

static bool is_meant(struct span word, const struct stranger *stranger)
{
    char text[CONTROL_FINGERPRINT_CHARS + 1];
    hex_encode((struct span){stranger->fingerprint.bytes,
                   sizeof(stranger->fingerprint.bytes)},
        text);
    return memcmp(text, word.data, word.size) == 0;
}

enum status strangers_find(const struct strangers *strangers, struct span word,
    const struct stranger **out)
{
    const struct stranger *found = NULL;
    if (word.size < STRANGER_PREFIX_CHARS ||
        word.size > CONTROL_FINGERPRINT_CHARS)
        return STATUS_NOT_FOUND;
    for (size_t i = 0; i < strangers->rows.count; i++) {
        const struct stranger *stranger = rows_at(&strangers->rows, i);
        if (!is_meant(word, stranger))
            continue;
        if (found)
            return STATUS_AMBIGUOUS;
        found = stranger;
    }
    if (!found)
        return STATUS_NOT_FOUND;
    *out = found;
    return STATUS_OK;
}

void stranger_describe(
    const struct stranger *stranger, struct control_stranger *out)
{
    hex_encode((struct span){stranger->fingerprint.bytes,
                   sizeof(stranger->fingerprint.bytes)},
        out->fingerprint);
    out->invited = stranger->opened.invited;
    out->came_at_s = (uint64_t)stranger->seen_h * HOUR_S;
    out->forgotten_at_s =
        (stranger->seen_h + (uint64_t)STRANGER_KEPT_H) * HOUR_S;
}

void strangers_sweep(struct strangers *strangers, struct step *step)
{
    for (size_t i = strangers->rows.count; i-- > 0;) {
        const struct stranger *stranger = rows_at(&strangers->rows, i);
        if (step->now_h > stranger->seen_h + STRANGER_KEPT_H)
            strangers_forget(strangers, step, stranger->row);
    }
    marks_sweep(&strangers->declined, step);
}
