/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A letter to a group has one envelope and many readers, each of whom says for
 * themselves that they have it.  Whoever is a member no more need not. */
#include "vault/groups_copies.h"

#include "vault/records.h"

enum { COPY_FIELDS = 3 };

void groups_copies_init(struct groups_copies *copies)
{
    rows_init(&copies->rows, sizeof(struct groups_letter_copies),
        LIMIT_OUTBOX_LETTERS, false);
}

void groups_copies_clear(struct groups_copies *copies)
{
    rows_clear(&copies->rows);
}

void groups_copies_save(
    struct step *step, const struct groups_letter_copies *letter)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, letter->count * COPY_FIELDS);
    for (size_t i = 0; i < letter->count; i++) {
        const struct groups_copy *copy = &letter->list[i];
        wire_write_bytes(&writer, (struct span){copy->who.bytes, 32});
        wire_write_uint(&writer, copy->delivered_at_s);
        wire_write_uint(&writer, copy->read_at_s);
    }
    records_put(step, RECORD_GROUP_COPIES, letter->row, &writer);
}

static enum status copies_read(
    struct wire_reader *reader, struct groups_letter_copies *letter)
{
    size_t items =
        wire_read_array(reader, LIMIT_GROUP_MEMBERS * (size_t)COPY_FIELDS);
    if (items % COPY_FIELDS)
        return STATUS_INVALID;
    letter->count = items / COPY_FIELDS;
    for (size_t i = 0; i < letter->count; i++) {
        struct groups_copy *copy = &letter->list[i];
        wire_read_fixed(reader, copy->who.bytes, 32);
        copy->delivered_at_s = wire_read_uint(reader, UINT64_MAX);
        copy->read_at_s = wire_read_uint(reader, UINT64_MAX);
    }
    return wire_read_done(reader);
}

enum status groups_copies_load(struct groups_copies *copies, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct groups_letter_copies *letter;
    enum status status = rows_add(&copies->rows, record->row, &letter);
    if (status)
        return status;
    status = copies_read(&reader, letter);
    if (status)
        rows_remove(&copies->rows, record->row);
    return status;
}

struct groups_letter_copies *groups_copies_begin(
    struct groups_copies *copies, struct step *step, uint64_t letter)
{
    struct groups_letter_copies *begun;
    enum status status = rows_add(&copies->rows, letter, &begun);
    step_check(step, status);
    return status ? NULL : begun;
}

struct groups_letter_copies *groups_copies_get(
    const struct groups_copies *copies, uint64_t letter)
{
    return rows_find(&copies->rows, letter);
}

void groups_copies_forget(
    struct groups_copies *copies, struct step *step, uint64_t letter)
{
    records_delete(step, RECORD_GROUP_COPIES, letter);
    rows_remove(&copies->rows, letter);
}

bool groups_copies_note(struct groups_letter_copies *letter, struct step *step,
    const struct fingerprint *who, bool was_read)
{
    for (size_t i = 0; i < letter->count; i++) {
        struct groups_copy *copy = &letter->list[i];
        if (!fingerprint_equal(&copy->who, who) ||
            (was_read ? copy->read_at_s : copy->delivered_at_s))
            continue;
        if (was_read)
            copy->read_at_s = step->clock_s;
        if (copy->delivered_at_s == 0)
            copy->delivered_at_s = step->clock_s;
        groups_copies_save(step, letter);
        return true;
    }
    return false;
}

struct groups_tally groups_copies_tally(
    const struct groups_letter_copies *letter, const struct roster *roster)
{
    struct groups_tally tally = {0, 0, 0};
    for (size_t i = 0; i < letter->count; i++) {
        const struct groups_copy *copy = &letter->list[i];
        if (!roster_has(roster, &copy->who))
            continue;
        tally.members++;
        tally.delivered += copy->delivered_at_s != 0;
        tally.read += copy->read_at_s != 0;
    }
    return tally;
}
