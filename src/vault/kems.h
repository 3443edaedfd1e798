/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_KEMS_H
#define VAULT_KEMS_H

#include <stdint.h>

#include "base/status.h"
#include "crypto/kem.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* The X-Wing keys that contacts have renewed their cards with, by their rows.
 * A key stays until a later renewal brings another, or says that there is none;
 * a card that comes by another way, and has no room for one, takes none away.
 */
struct kem {
    uint64_t row; /* the contact's */
    struct kem_offer offer;
};

struct kems {
    struct rows rows;
};

void kems_init(struct kems *kems);
void kems_clear(struct kems *kems);

/* STATUS_INVALID when it is damaged; STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status kems_load(
    struct kems *kems, struct step *step, const struct vault_record *record);

/* Take a contact's key, unless it is the one that is there or an older one.
 * Without memory the step fails. */
void kems_learn(struct kems *kems, struct step *step, uint64_t contact,
    const struct kem_offer *offer);

/* Forget a contact's key; if it is older than a prekey. */
void kems_forget(struct kems *kems, struct step *step, uint64_t contact);
void kems_forget_before(
    struct kems *kems, struct step *step, uint64_t contact, uint32_t id);

/* A contact's key that can be used here and now, or NULL. */
const struct kem_offer *kems_find(
    const struct kems *kems, const struct step *step, uint64_t contact);

#endif
