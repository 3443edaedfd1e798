/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt that left at once would tell a watcher who has received; so each
 * waits for a time drawn from an exponential distribution, anew whenever the
 * vault or the relay comes up.  It is a record from the same transaction as
 * the letter: a letter that was kept is confirmed in the end, and none is
 * confirmed that was not kept. */
#include "vault/receipts.h"

#include "vault/records.h"

void receipts_init(struct receipts *receipts)
{
    rows_init(&receipts->rows, sizeof(struct receipt), RECEIPTS_MAXIMUM, true);
}

void receipts_clear(struct receipts *receipts)
{
    rows_clear(&receipts->rows);
}

static uint64_t row_of(const struct turn *turn, const struct envelope_id *id)
{
    return records_blind(
        turn, RECORD_RELEASE, (struct span){id->bytes, sizeof(id->bytes)});
}

static void receipt_wait(struct turn *turn, struct receipt *receipt)
{
    receipt->at_ms = turn->now_ms + random_exponential(turn->random,
                                        turn->config->receipt_mean_ms);
    turn_at(turn, TIMER_RELEASE, receipt->row, receipt->at_ms);
}

enum status receipts_load(struct receipts *receipts, struct turn *turn,
    const struct vault_record *record)
{
    struct wire_reader reader;
    enum status status = records_open(turn, record, &reader);
    if (status)
        return status;
    struct receipt *receipt;
    status = rows_add(&receipts->rows, record->row, &receipt);
    if (status)
        return status;
    wire_read_array_of(&reader, 3);
    wire_read_fixed(&reader, receipt->id.bytes, sizeof(receipt->id.bytes));
    wire_read_fixed(
        &reader, receipt->opening.bytes, sizeof(receipt->opening.bytes));
    receipt->expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    status = wire_read_done(&reader);
    if (status)
        rows_remove(&receipts->rows, record->row);
    return status;
}

static void receipt_save(struct turn *turn, const struct receipt *receipt)
{
    struct wire_writer writer;
    records_begin(turn, &writer);
    wire_write_array(&writer, 3);
    wire_write_bytes(
        &writer, (struct span){receipt->id.bytes, sizeof(receipt->id.bytes)});
    wire_write_bytes(&writer,
        (struct span){receipt->opening.bytes, sizeof(receipt->opening.bytes)});
    wire_write_uint(&writer, receipt->expires_h);
    records_put(turn, RECORD_RELEASE, receipt->row, &writer);
}

static void release(struct turn *turn, const struct envelope_id *id,
    const struct opening *opening)
{
    struct port_message *message = turn_port(turn, PORT_RELEASE);
    message->receipt.id = *id;
    message->receipt.opening = *opening;
}

/* With no room to remember it, a receipt leaves at once and once only. */
void receipts_add(struct receipts *receipts, struct turn *turn,
    const struct envelope_id *id, const struct opening *opening,
    uint32_t expires_h)
{
    struct receipt *receipt;
    enum status status = rows_add(&receipts->rows, row_of(turn, id), &receipt);
    if (status == STATUS_EXISTS)
        return;
    if (status == STATUS_FULL) {
        release(turn, id, opening);
        return;
    }
    turn_check(turn, status);
    if (status)
        return;
    receipt->id = *id;
    receipt->opening = *opening;
    receipt->expires_h = expires_h;
    receipt_save(turn, receipt);
    receipt_wait(turn, receipt);
}

void receipts_due(struct receipts *receipts, struct turn *turn, uint64_t row)
{
    struct receipt *receipt = rows_find(&receipts->rows, row);
    if (!receipt || receipt->at_ms > turn->now_ms)
        return;
    release(turn, &receipt->id, &receipt->opening);
    receipt->at_ms = turn->now_ms + RECEIPT_AGAIN_MS;
    turn_at(turn, TIMER_RELEASE, row, receipt->at_ms);
}

static void receipt_drop(
    struct receipts *receipts, struct turn *turn, uint64_t row)
{
    records_delete(turn, RECORD_RELEASE, row);
    rows_remove(&receipts->rows, row);
}

void receipts_cleared(
    struct receipts *receipts, struct turn *turn, const struct envelope_id *id)
{
    if (receipts->rows.count == 0)
        return;
    uint64_t row = row_of(turn, id);
    if (rows_find(&receipts->rows, row))
        receipt_drop(receipts, turn, row);
}

void receipts_start(struct receipts *receipts, struct turn *turn)
{
    for (size_t i = 0; i < receipts->rows.count; i++)
        receipt_wait(turn, rows_at(&receipts->rows, i));
}

void receipts_sweep(struct receipts *receipts, struct turn *turn)
{
    for (size_t i = receipts->rows.count; i-- > 0;) {
        const struct receipt *receipt = rows_at(&receipts->rows, i);
        if (turn->now_h > receipt->expires_h + LIMIT_CLOCK_SKEW_H)
            receipt_drop(receipts, turn, receipt->row);
    }
}
