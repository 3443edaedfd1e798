/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a letter ends: by a receipt, a recall or its expiry; and what a person is
 * shown of it.  A state never goes back, but for one: a receipt that comes
 * after the expiry still makes a letter delivered, since that is the truth. */
#include "vault/outbox.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/outbox_store.h"
#include "vault/records.h"

static const char *outbox_evidence_word(const struct outbox_letter *letter)
{
    return letter_is_signed(letter->type) ? "evidential" : "deniable";
}

/* Ends. */

static void letter_forget(struct outbox *outbox, struct step *step,
    const struct outbox_letter *letter)
{
    uint64_t row = letter->row;
    outbox_index_remove(outbox, letter);
    records_delete(step, RECORD_OUTBOX, row);
    rows_remove(&outbox->letters, row);
}

void outbox_forget_contact(
    struct outbox *outbox, struct step *step, uint64_t contact)
{
    for (size_t i = outbox->letters.count; i-- > 0;) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact != contact)
            continue;
        outbox->held -= outbox_is_held(letter);
        if (outbox_is_under_way(letter)) {
            if (letter->session)
                outbox_release(step, letter);
            records_delete(step, RECORD_OUTBOX_BODY, letter->row);
        }
        letter_forget(outbox, step, letter);
    }
}

static void letter_finish(struct outbox *outbox, struct step *step,
    struct outbox_letter *letter, enum outbox_state state)
{
    outbox->held -= outbox_is_held(letter);
    if (outbox_is_under_way(letter)) {
        records_delete(step, RECORD_OUTBOX_BODY, letter->row);
        step_scrub(step);
    }
    letter->state = state;
    letter->finished_at_s = step->clock_s;
    outbox_save(step, letter);
}

const struct outbox_letter *outbox_handed(struct outbox *outbox,
    struct step *step, const struct envelope_id *id, uint32_t peers)
{
    struct outbox_letter *letter = outbox_find_envelope(outbox, id);
    if (!letter || peers == 0 || !outbox_is_under_way(letter))
        return NULL;
    letter->stamp_bits = 0;
    if (peers > letter->handed_to)
        letter->handed_to = peers;
    if (letter->state == OUTBOX_HANDED)
        return NULL;
    letter->state = OUTBOX_HANDED;
    outbox_save(step, letter);
    return letter;
}

const struct outbox_letter *outbox_waits(
    struct outbox *outbox, const struct envelope_id *id, uint32_t bits)
{
    struct outbox_letter *letter = outbox_find_envelope(outbox, id);
    if (!letter || !outbox_is_under_way(letter) || letter->stamp_bits == bits)
        return NULL;
    letter->stamp_bits = (uint8_t)bits;
    return letter;
}

/* A receipt that comes after the expiry still tells the truth.  After a recall
 * it tells nothing: it may be our own. */
const struct outbox_letter *outbox_cleared(struct outbox *outbox,
    struct step *step, const struct envelope_id *id,
    const struct opening *opening)
{
    struct outbox_letter *letter = outbox_find_envelope(outbox, id);
    if (!letter ||
        (!outbox_is_under_way(letter) && letter->state != OUTBOX_EXPIRED) ||
        !secret_equal(
            letter->opening.bytes, opening->bytes, sizeof(opening->bytes)))
        return NULL;
    letter->delivered_at_s = step->clock_s;
    letter_finish(outbox, step, letter, OUTBOX_DELIVERED);
    return letter;
}

struct outbox_letter *outbox_find_sent(
    const struct outbox *outbox, uint64_t contact, const struct message_id *id)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && letter_is_text(letter->type) &&
            message_id_equal(&letter->id, id))
            return letter;
    }
    return NULL;
}

const struct outbox_letter *outbox_read(struct outbox *outbox,
    struct step *step, uint64_t contact, const struct message_id *id)
{
    struct outbox_letter *letter = outbox_find_sent(outbox, contact, id);
    if (!letter || letter->state == OUTBOX_READ)
        return NULL;
    if (letter->delivered_at_s == 0)
        letter->delivered_at_s = step->clock_s;
    letter_finish(outbox, step, letter, OUTBOX_READ);
    return letter;
}

