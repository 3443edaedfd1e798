/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_INBOX_INSIDE_H
#define VAULT_INBOX_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/letter.h"
#include "proto/limits.h"
#include "proto/wire.h"
#include "vault/step.h"

struct control_letter;
struct inbox_letter;

/* Between inbox.c (what is kept, and for how long), inbox_record.c (how it lies
 * on disk) and inbox_reading.c (how it is shown). */

/* A page that waits for its texts. */
struct inbox_reading {
    uint64_t row; /* the ticket */
    struct asker asker;
    bool all;
    bool peek;
    uint64_t next;
    size_t count;
    uint64_t rows[LIMIT_CONTROL_ROWS];
};

/* What stays on disk of a letter until it is read. */
struct inbox_body {
    struct span text;
    struct span file; /* its name; empty: there is none */
    uint64_t file_bytes;
    enum file_end file_end;
};

/* How long a letter that burns has from when it came, or was read. */
uint64_t inbox_letter_life_s(const struct inbox_letter *letter);

/* The hour in which a letter that burns has burned, and the end of the hours
 * for one that does not. */
uint64_t inbox_letter_end_h(const struct inbox_letter *letter);

bool inbox_letter_is_over(
    const struct step *step, const struct inbox_letter *letter);

/* Let a letter that burns burn when its time, as it is by now, is over. */
void inbox_burn_schedule(struct step *step, struct inbox_letter *letter);

/* Write the record of a letter, or of its text. */
void inbox_letter_save(struct step *step, const struct inbox_letter *letter);
void inbox_body_save(struct step *step, const struct inbox_letter *letter,
    const struct inbox_body *body);

/* Read such a record; a text borrows from it.  STATUS_INVALID. */
MUST_USE enum status inbox_letter_read(
    struct wire_reader *reader, struct inbox_letter *letter);
MUST_USE enum status inbox_body_read(
    struct wire_reader *reader, struct inbox_body *out);

/* A letter as it is shown, but for whom it is from. */
void inbox_letter_describe(const struct inbox_letter *letter,
    const struct inbox_body *body, struct control_letter *out);

#endif
