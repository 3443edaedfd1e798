/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_SESSIONS_INSIDE_H
#define VAULT_SESSIONS_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/tags.h"
#include "proto/ids.h"
#include "vault/step.h"

struct session;

/* Between sessions.c (which one is written on), sessions_intro.c (how a first
 * contact is offered) and sessions_record.c (how all lies on disk). */

/* Whether it began with a first contact of ours that is not answered. */
bool session_has_intro(const struct session *session);

/* Have its first contact offered at that time. */
void session_offer_at(
    struct session *session, struct step *step, uint64_t at_ms);

void session_save(struct step *step, const struct session *session);

/* A skipped entry's record; the row of one. */
void session_save_skipped(struct step *step, const struct tag_entry *entry);
uint64_t session_skipped_row(const struct step *step, const struct tag *tag);

#endif
