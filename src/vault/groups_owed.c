/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Confirming a letter from a group.  Nobody but its writer has the opening, so
 * each reader tells the writer in their session; after a wait drawn at random,
 * as for a receipt that relays see, and for the same reason.  What is owed to
 * one person by then goes in one letter.
 *
 * Each is a record from the same transaction as the letter, and goes in the
 * one in which the letter that confirms it is stored. */
#include "vault/groups_owed.h"

#include <string.h>

#include "vault/records.h"

enum { OWED_FIELDS_3 = 3, OWED_FIELDS = 4, OWED_AGAIN_MS = 3600 * 1000 };

void groups_owed_init(struct groups_owed *owed)
{
    rows_init(&owed->rows, sizeof(struct groups_owing), OWED_MAXIMUM, false);
}

void groups_owed_clear(struct groups_owed *owed)
{
    rows_clear(&owed->rows);
}

static uint64_t row_of(const struct step *step, const struct fingerprint *who,
    const struct message_id *id)
{
    uint8_t name[sizeof(id->bytes) + 16];
    memcpy(name, id->bytes, sizeof(id->bytes));
    memcpy(name + sizeof(id->bytes), who->bytes, 16);
    return records_blind(
        step, RECORD_GROUP_OWED, (struct span){name, sizeof(name)});
}

static void wait_at(
    struct step *step, struct groups_owing *owing, uint64_t at_ms)
{
    owing->at_ms = at_ms;
    step_at(step, TIMER_OWED, owing->row, at_ms);
}

static void wait_at_random(struct step *step, struct groups_owing *owing)
{
    wait_at(
        step, owing, step->now_ms + step_receipt_wait_ms(step, owing->pace));
}

enum status groups_owed_load(struct groups_owed *owed, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct groups_owing *owing;
    enum status status = rows_add(&owed->rows, record->row, &owing);
    if (status)
        return status;
    size_t fields = wire_read_array(&reader, OWED_FIELDS);
    wire_read_fixed(&reader, owing->who.bytes, 32);
    wire_read_fixed(&reader, owing->id.bytes, sizeof(owing->id.bytes));
    owing->until_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    if (fields != OWED_FIELDS_3)
        owing->pace = (enum pace)wire_read_uint(&reader, PACE_LAST);
    status = wire_read_done(&reader);
    if (status)
        rows_remove(&owed->rows, record->row);
    return status;
}

void groups_owed_start(struct groups_owed *owed, struct step *step)
{
    for (size_t i = 0; i < owed->rows.count; i++)
        wait_at_random(step, rows_at(&owed->rows, i));
}

static void owing_save(struct step *step, const struct groups_owing *owing)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, OWED_FIELDS);
    wire_write_bytes(
        &writer, (struct span){owing->who.bytes, sizeof(owing->who.bytes)});
    wire_write_bytes(
        &writer, (struct span){owing->id.bytes, sizeof(owing->id.bytes)});
    wire_write_uint(&writer, owing->until_h);
    wire_write_uint(&writer, owing->pace);
    records_put(step, RECORD_GROUP_OWED, owing->row, &writer);
}

void groups_owed_add(struct groups_owed *owed, struct step *step,
    const struct groups_owing *given)
{
    uint64_t row = row_of(step, &given->who, &given->id);
    struct groups_owing *owing;
    enum status status = rows_add(&owed->rows, row, &owing);
    if (status == STATUS_EXISTS || status == STATUS_FULL)
        return;
    step_check(step, status);
    if (status)
        return;
    *owing = *given;
    owing->row = row;
    owing->until_h = step->now_h + OWED_KEPT_H;
    owing_save(step, owing);
    wait_at_random(step, owing);
}

bool groups_owed_due(const struct groups_owed *owed, const struct step *step,
    uint64_t row, struct fingerprint *who, struct letter *out)
{
    const struct groups_owing *due = rows_find(&owed->rows, row);
    if (!due || due->at_ms > step->now_ms)
        return false;
    *who = due->who;
    *out = (struct letter){.type = LETTER_GROUP_RECEIPT};
    out->read[out->read_count++] = due->id;
    for (size_t i = 0; i < owed->rows.count && out->read_count < LIMIT_READ_IDS;
         i++) {
        const struct groups_owing *owing = rows_at(&owed->rows, i);
        if (owing != due && fingerprint_equal(&owing->who, who))
            out->read[out->read_count++] = owing->id;
    }
    return true;
}

static void owing_drop(
    struct groups_owed *owed, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_GROUP_OWED, row);
    rows_remove(&owed->rows, row);
}

void groups_owed_settle(struct groups_owed *owed, struct step *step,
    const struct fingerprint *who, const struct letter *told)
{
    for (size_t i = 0; i < told->read_count; i++)
        owing_drop(owed, step, row_of(step, who, &told->read[i]));
}

void groups_owed_wait(struct groups_owed *owed, struct step *step, uint64_t row)
{
    struct groups_owing *owing = rows_find(&owed->rows, row);
    if (owing)
        wait_at(step, owing, step->now_ms + OWED_AGAIN_MS);
}

void groups_owed_sweep(struct groups_owed *owed, struct step *step)
{
    for (size_t i = owed->rows.count; i-- > 0;) {
        const struct groups_owing *owing = rows_at(&owed->rows, i);
        if (step->now_h > owing->until_h)
            owing_drop(owed, step, owing->row);
    }
}
