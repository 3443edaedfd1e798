/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_KEYS_TRIES_H
#define VAULT_KEYS_TRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "vault/event.h"
#include "vault/step.h"

/* How often a passphrase was tried in vain, where config.wrong_tries limits it.
 * The number is in no seal: it is wanted while the vault is locked.  For keys
 * alone. */
struct keys_tries {
    uint32_t count;
    uint32_t ticket; /* the number is being fetched; 0: it is known */
};

/* Have the number fetched; take it in.  false when the ticket is not ours. */
void keys_tries_start(struct keys_tries *tries, struct step *step);
bool keys_tries_fetched(
    struct keys_tries *tries, const struct vault_event *event);

/* Whether as many as there may be were counted. */
bool keys_tries_are_over(
    const struct keys_tries *tries, const struct step *step);

/* Count one, which is stored before its derivation begins; it was none; forget
 * them all. */
void keys_tries_add(struct keys_tries *tries, struct step *step);
void keys_tries_take_back(struct keys_tries *tries, struct step *step);
void keys_tries_forget(struct keys_tries *tries, struct step *step);

#endif