/* Letters to a group. */

const struct outbox_letter *outbox_find_group(
    const struct outbox *outbox, const struct message_id *id)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (outbox_group_of(letter->contact) &&
            message_id_equal(&letter->id, id))
            return letter;
    }
    return NULL;
}

const struct outbox_letter *outbox_settle(struct outbox *outbox,
    struct step *step, uint64_t row, enum outbox_state state)
{
    struct outbox_letter *letter = rows_find(&outbox->letters, row);
    if (letter->state == OUTBOX_RECALLED || letter->state == OUTBOX_READ ||
        letter->state == state)
        return NULL;
    if (letter->delivered_at_s == 0) {
        letter->delivered_at_s = step->clock_s;
        if (letter->session)
            outbox_release(step, letter);
    }
    letter_finish(outbox, step, letter, state);
    return letter;
}

const struct outbox_letter *outbox_expire(
    struct outbox *outbox, struct step *step, uint64_t row)
{
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (!outbox_is_under_way(letter) || step->now_h <= letter->expires_h)
            continue;
        letter_finish(outbox, step, letter, OUTBOX_EXPIRED);
        return letter;
    }
    return NULL;
}

static bool is_stale(
    const struct step *step, const struct outbox_letter *letter)
{
    bool has_file = letter_has_file(letter->type);
    if (outbox_is_under_way(letter) ||
        (has_file && step->now_h <= letter->expires_h))
        return false;
    return !letter_is_text(letter->type) ||
           step->clock_s > letter->finished_at_s + OUTBOX_KEPT_S;
}

/* The letter of a file, which may be under way itself, stays until no part can
 * be.  One that was recalled is kept until its copies are gone anyway, so that
 * the recall can be said again. */
void outbox_sweep(struct outbox *outbox, struct step *step)
{
    for (size_t i = outbox->letters.count; i-- > 0;) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (is_stale(step, letter) && (letter->state != OUTBOX_RECALLED ||
                                          step->now_h > letter->expires_h))
            letter_forget(outbox, step, letter);
    }
}

/* Recalling. */

enum { ID_CHARS = CONTROL_MESSAGE_ID_CHARS };

static void id_text(const struct message_id *id, char out[ID_CHARS + 1])
{
    hex_encode((struct span){id->bytes, sizeof(id->bytes)}, out);
}

static bool id_begins(const struct message_id *id, struct span prefix)
{
    char text[ID_CHARS + 1];
    id_text(id, text);
    return memcmp(text, prefix.data, prefix.size) == 0;
}

static enum status find_prefix(
    const struct outbox *outbox, struct span prefix, struct outbox_letter **out)
{
    struct outbox_letter *found = NULL;
    if (prefix.size == 0 || prefix.size > ID_CHARS)
        return STATUS_NOT_FOUND;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (!letter_is_text(letter->type) || !id_begins(&letter->id, prefix))
            continue;
        if (found)
            return STATUS_AMBIGUOUS;
        found = letter;
    }
    if (!found)
        return STATUS_NOT_FOUND;
    *out = found;
    return STATUS_OK;
}

/* Why a letter in that state can't be recalled; NULL when it can. */
static const char *too_late(enum outbox_state state)
{
    switch (state) {
    case OUTBOX_QUEUED:
    case OUTBOX_HANDED:
    case OUTBOX_RECALLED:
        return NULL;
    case OUTBOX_DELIVERED:
        return "this letter is delivered; only one that is not can be recalled";
    case OUTBOX_READ:
        return "this letter is read; only one that is not delivered can be "
               "recalled";
    case OUTBOX_REFUSED:
        return "the file of this letter was refused";
    case OUTBOX_EXPIRED:
        return "this letter has expired; every relay drops it by itself";
    }
    return NULL;
}

