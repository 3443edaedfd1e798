/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RING_H
#define VAULT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "vault/event.h"
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

/* The one record of the ring, and the ticket with which it was asked for: all
 * that burns needs it, so it is fetched before anything is loaded. */
uint32_t ring_fetch(struct step *step);

/* Take in what came; a vault from before has none.  STATUS_REFUSED or
 * STATUS_INVALID when it is damaged. */
MUST_USE enum status ring_fetched(
    struct ring *ring, struct step *step, const struct vault_event *event);

/* The key for what ends in an hour, made if need be.  NULL when the ring is
 * full, which takes a clock that was far off. */
const uint8_t *ring_key(
    struct ring *ring, const struct step *step, uint32_t end_h);

/* Whether the key for that hour may be gone. */
bool ring_is_over(const struct step *step, uint64_t end_h);

/* Destroy the keys of the days that are over.  What they sealed must have been
 * deleted by then, in this step at the latest. */
void ring_sweep(struct ring *ring, struct step *step);

/* Store the ring if it has changed: in the step of the change, so that no
 * record is without its key. */
void ring_save(struct ring *ring, struct step *step);

#endif
