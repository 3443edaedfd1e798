/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RECORDS_RING_H
#define VAULT_RECORDS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/step.h"

/* Keys for what is not to outlive a day: a record that ends is sealed under the
 * key of its last day as well, and when that day is over the key is destroyed.
 * Days further off than RING_DAYS are taken seven together.  Secret. */
enum { RING_DAYS = 32, RING_WEEK_DAYS = 7, RING_KEYS = 96 };

struct ring_key {
    uint32_t last_day; /* since the epoch, by the clock of the wall */
    uint8_t key[32];
};

struct ring {
    size_t count;
    struct ring_key keys[RING_KEYS];
    bool is_changed; /* and not stored yet */
};

/* The key for what ends in an hour, made if need be.  NULL when the ring is
 * full, which takes a clock that was far off. */
const uint8_t *records_ring_key(
    struct ring *ring, const struct step *step, uint32_t end_h);

/* Destroy the keys of the days that are over and before the day of first_end_h,
 * the first hour in which anything ends that is still here.  What ended before
 * has been deleted, in this step at the latest. */
void records_ring_sweep(
    struct ring *ring, struct step *step, uint64_t first_end_h);

#endif