enum status outbox_find(const struct outbox *outbox, struct step *step,
    struct span id, struct outbox_letter **out)
{
    enum status status = find_prefix(outbox, id, out);
    if (status == STATUS_AMBIGUOUS)
        step_refuse(step, status,
            (struct say){.form = "more than one letter's id begins so; give "
                                 "more of it"});
    else if (status)
        step_refuse(step, status,
            (struct say){.form = "no letter has that id; `sotto outbox` lists "
                                 "them"});
    return status;
}

static struct outbox_letter *recall_find(
    const struct outbox *outbox, struct step *step, struct span id)
{
    struct outbox_letter *letter = NULL;
    if (outbox_find(outbox, step, id, &letter))
        return NULL;
    const char *why = too_late(letter->state);
    if (!why)
        return letter;
    step_refuse(step, STATUS_REFUSED, (struct say){.form = why});
    return NULL;
}

void outbox_call_back(
    struct outbox *outbox, struct step *step, struct outbox_letter *letter)
{
    if (letter->session)
        outbox_release(step, letter);
    if (outbox_is_under_way(letter))
        letter_finish(outbox, step, letter, OUTBOX_RECALLED);
}

/* Ids of parts differ from their file's in the last byte alone (files_parts.h).
 */
void outbox_call_back_parts(struct outbox *outbox, struct step *step,
    uint64_t contact, const struct message_id *file)
{
    for (size_t i = 0; i < outbox->letters.count; i++) {
        struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter->contact == contact && letter->type == LETTER_FILE_PART &&
            outbox_is_under_way(letter) &&
            memcmp(letter->id.bytes, file->bytes, sizeof(file->bytes) - 1) == 0)
            outbox_call_back(outbox, step, letter);
    }
}

void outbox_answer_recalled(
    struct step *step, const struct outbox_letter *letter)
{
    struct control_reply *reply = step_reply(step, CONTROL_SENT);
    id_text(&letter->id, reply->sent.id);
    reply->sent.state = OUTBOX_RECALLED;
    reply->sent.evidence = outbox_evidence_word(letter);
}

const struct outbox_letter *outbox_recall(
    struct outbox *outbox, struct step *step, struct span id)
{
    struct outbox_letter *letter = recall_find(outbox, step, id);
    if (!letter)
        return NULL;
    bool changed = outbox_is_under_way(letter);
    outbox_call_back(outbox, step, letter);
    outbox_answer_recalled(step, letter);
    return changed ? letter : NULL;
}

/* Listing. */

uint64_t outbox_count_under_way(const struct outbox *outbox)
{
    uint64_t count = 0;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        count += letter_is_text(letter->type) && outbox_is_under_way(letter);
    }
    return count;
}

const struct outbox_letter *outbox_next(
    const struct outbox *outbox, uint64_t row)
{
    for (size_t i = rows_after(&outbox->letters, row);
         i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        if (letter_is_text(letter->type))
            return letter;
    }
    return NULL;
}

void outbox_describe(
    const struct outbox_letter *letter, struct control_outbox_item *out)
{
    id_text(&letter->id, out->id);
    out->state = letter->state;
    out->handed_to = letter->handed_to;
    out->stamp_bits = outbox_is_under_way(letter) ? letter->stamp_bits : 0;
    out->sent_at_s = letter->sent_at_s;
    out->expires_at_s = (letter->expires_h + 1ull) * HOUR_S;
    out->delivered_at_s = letter->delivered_at_s;
    out->evidence = outbox_evidence_word(letter);
}

const char *outbox_step_violation(const struct outbox *outbox)
{
    if (outbox->held > outbox->letters.count)
        return "letters held back are miscounted";
    if (outbox->envelopes.count > outbox->letters.count)
        return "the envelope index does not match the outbox";
    return NULL;
}

const char *outbox_violation(const struct outbox *outbox)
{
    uint64_t held = 0;
    size_t sealed = 0;
    for (size_t i = 0; i < outbox->letters.count; i++) {
        const struct outbox_letter *letter = rows_at(&outbox->letters, i);
        held += outbox_is_held(letter);
        sealed += letter->session != 0;
    }
    if (held != outbox->held)
        return "letters held back are miscounted";
    if (sealed != outbox->envelopes.count)
        return "the envelope index does not match the outbox";
    return NULL;
}
