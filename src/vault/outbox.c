/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters under way, until a receipt, a recall or their expiry ends them.
 *
 * A letter, the session that sealed it and its envelope are one transaction,
 * and only after it does the relay hear of the envelope: so a key is never
 * used twice, and what was answered as queued is on disk.  A retry hands over
 * the same envelope.  Only when its session is lost is a letter sealed again,
 * under another; the recipient knows it by its id.
 *
 * Letters of our own to another vault, welcomes and notes of what was read,
 * take the same way, and are not shown. */
#include "vault/outbox.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "vault/outbox_store.h"

struct errand {
    uint64_t row; /* the ticket */
    uint64_t contact;
};

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){.held = 0};
    rows_init(&outbox->letters, sizeof(struct outbox_letter),
        LIMIT_OUTBOX_LETTERS, true);
    rows_init(&outbox->envelopes, sizeof(struct outbox_envelope),
        LIMIT_OUTBOX_LETTERS, false);
    rows_init(&outbox->errands, sizeof(struct errand), LIMIT_CONTACTS, false);
}

void outbox_clear(struct outbox *outbox)
{
    rows_clear(&outbox->letters);
    rows_clear(&outbox->envelopes);
    rows_clear(&outbox->errands);
}

/* Sending. */

enum status outbox_begin(struct outbox *outbox, struct step *step,
    uint64_t contact, const struct letter *letter, bool urgent, size_t *size,
    struct outbox_letter **out)
{
    size_t encoded;
    enum status status = letter_encode(
        letter, step->desk->letter, sizeof(step->desk->letter), &encoded);
    if (status)
        return status;
    struct outbox_letter *begun;
    status = rows_append(&outbox->letters, &begun);
    if (status)
        return status;
    begun->contact = contact;
    begun->type = letter->type;
    begun->state = OUTBOX_QUEUED;
    begun->urgent = urgent;
    begun->id = letter->id;
    begun->expires_h = letter->expires_h;
    begun->sent_at_s = letter->sent_at_s;
    *size = encoded;
    *out = begun;
    return STATUS_OK;
}

enum status outbox_begin_welcome(struct outbox *outbox, struct step *step,
    uint64_t contact, size_t *size, struct outbox_letter **out)
{
    struct letter letter = {.type = LETTER_WELCOME,
        .sent_at_s = step->clock_s,
        .expires_h = step->now_h + LIMIT_ENVELOPE_LIFE_H};
    random_fill(step->random, letter.id.bytes, sizeof(letter.id.bytes));
    return outbox_begin(outbox, step, contact, &letter, false, size, out);
}

void outbox_seal(struct outbox *outbox, struct step *step,
    struct outbox_letter *letter, size_t size, const struct outbox_place *place)
{
    const struct sealed *sealed = &step->desk->sealed;
    struct span encoding = {sealed->encoding, sealed->size};
    letter->session = place->session;
    letter->chain = place->chain;
    letter->number = place->number;
    letter->envelope = sealed->id;
    letter->opening = sealed->opening;
    outbox_index_add(outbox, step, letter);
    outbox_save(step, letter);
    outbox_body_save(
        step, letter, (struct span){step->desk->letter, size}, encoding);
    step_submit(step, &sealed->id, encoding, letter->urgent);
    secret_wipe(step->desk->letter, size);
    secret_wipe(&step->desk->sealed, sizeof(step->desk->sealed));
}

void outbox_hold(struct outbox *outbox, struct step *step,
    struct outbox_letter *letter, size_t size)
{
    outbox->held++;
    outbox_save(step, letter);
    outbox_body_save(step, letter, (struct span){step->desk->letter, size},
        (struct span){NULL, 0});
    secret_wipe(step->desk->letter, size);
}

/* Holding back. */

bool outbox_holds(const struct outbox *outbox, uint64_t contact)
{
    if (outbox->held == 0)
        return false;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && outbox_is_held(letter))
            return true;
    }
    return false;
}

static bool is_fetching(const struct outbox *outbox, uint64_t contact)
{
    for (size_t i = 0; i < outbox->errands.count; i++) {
        const struct errand *errand = rows_at(&outbox->errands, i);
        if (errand->contact == contact)
            return true;
    }
    return false;
}

void outbox_fetch_held(
    struct outbox *outbox, struct step *step, uint64_t contact)
{
    if (outbox->held == 0 || is_fetching(outbox, contact))
        return;
    uint64_t rows[OUTBOX_FETCH_LETTERS];
    size_t count = 0;
    for (size_t i = 0;
         i < outbox->letters.count && count < OUTBOX_FETCH_LETTERS; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && outbox_is_held(letter))
            rows[count++] = letter->row;
    }
    if (count == 0)
        return;
    struct errand *errand;
    uint32_t ticket = step_fetch(step, RECORD_OUTBOX_BODY, rows, count);
    enum status status = rows_add(&outbox->errands, ticket, &errand);
    step_check(step, status);
    if (!status)
        errand->contact = contact;
}

