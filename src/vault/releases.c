/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt that left at once would tell a watcher who has received; so each
 * waits for a time drawn from an exponential distribution, anew whenever the
 * vault or the relay comes up.  It is a record from the same transaction as
 * the letter: a letter that was kept is confirmed in the end, and none is
 * confirmed that was not kept.
 *
 * That our relay has it is not the end: until others have it too, a relay that
 * fails and forgets takes it along, and an envelope opens but once.  So it
 * stays for an hour after, in which a relay that comes up is told again; not
 * to the envelope's expiry, as it says what came to us. */
#include "vault/releases.h"

#include "vault/records.h"

enum { RECEIPT_FIELDS_3 = 3, RECEIPT_FIELDS = 4 };

void releases_init(struct releases *releases)
{
    rows_init(&releases->rows, sizeof(struct receipt), RECEIPTS_MAXIMUM, true);
}

void releases_clear(struct releases *releases)
{
    rows_clear(&releases->rows);
}

static uint64_t row_of(const struct step *step, const struct envelope_id *id)
{
    return records_blind(
        step, RECORD_RELEASE, (struct span){id->bytes, sizeof(id->bytes)});
}

static void receipt_wait(struct step *step, struct receipt *receipt)
{
    receipt->is_cleared = false;
    receipt->at_ms = step->now_ms + step_receipt_wait_ms(step, receipt->pace);
    step_at(step, TIMER_RELEASE, receipt->row, receipt->at_ms);
}

enum status releases_load(struct releases *releases, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct receipt *receipt;
    enum status status = rows_add(&releases->rows, record->row, &receipt);
    if (status)
        return status;
    size_t fields = wire_read_array(&reader, RECEIPT_FIELDS);
    wire_read_fixed(&reader, receipt->id.bytes, sizeof(receipt->id.bytes));
    wire_read_fixed(
        &reader, receipt->opening.bytes, sizeof(receipt->opening.bytes));
    receipt->expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    if (fields != RECEIPT_FIELDS_3)
        receipt->pace = (enum pace)wire_read_uint(&reader, PACE_LAST);
    status = wire_read_done(&reader);
    if (status)
        rows_remove(&releases->rows, record->row);
    return status;
}

static void receipt_save(struct step *step, const struct receipt *receipt)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, RECEIPT_FIELDS);
    wire_write_bytes(
        &writer, (struct span){receipt->id.bytes, sizeof(receipt->id.bytes)});
    wire_write_bytes(&writer,
        (struct span){receipt->opening.bytes, sizeof(receipt->opening.bytes)});
    wire_write_uint(&writer, receipt->expires_h);
    wire_write_uint(&writer, receipt->pace);
    records_put(step, RECORD_RELEASE, receipt->row, &writer);
}

static void release(struct step *step, const struct envelope_id *id,
    const struct opening *opening)
{
    struct port_message *message = step_port(step, PORT_RELEASE);
    message->receipt.id = *id;
    message->receipt.opening = *opening;
}

static void receipt_drop(
    struct releases *releases, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_RELEASE, row);
    rows_remove(&releases->rows, row);
}

/* The first that is kept only in case; entries are in the order of blinded
 * ids, so that is any. */
static bool make_room(struct releases *releases, struct step *step)
{
    for (size_t i = 0; i < releases->rows.count; i++) {
        const struct receipt *receipt = rows_at(&releases->rows, i);
        if (receipt->is_cleared) {
            receipt_drop(releases, step, receipt->row);
            return true;
        }
    }
    return false;
}

/* With no room to remember it, a receipt leaves at once and once only. */
void releases_add(
    struct releases *releases, struct step *step, const struct receipt *given)
{
    uint64_t row = row_of(step, &given->id);
    struct receipt *receipt;
    enum status status = rows_add(&releases->rows, row, &receipt);
    if (status == STATUS_EXISTS)
        return;
    if (status == STATUS_FULL && make_room(releases, step))
        status = rows_add(&releases->rows, row, &receipt);
    if (status == STATUS_FULL) {
        release(step, &given->id, &given->opening);
        return;
    }
    step_check(step, status);
    if (status)
        return;
    *receipt = *given;
    receipt->row = row;
    receipt_save(step, receipt);
    receipt_wait(step, receipt);
}

void releases_delay(struct releases *releases, struct step *step,
    const struct envelope_id *id, uint64_t wait_ms)
{
    struct receipt *receipt = rows_find(&releases->rows, row_of(step, id));
    if (!receipt)
        return;
    receipt->at_ms += wait_ms;
    step_at(step, TIMER_RELEASE, receipt->row, receipt->at_ms);
}

void releases_due(struct releases *releases, struct step *step, uint64_t row)
{
    struct receipt *receipt = rows_find(&releases->rows, row);
    if (!receipt || receipt->at_ms > step->now_ms)
        return;
    if (receipt->is_cleared) {
        receipt_drop(releases, step, row);
        return;
    }
    release(step, &receipt->id, &receipt->opening);
    receipt->at_ms = step->now_ms + RECEIPT_AGAIN_MS;
    step_at(step, TIMER_RELEASE, row, receipt->at_ms);
}

void releases_cleared(
    struct releases *releases, struct step *step, const struct envelope_id *id)
{
    if (releases->rows.count == 0)
        return;
    struct receipt *receipt = rows_find(&releases->rows, row_of(step, id));
    if (!receipt || receipt->is_cleared)
        return;
    receipt->is_cleared = true;
    receipt->at_ms = step->now_ms + RECEIPT_KEPT_MS;
    step_at(step, TIMER_RELEASE, receipt->row, receipt->at_ms);
}

void releases_start(struct releases *releases, struct step *step)
{
    for (size_t i = 0; i < releases->rows.count; i++)
        receipt_wait(step, rows_at(&releases->rows, i));
}

void releases_sweep(struct releases *releases, struct step *step)
{
    for (size_t i = releases->rows.count; i-- > 0;) {
        const struct receipt *receipt = rows_at(&releases->rows, i);
        if (step->now_h > receipt->expires_h + LIMIT_CLOCK_SKEW_H)
            receipt_drop(releases, step, receipt->row);
    }
}
