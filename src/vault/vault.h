/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"
#include "proto/control.h"
#include "vault/config.h"
#include "vault/effect.h"
#include "vault/event.h"

/* The vault engine: identity, contacts, sessions, outbox and inbox; everything
 * that only its person may see.  Pure, and without a network: letters go out
 * and come in as sealed envelopes through the port. */
struct vault;

/* Make an empty vault that draws from random (borrowed for its life).  The
 * first event must be VAULT_SLOTS.  NULL when there is no memory. */
struct vault *vault_new(
    const struct vault_config *config, struct random *random);
void vault_free(struct vault *vault);

/* Let one event happen.  Effects are appended.  STATUS_OK whatever a person or
 * a stranger did (persons get an error reply); STATUS_NO_MEMORY is the only
 * failure, after which the vault may only be freed. */
MUST_USE enum status vault_step(struct vault *vault,
    const struct vault_event *event, struct vault_effects *effects);

/* When to call again with VAULT_TICK; UINT64_MAX when nothing is pending. */
uint64_t vault_deadline_ms(const struct vault *vault);

enum vault_state vault_get_state(const struct vault *vault);

/* For tests and the simulator: a static text naming the invariant that does
 * not hold, or NULL.  After a step, what needs no walk and, where the step
 * brought anything about, all that can be seen in as many rows as a person with
 * a few contacts has; else all. */
const char *vault_step_violation(
    const struct vault *vault, const struct vault_effects *effects);
const char *vault_violation(const struct vault *vault);

#endif
