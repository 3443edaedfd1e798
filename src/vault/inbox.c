/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters received, each shown once.
 *
 * The ratchet opens an envelope once; but a letter may come in a second
 * envelope, sealed anew for a new session, so its id is kept until no copy can
 * be under way.
 *
 * A letter with a burn timer is destroyed that long after it was read.  One
 * that is never read is destroyed when it would have expired undelivered, or
 * after the burn time if that is longer.  While the vault is unlocked this is
 * measured by the clock that never jumps; the wall clock is consulted on
 * unlock alone, and can lengthen no life past the whole of it.  What came due
 * while the vault was locked burns on unlock, before anything is shown. */
#include "vault/inbox.h"

#include <string.h>

#include "base/hex.h"
#include "vault/inbox_inside.h"
#include "vault/records.h"

void inbox_init(struct inbox *inbox)
{
    rows_init(&inbox->letters, sizeof(struct inbox_letter), LIMIT_INBOX_LETTERS,
        false);
    marks_init(&inbox->seen, RECORD_SEEN, LIMIT_INBOX_LETTERS);
    rows_init(
        &inbox->readings, sizeof(struct inbox_reading), INBOX_READINGS, false);
    inbox->unread = 0;
}

void inbox_clear(struct inbox *inbox)
{
    rows_clear(&inbox->letters);
    marks_clear(&inbox->seen);
    rows_clear(&inbox->readings);
}

enum status inbox_load(
    struct inbox *inbox, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct inbox_letter *letter;
    enum status status = rows_add(&inbox->letters, record->row, &letter);
    if (status)
        return status;
    status = inbox_letter_read(&reader, letter);
    if (status)
        rows_remove(&inbox->letters, record->row);
    else
        inbox->unread += letter->read_at_s == 0;
    return status;
}

/* Burning. */

void inbox_burn_schedule(struct step *step, struct inbox_letter *letter)
{
    if (letter->burn_s == 0)
        return;
    uint64_t from_s =
        letter->read_at_s ? letter->read_at_s : letter->received_at_s;
    uint64_t left_s = inbox_letter_life_s(letter);
    uint64_t passed_s = step->clock_s > from_s ? step->clock_s - from_s : 0;
    left_s = passed_s < left_s ? left_s - passed_s : 0;
    letter->burn_ms = step->now_ms + left_s * 1000;
    step_at(step, TIMER_BURN, letter->row, letter->burn_ms);
}

static void letter_destroy(
    struct inbox *inbox, struct step *step, const struct inbox_letter *letter)
{
    uint64_t row = letter->row;
    inbox->unread -= letter->read_at_s == 0;
    records_delete(step, RECORD_INBOX, row);
    records_delete(step, RECORD_INBOX_BODY, row);
    rows_remove(&inbox->letters, row);
}

bool inbox_letter_is_over(
    const struct step *step, const struct inbox_letter *letter)
{
    return letter->burn_s > 0 && letter->burn_ms <= step->now_ms;
}

void inbox_burn(struct inbox *inbox, struct step *step, uint64_t row)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    if (!letter || !inbox_letter_is_over(step, letter))
        return;
    letter_destroy(inbox, step, letter);
    step_effect(step, VAULT_SCRUB);
}

void inbox_start(struct inbox *inbox, struct step *step)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        struct inbox_letter *letter = rows_at(&inbox->letters, i);
        inbox_burn_schedule(step, letter);
        inbox_burn(inbox, step, letter->row);
    }
}

/* Also catches those for whose timer there was no room. */
void inbox_sweep(struct inbox *inbox, struct step *step)
{
    marks_sweep(&inbox->seen, step);
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        inbox_burn(inbox, step, letter->row);
    }
}

void inbox_forget_contact(
    struct inbox *inbox, struct step *step, uint64_t contact)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->contact == contact && letter->group == 0)
            letter_destroy(inbox, step, letter);
    }
}

void inbox_forget_group(struct inbox *inbox, struct step *step, uint64_t group)
{
    for (size_t i = inbox->letters.count; i-- > 0;) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->group == group)
            letter_destroy(inbox, step, letter);
    }
}

bool inbox_has_contact(const struct inbox *inbox, uint64_t contact)
{
    for (size_t i = 0; i < inbox->letters.count; i++) {
        const struct inbox_letter *letter = rows_at(&inbox->letters, i);
        if (letter->contact == contact)
            return true;
    }
    return false;
}

