/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first contact is repeated by whoever made it, and can be repeated by
 * whoever carried it.  While its session is there it is known by that.  This
 * is for when the session has gone: with a contact who was removed, or because
 * a contact may have only so many.
 *
 * What is kept is a hash that only this vault can make, so a locked vault does
 * not say who has written.  The bound can be reached only by contacts, each of
 * whose first contacts costs a session: they then make room for the replay of
 * what was oldest, and it is nobody's session that they can take. */
#include "vault/replays.h"

#include "vault/records.h"

/* The row is the ephemeral key, blinded. */
struct replay {
    uint64_t row;
    uint32_t until_h;
};

void replays_init(struct replays *replays)
{
    rows_init(&replays->rows, sizeof(struct replay), REPLAYS_MAXIMUM, false);
}

void replays_clear(struct replays *replays)
{
    rows_clear(&replays->rows);
}

enum status replays_load(struct replays *replays, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    enum status status = records_open(step, record, &reader);
    if (status)
        return status;
    wire_read_array_of(&reader, 1);
    uint32_t until_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    status = wire_read_done(&reader);
    struct replay *replay;
    if (!status)
        status = rows_add(&replays->rows, record->row, &replay);
    if (!status)
        replay->until_h = until_h;
    return status;
}

static uint64_t blind(
    const struct step *step, const uint8_t ephemeral[static 32])
{
    return records_blind(step, RECORD_REPLAY, (struct span){ephemeral, 32});
}

static void forget(struct replays *replays, struct step *step, uint64_t row)
{
    records_delete(step, RECORD_REPLAY, row);
    rows_remove(&replays->rows, row);
}

static void make_room(struct replays *replays, struct step *step)
{
    const struct rows *rows = &replays->rows;
    if (rows->count < rows->maximum)
        return;
    const struct replay *first = rows_at(rows, 0);
    for (size_t i = 1; i < rows->count; i++) {
        const struct replay *replay = rows_at(rows, i);
        if (replay->until_h < first->until_h)
            first = replay;
    }
    forget(replays, step, first->row);
}

void replays_add(struct replays *replays, struct step *step,
    const uint8_t ephemeral[static 32], uint32_t until_h)
{
    uint64_t row = blind(step, ephemeral);
    if (rows_find(&replays->rows, row))
        return;
    make_room(replays, step);
    struct replay *replay;
    enum status status = rows_add(&replays->rows, row, &replay);
    step_check(step, status);
    if (status)
        return;
    replay->until_h = until_h;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    wire_write_uint(&writer, until_h);
    records_put(step, RECORD_REPLAY, row, &writer);
}

bool replays_has(const struct replays *replays, const struct step *step,
    const uint8_t ephemeral[static 32])
{
    return rows_find(&replays->rows, blind(step, ephemeral)) != NULL;
}

void replays_sweep(struct replays *replays, struct step *step)
{
    for (size_t i = replays->rows.count; i-- > 0;) {
        const struct replay *replay = rows_at(&replays->rows, i);
        if (step->now_h > replay->until_h)
            forget(replays, step, replay->row);
    }
}
