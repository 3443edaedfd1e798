/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting a row and truncating the log leaves nothing in the files.  It may
 * leave copies elsewhere: in blocks that a file system or a disk put aside, in
 * a copy of the whole.  Those open with the master key, and its owner's
 * passphrase, for ever.  With the day's key gone from the ring they do not.
 * The ring itself can be put aside as well: one page of the disk in place of
 * all, rewritten once a day.
 *
 * No key is destroyed before the day is over by the wall clock, so a letter of
 * five minutes has its rows deleted after five minutes, and its key at
 * midnight (UTC). */
#include "vault/ring.h"

#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"

enum { RING_ROW = 1, DAY_H = 24 };

uint32_t ring_fetch(struct step *step)
{
    const uint64_t row = RING_ROW;
    return step_fetch(step, RECORD_RING, &row, 1);
}

static enum status read_keys(struct wire_reader *reader, struct ring *ring)
{
    size_t items = wire_read_array(reader, RING_KEYS * 2);
    if (items % 2)
        return STATUS_INVALID;
    for (size_t i = 0; i < items / 2; i++) {
        struct ring_key *key = &ring->keys[i];
        key->last_day = (uint32_t)wire_read_uint(reader, UINT32_MAX);
        wire_read_fixed(reader, key->key, sizeof(key->key));
    }
    enum status status = wire_read_done(reader);
    if (!status)
        ring->count = items / 2;
    return status;
}

enum status ring_fetched(
    struct ring *ring, struct step *step, const struct vault_event *event)
{
    if (event->fetched.count == 0)
        return STATUS_OK;
    struct wire_reader reader;
    const struct vault_record *record = &event->fetched.records[0];
    if (record->kind != RECORD_RING)
        return STATUS_INVALID;
    enum status status = records_open(step, record, &reader);
    return status ? status : read_keys(&reader, ring);
}

static uint32_t today(const struct step *step)
{
    return step->now_h / DAY_H;
}

static uint32_t last_day(const struct step *step, uint32_t end_h)
{
    uint32_t day = end_h / DAY_H;
    if (day < today(step))
        day = today(step);
    if (day - today(step) < RING_DAYS)
        return day;
    return (day + RING_WEEK_DAYS - 1) / RING_WEEK_DAYS * RING_WEEK_DAYS;
}

const uint8_t *ring_key(
    struct ring *ring, const struct step *step, uint32_t end_h)
{
    uint32_t day = last_day(step, end_h);
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].last_day == day)
            return ring->keys[i].key;
    if (ring->count == RING_KEYS)
        return NULL;
    struct ring_key *key = &ring->keys[ring->count++];
    key->last_day = day;
    random_fill(step->random, key->key, sizeof(key->key));
    ring->is_changed = true;
    return key->key;
}

bool ring_is_over(const struct step *step, uint64_t end_h)
{
    return today(step) > end_h / DAY_H;
}

void ring_sweep(struct ring *ring, struct step *step)
{
    for (size_t i = ring->count; i-- > 0;) {
        if (ring->keys[i].last_day >= today(step))
            continue;
        ring->keys[i] = ring->keys[--ring->count];
        secret_wipe(&ring->keys[ring->count], sizeof(ring->keys[0]));
        ring->is_changed = true;
        step_effect(step, VAULT_SCRUB);
    }
}

void ring_save(struct ring *ring, struct step *step)
{
    if (!ring->is_changed)
        return;
    ring->is_changed = false;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, ring->count * 2);
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_key *key = &ring->keys[i];
        wire_write_uint(&writer, key->last_day);
        wire_write_bytes(&writer, (struct span){key->key, sizeof(key->key)});
    }
    records_put(step, RECORD_RING, RING_ROW, &writer);
}
