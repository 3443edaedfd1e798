/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_OWED_H
#define VAULT_OWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* What a person is to be told of what they wrote, in a letter of our own and
 * after a random wait. */
enum owed_kind {
    OWED_GROUP_RECEIPT = 0, /* a letter to a group has come */
    OWED_READ = 1,          /* a letter was read */
    OWED_FILE_DONE = 2,     /* what became of a file */
    OWED_LAST = OWED_FILE_DONE,
};

struct owing {
    uint64_t row; /* person, id and kind, blinded */
    enum owed_kind kind;
    struct fingerprint who;
    struct message_id id; /* of the letter, which is a file's, too */
    enum file_end end;    /* FILE_DONE */
    uint32_t until_h;
    enum pace pace; /* of the person, when it came to be owed */
    uint64_t at_ms;
};

enum { OWED_MAXIMUM = 65536, OWED_KEPT_H = (14 + 2) * 24 };

struct owed {
    struct rows rows;
};

void owed_init(struct owed *owed);
void owed_clear(struct owed *owed);
MUST_USE enum status owed_load(
    struct owed *owed, struct step *step, const struct vault_record *record);
void owed_start(struct owed *owed, struct step *step);

/* Something is owed from now on; of what is given, row and times are this
 * room's.  How long it waits, in milliseconds: 0 for what is owed already, and
 * when there is no room to remember it; then it is never told. */
uint64_t owed_add(
    struct owed *owed, struct step *step, const struct owing *given);

/* A timer has come due: the person to be told, and the letter that tells them,
 * with the ids of all that is due of that kind, as far as it has room.  False
 * when nothing is due.  Then they are either told, and it is settled, or it
 * waits for the next hour. */
bool owed_due(const struct owed *owed, const struct step *step, uint64_t row,
    struct fingerprint *who, struct letter *out);
void owed_settle(struct owed *owed, struct step *step,
    const struct fingerprint *who, const struct letter *told);
void owed_wait(struct owed *owed, struct step *step, uint64_t row);

void owed_sweep(struct owed *owed, struct step *step);

#endif
