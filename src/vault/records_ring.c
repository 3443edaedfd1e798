/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting a row and truncating the log leaves nothing in the files.  It may
 * leave copies elsewhere: in blocks that a file system or a disk put aside, in
 * a copy of the whole.  Those open with the master key, and its owner's
 * passphrase, for ever.  With the day's key gone from the ring they do not.
 * The ring itself can be put aside as well: one page of the disk in place of
 * all, rewritten once a day.
 *
 * No key is destroyed before its day is over by the wall clock, so a letter of
 * five minutes has its rows deleted after five minutes, and its key at
 * midnight (UTC).  Nor while something is there that needs it: lives are
 * measured by a clock that never jumps, and days by one that may. */
#include "vault/records_ring.h"

#include <string.h>

#include "crypto/hash.h"

enum { DAY_H = 24 };

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

const uint8_t *records_ring_key(
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

void records_ring_sweep(
    struct ring *ring, struct step *step, uint64_t first_end_h)
{
    uint64_t first_day = first_end_h / DAY_H;
    if (first_day > today(step))
        first_day = today(step);
    for (size_t i = ring->count; i-- > 0;) {
        if (ring->keys[i].last_day >= first_day)
            continue;
        ring->keys[i] = ring->keys[--ring->count];
        secret_wipe(&ring->keys[ring->count], sizeof(ring->keys[0]));
        ring->is_changed = true;
        step_effect(step, VAULT_SCRUB);
    }
}
