/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_GROUPS_OWED_H
#define VAULT_GROUPS_OWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Letters from groups that came, to be confirmed to who wrote them after a
 * random wait. */
struct groups_owing {
    uint64_t row; /* writer and id, blinded */
    struct fingerprint who;
    struct message_id id;
    uint32_t until_h;
    enum pace pace; /* of the writer, when it came */
    uint64_t at_ms;
};

enum { OWED_MAXIMUM = 65536, OWED_KEPT_H = (14 + 2) * 24 };

struct groups_owed {
    struct rows rows;
};

void groups_owed_init(struct groups_owed *owed);
void groups_owed_clear(struct groups_owed *owed);
MUST_USE enum status groups_owed_load(struct groups_owed *owed,
    struct step *step, const struct vault_record *record);
void groups_owed_start(struct groups_owed *owed, struct step *step);

/* A letter has come: who wrote it, its id and their pace are given.  With no
 * room to remember it, it is not confirmed. */
void groups_owed_add(struct groups_owed *owed, struct step *step,
    const struct groups_owing *given);

/* A timer has come due: the writer to be told, and in *out, for a
 * LETTER_GROUP_RECEIPT, the ids of all that is owed to them, as far as it has
 * room.  False when nothing is due.  Then they are either told, and it is
 * settled, or it waits for the next hour. */
bool groups_owed_due(const struct groups_owed *owed, const struct step *step,
    uint64_t row, struct fingerprint *who, struct letter *out);
void groups_owed_settle(struct groups_owed *owed, struct step *step,
    const struct fingerprint *who, const struct letter *told);
void groups_owed_wait(
    struct groups_owed *owed, struct step *step, uint64_t row);

void groups_owed_sweep(struct groups_owed *owed, struct step *step);

#endif
