/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite is worth what its one use is worth: its keys are destroyed in the
 * same transaction that keeps what it brought, so that neither a second person
 * nor a copy of the disk made later can use it. */
#include "vault/invites.h"

#include <assert.h>

#include "crypto/hash.h"
#include "crypto/intro.h"
#include "vault/records.h"

void invites_init(struct invites *invites)
{
    rows_init(&invites->rows, sizeof(struct own_invite), LIMIT_INVITES, true);
}

void invites_clear(struct invites *invites)
{
    rows_clear(&invites->rows);
}

static void write_key(struct wire_writer *writer, const uint8_t key[static 32])
{
    wire_write_bytes(writer, (struct span){key, 32});
}

static void invite_save(struct step *step, const struct own_invite *invite)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 6);
    wire_write_uint(&writer, invite->expires_h);
    wire_write_uint(&writer, invite->first_hour);
    write_key(&writer, invite->keys.address);
    write_key(&writer, invite->keys.prekey_secret);
    write_key(&writer, invite->keys.prekey_public);
    write_key(&writer, invite->keys.secret);
    records_put(step, RECORD_INVITE, invite->row, &writer);
}

static enum status invite_read(
    struct wire_reader *reader, struct own_invite *out)
{
    wire_read_array_of(reader, 6);
    out->expires_h = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    out->first_hour = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, out->keys.address, 32);
    wire_read_fixed(reader, out->keys.prekey_secret, 32);
    wire_read_fixed(reader, out->keys.prekey_public, 32);
    wire_read_fixed(reader, out->keys.secret, 32);
    return wire_read_done(reader);
}

enum status invites_load(struct invites *invites, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    if (record->row > UINT32_MAX)
        return STATUS_INVALID;
    struct own_invite *invite;
    enum status status = rows_add(&invites->rows, record->row, &invite);
    if (status)
        return status;
    status = invite_read(&reader, invite);
    if (status)
        rows_remove(&invites->rows, record->row);
    return status;
}

enum status invites_new(struct invites *invites, struct step *step,
    uint32_t expires_h, const struct own_invite **out)
{
    struct own_invite *invite;
    enum status status = rows_append(&invites->rows, &invite);
    if (status == STATUS_FULL)
        step_refuse(step, status,
            (struct say){.form = "# invites are out and not used; the limit "
                                 "is #",
                .numbers = {invites->rows.count, LIMIT_INVITES}});
    else
        step_check(step, status);
    if (status)
        return status;
    invite->expires_h = expires_h;
    invite->first_hour = step->now_h;
    invite_keys_generate(&invite->keys, step->random);
    invite_save(step, invite);
    *out = invite;
    return STATUS_OK;
}

const struct own_invite *invites_find(
    const struct invites *invites, uint32_t door)
{
    return rows_find(&invites->rows, door);
}

/* A clock that is behind may say yesterday. */
static enum status invite_register(
    const struct own_invite *invite, const struct step *step, struct tags *tags)
{
    uint32_t first = intro_day(invite->first_hour) - 1;
    uint32_t end = intro_day(step->now_h) + 2;
    if (end < first + LIMIT_INTRO_DAYS)
        end = first + LIMIT_INTRO_DAYS;
    const struct intro_days days = {
        .address = invite->keys.address,
        .door = (uint32_t)invite->row,
        .first = end - LIMIT_INTRO_DAYS,
        .count = LIMIT_INTRO_DAYS,
    };
    return intro_register(&days, tags);
}

enum status invites_register(
    const struct invites *invites, const struct step *step, struct tags *tags)
{
    for (size_t i = 0; i < invites->rows.count; i++) {
        enum status status =
            invite_register(rows_at(&invites->rows, i), step, tags);
        if (status)
            return status;
    }
    return STATUS_OK;
}

void invites_destroy(struct invites *invites, struct step *step, uint32_t door,
    struct tags *tags)
{
    assert(door != 0);
    tags_remove_door(tags, door);
    records_delete(step, RECORD_INVITE, door);
    rows_remove(&invites->rows, door);
    step_scrub(step);
}

void invites_sweep(
    struct invites *invites, struct step *step, struct tags *tags)
{
    for (size_t i = invites->rows.count; i-- > 0;) {
        const struct own_invite *invite = rows_at(&invites->rows, i);
        if (step->now_h > invite->expires_h + INVITE_GRACE_H)
            invites_destroy(invites, step, (uint32_t)invite->row, tags);
    }
}
