/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_INVITES_H
#define VAULT_INVITES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/identity.h"
#include "crypto/tags.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Invites that were given out and not used.  Each has an address of its own, at
 * which nobody but its holder can write; the first that does uses it up.
 * Secret. */
struct own_invite {
    uint64_t row;        /* also the door of its tags */
    uint32_t expires_h;  /* the last hour in which it can be added */
    uint32_t first_hour; /* when it was made */
    struct invite_keys keys;
};

enum {
    /* What was sent to it in its last hour can come so much later. */
    INVITE_GRACE_H = (14 + 2) * 24,
};

struct invites {
    struct rows rows;
};

void invites_init(struct invites *invites);
void invites_clear(struct invites *invites);
MUST_USE enum status invites_load(struct invites *invites, struct step *step,
    const struct vault_record *record);

/* Draw a new one, to be made around a card that expires then.  Answers and
 * returns STATUS_FULL past LIMIT_INVITES; STATUS_NO_MEMORY. */
MUST_USE enum status invites_new(struct invites *invites, struct step *step,
    uint32_t expires_h, const struct own_invite **out);

/* The one of that door, or NULL. */
const struct own_invite *invites_find(
    const struct invites *invites, uint32_t door);

/* Expect first contacts through one, or through all, from the day it was made
 * up to tomorrow.  STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status invites_register(
    const struct invites *invites, const struct step *step, struct tags *tags);

/* It has been used, or will not be: destroy it, and its tags with it. */
void invites_destroy(struct invites *invites, struct step *step, uint32_t door,
    struct tags *tags);

/* Destroy those whose time is over. */
void invites_sweep(
    struct invites *invites, struct step *step, struct tags *tags);

#endif
