/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_GROUPS_COPIES_H
#define VAULT_GROUPS_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/roster.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Who was written to by a letter to a group, and who of them has it.  Its row
 * is the letter's in the outbox. */
struct groups_copy {
    struct fingerprint who;
    uint64_t delivered_at_s; /* 0: they have not said that they have it */
    uint64_t read_at_s;
};

struct groups_letter_copies {
    uint64_t row;
    size_t count;
    struct groups_copy list[LIMIT_GROUP_MEMBERS];
};

struct groups_copies {
    struct rows rows;
};

void groups_copies_init(struct groups_copies *copies);
void groups_copies_clear(struct groups_copies *copies);
MUST_USE enum status groups_copies_load(struct groups_copies *copies,
    struct step *step, const struct vault_record *record);

/* Begin those of a letter: set the list, then save.  NULL without memory. */
struct groups_letter_copies *groups_copies_begin(
    struct groups_copies *copies, struct step *step, uint64_t letter);
void groups_copies_save(
    struct step *step, const struct groups_letter_copies *letter);

/* Those of a letter, or NULL; forget them. */
struct groups_letter_copies *groups_copies_get(
    const struct groups_copies *copies, uint64_t letter);
void groups_copies_forget(
    struct groups_copies *copies, struct step *step, uint64_t letter);

/* Somebody says that they have a letter, or have read it.  Whether that is
 * new. */
bool groups_copies_note(struct groups_letter_copies *letter, struct step *step,
    const struct fingerprint *who, bool was_read);

/* How many of those who are members have it, and have read it; and how many
 * they are. */
struct groups_tally {
    size_t members;
    size_t delivered;
    size_t read;
};
struct groups_tally groups_copies_tally(
    const struct groups_letter_copies *letter, const struct roster *roster);

#endif
