/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RENEWALS_H
#define VAULT_RENEWALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "vault/event.h"
#include "vault/step.h"

/* Which prekey our own card was renewed with, and in which week: it is given
 * out again, unchanged, until the week is over. */
struct renewals {
    uint32_t week;
    uint32_t prekey_id; /* 0: none */
};

MUST_USE enum status renewals_load(struct renewals *renewals, struct step *step,
    const struct vault_record *record);

/* Renew with this prekey in this week, or (0) with none. */
void renewals_choose(struct renewals *renewals, struct step *step,
    uint32_t week, uint32_t prekey_id);

#endif
