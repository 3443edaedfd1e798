/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vault tells of itself.  A letter from a group has no opening that its
 * readers know, so each confirms it to its writer in their session; that a
 * letter was read, and what became of a file, are told there, too.  Each waits
 * for a time drawn at random, as a receipt that relays see does, and for the
 * same reason: who watches links and knows when something was sent is not to
 * learn who has it.
 *
 * What is owed to one person goes when the first of it does.  The wait is
 * exponential, and so has no memory: what joins it late waits as long as if it
 * had drawn for itself, while the shortest of many draws would be no wait.
 *
 * Each is a record from the same transaction as what it is about, and goes in
 * the one in which the letter that tells of it is stored. */
#include "vault/owed.h"

#include <string.h>

#include "vault/records.h"

enum {
    OWED_FIELDS_3 = 3,
    OWED_FIELDS_4 = 4,
    OWED_FIELDS = 6,
    OWED_AGAIN_MS = 3600 * 1000,
};

void owed_init(struct owed *owed)
{
    rows_init(&owed->rows, sizeof(struct owing), OWED_MAXIMUM, false);
}

void owed_clear(struct owed *owed)
{
    rows_clear(&owed->rows);
}

/* The first kind was once the only one: its rows do not name it. */
static uint64_t row_of(const struct step *step, const struct owing *owing)
{
    enum { WHO_BYTES = 16 };
    uint8_t name[sizeof(owing->id.bytes) + WHO_BYTES];
    memcpy(name, owing->id.bytes, sizeof(owing->id.bytes));
    memcpy(name + sizeof(owing->id.bytes), owing->who.bytes, WHO_BYTES);
    name[sizeof(name) - 1] ^= (uint8_t)owing->kind;
    return records_blind(step, RECORD_OWED, (struct span){name, sizeof(name)});
}

static void wait_at(struct step *step, struct owing *owing, uint64_t at_ms)
{
    owing->at_ms = at_ms;
    step_at(step, TIMER_OWED, owing->row, at_ms);
}

/* Wait with what waits for the same person already, or for a time of its own.
 */
static void wait_along(
    struct owed *owed, struct step *step, struct owing *owing)
{
    for (size_t i = 0; i < owed->rows.count; i++) {
        const struct owing *other = rows_at(&owed->rows, i);
        if (other == owing || other->pace != owing->pace ||
            other->at_ms <= step->now_ms ||
            !fingerprint_equal(&other->who, &owing->who))
            continue;
        wait_at(step, owing, other->at_ms);
        return;
    }
    wait_at(
        step, owing, step->now_ms + step_receipt_wait_ms(step, owing->pace));
}

enum status owed_load(
    struct owed *owed, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct owing *owing;
    enum status status = rows_add(&owed->rows, record->row, &owing);
    if (status)
        return status;
    size_t fields = wire_read_array(&reader, OWED_FIELDS);
    wire_read_fixed(&reader, owing->who.bytes, 32);
    wire_read_fixed(&reader, owing->id.bytes, sizeof(owing->id.bytes));
    owing->until_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    if (fields != OWED_FIELDS_3)
        owing->pace = (enum pace)wire_read_uint(&reader, PACE_LAST);
    if (fields != OWED_FIELDS_3 && fields != OWED_FIELDS_4) {
        owing->kind = (enum owed_kind)wire_read_uint(&reader, OWED_LAST);
        owing->end = (enum file_end)wire_read_uint(&reader, FILE_END_LAST);
    }
    status = wire_read_done(&reader);
    if (status)
        rows_remove(&owed->rows, record->row);
    return status;
}

void owed_start(struct owed *owed, struct step *step)
{
    for (size_t i = 0; i < owed->rows.count; i++)
        wait_along(owed, step, rows_at(&owed->rows, i));
}

static void owing_save(struct step *step, const struct owing *owing)
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
    wire_write_uint(&writer, owing->kind);
    wire_write_uint(&writer, owing->end);
    records_put(step, RECORD_OWED, owing->row, &writer);
}

uint64_t owed_add(
    struct owed *owed, struct step *step, const struct owing *given)
{
    uint64_t row = row_of(step, given);
    struct owing *owing;
    enum status status = rows_add(&owed->rows, row, &owing);
    if (status == STATUS_EXISTS || status == STATUS_FULL)
        return 0;
    step_check(step, status);
    if (status)
        return 0;
    *owing = *given;
    owing->row = row;
    owing->until_h = step->now_h + OWED_KEPT_H;
    owing_save(step, owing);
    wait_along(owed, step, owing);
    return owing->at_ms - step->now_ms;
}

static enum letter_type type_of(enum owed_kind kind)
{
    switch (kind) {
    case OWED_GROUP_RECEIPT:
        return LETTER_GROUP_RECEIPT;
    case OWED_READ:
        return LETTER_READ;
    case OWED_FILE_DONE:
        return LETTER_FILE_DONE;
    }
    return LETTER_NONE;
}

bool owed_due(const struct owed *owed, const struct step *step, uint64_t row,
    struct fingerprint *who, struct letter *out)
{
    const struct owing *due = rows_find(&owed->rows, row);
    if (!due || due->at_ms > step->now_ms)
        return false;
    *who = due->who;
    *out = (struct letter){.type = type_of(due->kind)};
    if (due->kind == OWED_FILE_DONE) {
        out->done = (struct file_done){.file = due->id, .end = due->end};
        return true;
    }
    out->read[out->read_count++] = due->id;
    for (size_t i = 0; i < owed->rows.count && out->read_count < LIMIT_READ_IDS;
         i++) {
        const struct owing *owing = rows_at(&owed->rows, i);
        if (owing != due && owing->kind == due->kind &&
            owing->at_ms <= step->now_ms && fingerprint_equal(&owing->who, who))
            out->read[out->read_count++] = owing->id;
    }
    return true;
}

static void owing_drop(struct owed *owed, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_OWED, row);
    rows_remove(&owed->rows, row);
}

void owed_settle(struct owed *owed, struct step *step,
    const struct fingerprint *who, const struct letter *told)
{
    struct owing owing = {.kind = OWED_FILE_DONE, .who = *who};
    owing.id = told->done.file;
    if (told->type == LETTER_FILE_DONE)
        owing_drop(owed, step, row_of(step, &owing));
    owing.kind = told->type == LETTER_READ ? OWED_READ : OWED_GROUP_RECEIPT;
    for (size_t i = 0; i < told->read_count; i++) {
        owing.id = told->read[i];
        owing_drop(owed, step, row_of(step, &owing));
    }
}

void owed_wait(struct owed *owed, struct step *step, uint64_t row)
{
    struct owing *owing = rows_find(&owed->rows, row);
    if (owing)
        wait_at(step, owing, step->now_ms + OWED_AGAIN_MS);
}

void owed_sweep(struct owed *owed, struct step *step)
{
    for (size_t i = owed->rows.count; i-- > 0;) {
        const struct owing *owing = rows_at(&owed->rows, i);
        if (step->now_h > owing->until_h)
            owing_drop(owed, step, owing->row);
    }
}
