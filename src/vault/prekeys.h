/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_PREKEYS_H
#define VAULT_PREKEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/identity.h"
#include "vault/event.h"
#include "vault/step.h"

/* The signed prekeys whose secrets still live, by rising id.  A card offers
 * the newest for 7 days; 14 days on, no letter to it can be under way, and 2
 * days later, for clocks, its secret is destroyed.  Secret. */
enum {
    PREKEYS_MAXIMUM = 32,
    PREKEY_OFFER_H = 7 * 24,
    PREKEY_FRESH_H = 6 * 24, /* least that is left of a card given out */
    PREKEY_GRACE_H = (14 + 2) * 24,
};
struct prekeys {
    size_t count;
    struct prekey list[PREKEYS_MAXIMUM];
};

/* Take in one record.  STATUS_INVALID, STATUS_REFUSED when it is damaged. */
MUST_USE enum status prekeys_load(struct prekeys *prekeys, struct step *step,
    const struct vault_record *record);

/* Destroy those whose time is over, and make a new one unless the newest can
 * be offered for left_h hours more. */
void prekeys_renew(struct prekeys *prekeys, struct step *step, uint32_t left_h);

/* Make a new one whose id is past any that was ever given out: for a vault that
 * was restored and does not know what it gave out since, within this hour. */
enum { PREKEY_LEAP = 64 };
void prekeys_leap(struct prekeys *prekeys, struct step *step);

/* The newest; there is one after the first renewal. */
const struct prekey *prekeys_newest(const struct prekeys *prekeys);

/* The one of that id, or NULL. */
const struct prekey *prekeys_find(const struct prekeys *prekeys, uint32_t id);

#endif
