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
#include "vault/keys_tries.h"
#include "vault/step.h"

/* The way from a passphrase to the master key, and whether the vault is empty,
 * locked or unlocked.  Holds no secret between steps. */
enum keys_work {
    KEYS_IDLE,
    KEYS_MAKING,    /* a passphrase is being derived for a new vault */
    KEYS_OPENING,   /* ... to unlock */
    KEYS_CHANGING,  /* ... and another one, for a slot */
    KEYS_RESTORING, /* ... for a backup that was restored */
    KEYS_LOADING,   /* the key ring, and then the records, are coming in */
    KEYS_DRAINING,  /* they still are, but nobody wants them */
    KEYS_ERASING,   /* all is being erased, to make way for a decoy */
};

struct keys {
    enum vault_state state;
    enum keys_work work;
    enum keyslot_role role; /* of the slot that is being changed */
    uint32_t ticket;
    struct asker asker; /* who waits for the work's end */
    bool owes_unlock;   /* asked for at the start, and was not open since */
    uint8_t salt[KEYSLOT_SALT_BYTES];
    size_t slots_size;
    uint8_t slots[KEYSLOT_FILE_BYTES];
    bool has_records; /* on the disk, when it was looked at */
    struct keys_tries tries;
};

void keys_init(struct keys *keys);

/* What was found on the disk.  A destruction, or the making of a vault, that
 * was cut short there is brought to its end.  Where wrong tries are limited,
 * has their number fetched. */
void keys_take_slots(
    struct keys *keys, struct step *step, const struct vault_event *event);

/* Whether there is no vault that a passphrase could open: none at all, or one
 * whose slots are missing.  Which of its two files is, for people: none, slots
 * or records. */
bool keys_open_nothing(const struct keys *keys);
const char *keys_missing(const struct keys *keys);

/* Answer that no vault is there, or what is missing of it. */
void keys_refuse_closed(const struct keys *keys, struct step *step);

/* Whether a vault may be made here; answers why not.  Records whose slots are
 * missing are in the way unless they are to be set aside. */
bool keys_may_make(const struct keys *keys, struct step *step,
    const struct control_request *request);

/* Whether a passphrase can be one; answers why not.  Answer that deriving its
 * key has failed. */
bool keys_passphrase_is_good(struct step *step, struct span passphrase);
void keys_refuse_derived(struct step *step, enum status status);

/* A person asks for a new vault, or for one of what was restored; to unlock
 * (one that is open stays so, if the passphrase is right); or, of an unlocked
 * vault, for a new passphrase in the slot of a role: has the passphrases
 * derived, or answers why not.  A recovery phrase is drawn here and not asked
 * for. */
void keys_ask_init(struct keys *keys, struct step *step,
    const struct control_request *request);
void keys_ask_restore(struct keys *keys, struct step *step,
    const struct control_request *request);
void keys_ask_unlock(struct keys *keys, struct step *step,
    const struct control_request *request);
void keys_ask_change(struct keys *keys, struct step *step,
    const struct control_request *request, enum keyslot_role role);

/* How the unlocking that nobody waits for, of a program's start, stands: none
 * (there was none, or the vault has been open since), trying or failed. */
const char *keys_self_unlock(const struct keys *keys);

/* Stop an unlock or a change that is under way; who waits for it is told. */
void keys_cancel(struct keys *keys, struct step *step);

/* A derivation is done.  Whoever waited becomes the step's asker. */
enum keys_outcome {
    KEYS_NOTHING,   /* not ours, or done, or refused; answered */
    KEYS_MADE,      /* a new master key; the slots are to be written */
    KEYS_RESTORED,  /* keys_write_new is to be called */
    KEYS_OPENED,    /* the master key; the records are to be loaded */
    KEYS_DECOY,     /* all is to be erased; the master key of what comes then */
    KEYS_EXHAUSTED, /* the last try was wrong: all is being erased */
};
enum keys_outcome keys_derived(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES]);

/* Have the slots of a new vault written, which is unlocked then: one leads from
 * the passphrase that was derived to a master key. */
void keys_write_new(struct keys *keys, struct step *step,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t master[static KEYSLOT_KEY_BYTES]);

/* Have the slots written as they now are. */
void keys_write_slots(const struct keys *keys, struct step *step);

/* Have all made empty for a vault that is going to be made, whose slots are
 * then written last; or since one was not. */
void keys_make_room(struct keys *keys, struct step *step, bool sets_aside);
void keys_unmake(struct keys *keys, struct step *step);

/* Have all slots overwritten and everything removed; the vault is then empty.
 */
void keys_destroy(struct keys *keys, struct step *step);

/* The identity's record, which has row 1. */
void keys_save_identity(struct step *step, const struct identity *identity);
MUST_USE enum status keys_load_identity(
    struct step *step, const struct vault_record *record, struct identity *out);

#endif