void outbox_reseal(struct outbox *outbox, struct step *step, uint64_t contact,
    uint64_t session)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact != contact || !outbox_is_under_way(letter) ||
            letter->session == 0 || letter->session == session)
            continue;
        if (session == 0)
            outbox_release(step, letter);
        outbox_index_remove(outbox, letter);
        letter->session = 0;
        letter->state = OUTBOX_QUEUED;
        letter->handed_to = 0;
        outbox->held++;
        outbox_save(step, letter);
    }
}

bool outbox_has_under_way(const struct outbox *outbox, uint64_t session)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->session == session && outbox_is_under_way(letter))
            return true;
    }
    return false;
}

/* Bodies. */

static void submit_body(
    struct outbox *outbox, struct step *step, const struct vault_record *record)
{
    const struct outbox_letter *letter =
        rows_find(&outbox->letters, record->row);
    struct span plain;
    struct span envelope;
    if (!letter || !letter->session || !outbox_is_under_way(letter) ||
        outbox_body_read(step, record, &plain, &envelope) || envelope.size == 0)
        return;
    step_submit(step, &letter->envelope, envelope, letter->urgent);
}

/* Fetch the next few that are under way, after a row. */
static void resubmit_after(
    struct outbox *outbox, struct step *step, uint64_t row)
{
    uint64_t rows[OUTBOX_FETCH_LETTERS];
    size_t count = 0;
    outbox->resubmitting = 0;
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count && count < OUTBOX_FETCH_LETTERS; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->session && outbox_is_under_way(letter))
            rows[count++] = letter->row;
    }
    if (count)
        outbox->resubmitting =
            step_fetch(step, RECORD_OUTBOX_BODY, rows, count);
}

bool outbox_fetched(struct outbox *outbox, struct step *step,
    const struct vault_event *event, uint64_t *contact)
{
    uint32_t ticket = event->fetched.ticket;
    *contact = 0;
    if (ticket && ticket == outbox->resubmitting) {
        uint64_t last = UINT64_MAX;
        for (size_t i = 0; i < event->fetched.count; i++) {
            submit_body(outbox, step, &event->fetched.records[i]);
            last = event->fetched.records[i].row;
        }
        resubmit_after(outbox, step, last);
        return true;
    }
    const struct errand *errand = rows_find(&outbox->errands, ticket);
    if (!errand)
        return false;
    *contact = errand->contact;
    rows_remove(&outbox->errands, ticket);
    return true;
}

enum status outbox_unpack(struct outbox *outbox, struct step *step,
    const struct vault_record *record, size_t *size, struct outbox_letter **out)
{
    struct outbox_letter *letter = rows_find(&outbox->letters, record->row);
    if (!letter || !outbox_is_held(letter))
        return STATUS_NOT_FOUND;
    struct span plain;
    struct span envelope;
    enum status status = outbox_body_read(step, record, &plain, &envelope);
    if (status)
        return status;
    memcpy(step->desk->letter, plain.data, plain.size);
    outbox->held--;
    *size = plain.size;
    *out = letter;
    return STATUS_OK;
}

/* Retrying. */

/* Whether nobody but us can clear its envelope, and it is to be cleared. */
static bool is_to_clear(const struct outbox_letter *letter)
{
    bool all_have_it =
        outbox_group_of(letter->contact) &&
        (letter->state == OUTBOX_DELIVERED || letter->state == OUTBOX_READ);
    return letter->session && (letter->state == OUTBOX_RECALLED || all_have_it);
}

static void resubmit_at(
    struct outbox *outbox, struct step *step, uint64_t at_ms)
{
    outbox->resubmit_ms = at_ms;
    step_at(step, TIMER_RESUBMIT, 0, at_ms);
}

void outbox_resubmit(struct outbox *outbox, struct step *step)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (is_to_clear(letter) && letter->expires_h >= step->now_h)
            outbox_release(step, letter);
    }
    resubmit_after(outbox, step, 0);
    resubmit_at(outbox, step, step->now_ms + OUTBOX_RESUBMIT_MS);
}

void outbox_resubmit_due(struct outbox *outbox, struct step *step)
{
    if (outbox->resubmit_ms <= step->now_ms)
        outbox_resubmit(outbox, step);
}

void outbox_refused(
    struct outbox *outbox, struct step *step, const struct envelope_id *id)
{
    uint64_t at_ms = step->now_ms + OUTBOX_REFUSED_MS;
    if (outbox_find_envelope(outbox, id) && outbox->resubmit_ms > at_ms)
        resubmit_at(outbox, step, at_ms);
}
