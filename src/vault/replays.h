/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_REPLAYS_H
#define VAULT_REPLAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* First contacts that began a session, by their ephemeral keys, for as long as
 * their prekey lives: whatever became of the session, none begins another. */
struct replays {
    struct rows rows;
};

enum { REPLAYS_MAXIMUM = 4096 };

void replays_init(struct replays *replays);
void replays_clear(struct replays *replays);
MUST_USE enum status replays_load(struct replays *replays, struct step *step,
    const struct vault_record *record);

/* Remember one until an hour.  At the maximum, the one that would be forgotten
 * first is. */
void replays_add(struct replays *replays, struct step *step,
    const uint8_t ephemeral[static 32], uint32_t until_h);

/* Whether one is remembered. */
bool replays_has(const struct replays *replays, const struct step *step,
    const uint8_t ephemeral[static 32]);

/* Forget those whose time is over. */
void replays_sweep(struct replays *replays, struct step *step);

#endif
