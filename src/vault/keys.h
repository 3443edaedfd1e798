/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_KEYS_H
#define VAULT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/identity.h"
#include "crypto/keyslot.h"
#include "proto/control.h"
#include "vault/event.h"
#include "vault/step.h"

/* The way from a passphrase to the master key, and whether the vault is empty,
 * locked or unlocked.  Holds no secret between steps. */
enum keys_work {
    KEYS_IDLE,
    KEYS_MAKING,   /* a passphrase is being derived for a new vault */
    KEYS_OPENING,  /* ... to unlock */
    KEYS_LOADING,  /* records are coming in */
    KEYS_DRAINING, /* they still are, but nobody wants them */
};

struct keys {
    enum vault_state state;
    enum keys_work work;
    uint32_t ticket;
    struct asker asker; /* who waits for the work's end */
    uint8_t salt[KEYSLOT_SALT_BYTES];
    size_t slots_size;
    uint8_t slots[KEYSLOT_FILE_BYTES];
};

void keys_init(struct keys *keys);

/* The key slot file as it was found; empty: there is none. */
void keys_take_slots(struct keys *keys, struct span file);

/* A person asks for a new vault, or to unlock: has the passphrase derived, or
 * answers why not. */
void keys_ask_init(struct keys *keys, struct step *step,
    const struct control_request *request);
void keys_ask_unlock(struct keys *keys, struct step *step,
    const struct control_request *request);

/* Stop an unlock whose derivation is under way; who waits for it is told. */
void keys_cancel(struct keys *keys, struct step *step);

/* A derivation is done.  Whoever waited becomes the step's asker. */
enum keys_outcome {
    KEYS_NOTHING, /* not ours, or refused and answered */
    KEYS_MADE,    /* a new master key; the slots are to be written */
    KEYS_OPENED,  /* the master key; the records are to be loaded */
};
enum keys_outcome keys_derived(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES]);

/* The identity's record, which has row 1. */
void keys_save_identity(struct step *step, const struct identity *identity);
MUST_USE enum status keys_load_identity(
    struct step *step, const struct vault_record *record, struct identity *out);

#endif