const char *inbox_view_word(enum inbox_view view)
{
    switch (view) {
    case INBOX_VIEW_CURRENT:
        return "current";
    case INBOX_VIEW_OLD:
        return "old";
    case INBOX_VIEW_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

uint64_t inbox_first_end_h(const struct inbox *inbox)
{
    uint64_t first_h = UINT64_MAX;
    for (size_t i = 0; i < inbox->letters.count; i++) {
        uint64_t end_h = inbox_letter_end_h(rows_at(&inbox->letters, i));
        if (end_h < first_h)
            first_h = end_h;
    }
    return first_h;
}

/* Receiving. */

bool inbox_is_full(const struct inbox *inbox)
{
    return inbox->letters.count == inbox->letters.maximum ||
           inbox->seen.rows.count == inbox->seen.rows.maximum;
}

/* The sender's word for the expiry is believed as far as an envelope can
 * live. */
static uint32_t bounded_expiry_h(
    const struct step *step, const struct letter *letter)
{
    uint32_t latest_h = step->now_h + LIMIT_ENVELOPE_LIFE_H;
    return letter->expires_h < latest_h ? letter->expires_h : latest_h;
}

static bool first_sight(
    struct inbox *inbox, struct step *step, struct span thing)
{
    return marks_add(&inbox->seen, step, thing,
        step->now_h + LIMIT_ENVELOPE_LIFE_H + INBOX_SEEN_GRACE_H);
}

static struct span id_bytes(const struct message_id *id)
{
    return (struct span){id->bytes, sizeof(id->bytes)};
}

bool inbox_first_sight(
    struct inbox *inbox, struct step *step, const struct letter *letter)
{
    return first_sight(inbox, step, id_bytes(&letter->id));
}

bool inbox_first_sight_of(struct inbox *inbox, struct step *step,
    const struct letter *letter, const struct fingerprint *writer)
{
    uint8_t thing[sizeof(letter->id.bytes) + 16];
    memcpy(thing, letter->id.bytes, sizeof(letter->id.bytes));
    memcpy(thing + sizeof(letter->id.bytes), writer->bytes, 16);
    return first_sight(inbox, step, (struct span){thing, sizeof(thing)});
}

/* In JSON a control character takes six bytes, and a quotation mark two. */
static uint32_t weight_of(struct span text)
{
    uint32_t weight = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        weight += byte < 0x20 || byte == 0x7f   ? 6
                  : byte == '"' || byte == '\\' ? 2
                                                : 1;
    }
    return weight;
}

static const char *evidence_word(enum inbox_evidence evidence)
{
    switch (evidence) {
    case INBOX_DENIABLE:
        return "deniable";
    case INBOX_EVIDENTIAL:
        return "evidential";
    case INBOX_UNPROVEN:
        return "unproven";
    }
    return "unproven";
}

void inbox_letter_describe(const struct inbox_letter *letter,
    const struct inbox_body *body, struct control_letter *out)
{
    hex_encode(
        (struct span){letter->id.bytes, sizeof(letter->id.bytes)}, out->id);
    out->text = body->text;
    out->sent_at_s = letter->sent_at_s;
    out->received_at_s = letter->received_at_s;
    out->state = letter->read_at_s ? "read" : "unread";
    out->burn_s = letter->burn_s;
    out->burns_at_s = letter->burns_at_s;
    out->evidence = evidence_word(letter->evidence);
    out->number = letter->number;
    out->view = letter->group ? inbox_view_word(letter->view) : "";
    out->file = body->file;
    out->file_bytes = body->file_bytes;
    out->file_state = body->file_end ? "refused" : "";
    out->file_reason = file_end_word(body->file_end);
}

void inbox_receive(struct inbox *inbox, struct step *step,
    const struct inbox_origin *origin, const struct letter *letter,
    struct control_letter *out)
{
    struct inbox_letter *kept;
    enum status status = rows_append(&inbox->letters, &kept);
    step_check(step, status);
    if (status)
        return;
    kept->contact = origin->contact;
    kept->group = origin->group;
    kept->view = origin->view;
    kept->evidence = origin->evidence;
    kept->number = letter->evidence.number;
    kept->id = letter->id;
    kept->sent_at_s = letter->sent_at_s;
    kept->received_at_s = step->clock_s;
    kept->burn_s =
        letter->burn_s < LIMIT_BURN_S ? letter->burn_s : (uint32_t)LIMIT_BURN_S;
    kept->expires_h = bounded_expiry_h(step, letter);
    kept->weight = weight_of(letter->text) + weight_of(letter->file.name);
    inbox->unread++;
    inbox_burn_schedule(step, kept);
    inbox_letter_save(step, kept);
    const struct inbox_body body = {step_copy(step, letter->text),
        step_copy(step, letter->file.name), letter->file.bytes, origin->end};
    inbox_body_save(step, kept, &body);
    inbox_letter_describe(kept, &body, out);
}

/* Backups. */

bool inbox_has(const struct inbox *inbox, const struct step *step, uint64_t row,
    struct inbox_origin *origin)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    if (!letter || inbox_letter_is_over(step, letter))
        return false;
    *origin = (struct inbox_origin){
        .contact = letter->contact, .group = letter->group};
    return true;
}

void inbox_restore(struct inbox *inbox, struct step *step, uint64_t row)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    inbox_letter_save(step, letter);
    if (letter->group == 0) /* of others the marks are in the backup, too */
        first_sight(inbox, step, id_bytes(&letter->id));
}

enum status inbox_restore_body(const struct inbox *inbox, struct step *step,
    uint64_t row, struct span plain)
{
    const struct inbox_letter *letter = rows_find(&inbox->letters, row);
    struct wire_reader reader;
    struct inbox_body body;
    wire_read_init(&reader, plain);
    if (inbox_body_read(&reader, &body) || !letter)
        return STATUS_INVALID;
    inbox_body_save(step, letter, &body);
    return STATUS_OK;
}
