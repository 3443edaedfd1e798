/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of a thing is a hash that only this vault can make, so a locked
 * vault does not say who has written, nor what. */
#include "vault/marks.h"

#include "vault/records.h"

/* The row is the thing, blinded. */
struct mark {
    uint64_t row;
    uint32_t until_h;
};

void marks_init(struct marks *marks, enum record_kind kind, size_t maximum)
{
    rows_init(&marks->rows, sizeof(struct mark), maximum, false);
    marks->kind = kind;
}

void marks_clear(struct marks *marks)
{
    rows_clear(&marks->rows);
}

enum status marks_load(
    struct marks *marks, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    wire_read_array_of(&reader, 1);
    uint32_t until_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    enum status status = wire_read_done(&reader);
    struct mark *mark;
    if (!status)
        status = rows_add(&marks->rows, record->row, &mark);
    if (!status)
        mark->until_h = until_h;
    return status;
}

static void forget(struct marks *marks, struct step *step, uint64_t row)
{
    records_delete(step, marks->kind, row);
    rows_remove(&marks->rows, row);
}

static void make_room(struct marks *marks, struct step *step)
{
    const struct rows *rows = &marks->rows;
    if (rows->count < rows->maximum)
        return;
    const struct mark *first = rows_at(rows, 0);
    for (size_t i = 1; i < rows->count; i++) {
        const struct mark *mark = rows_at(rows, i);
        if (mark->until_h < first->until_h)
            first = mark;
    }
    forget(marks, step, first->row);
}

bool marks_add(
    struct marks *marks, struct step *step, struct span thing, uint32_t until_h)
{
    uint64_t row = records_blind(step, marks->kind, thing);
    if (rows_find(&marks->rows, row))
        return false;
    make_room(marks, step);
    struct mark *mark;
    enum status status = rows_add(&marks->rows, row, &mark);
    step_check(step, status);
    if (status)
        return false;
    mark->until_h = until_h;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    wire_write_uint(&writer, until_h);
    records_put(step, marks->kind, row, &writer);
    return true;
}

bool marks_has(
    const struct marks *marks, const struct step *step, struct span thing)
{
    return rows_find(&marks->rows, records_blind(step, marks->kind, thing));
}

bool marks_take(struct marks *marks, struct step *step, struct span thing)
{
    uint64_t row = records_blind(step, marks->kind, thing);
    bool is_known = rows_find(&marks->rows, row) != NULL;
    if (is_known)
        forget(marks, step, row);
    return is_known;
}

void marks_sweep(struct marks *marks, struct step *step)
{
    for (size_t i = marks->rows.count; i-- > 0;) {
        const struct mark *mark = rows_at(&marks->rows, i);
        if (step->now_h > mark->until_h)
            forget(marks, step, mark->row);
    }
}
