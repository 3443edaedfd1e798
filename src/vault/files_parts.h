/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_FILES_PARTS_H
#define VAULT_FILES_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/files.h"

/* The content of files, part by part: whose a record is. */
uint64_t files_row_of_part(uint64_t row);
size_t files_number_of_part(uint64_t row);

/* Store a part; the content of one (borrowed from the desk): STATUS_INVALID
 * when the record is damaged. */
void file_put_part(struct step *step, const struct file *file, size_t number,
    struct span bytes);
MUST_USE enum status file_load_part(struct step *step, const struct file *file,
    const struct vault_record *record, struct span *out);

/* A part has come: STATUS_OK, it is stored, and so are those like it;
 * STATUS_EXISTS, it was here; STATUS_REFUSED, it is none of this file's. */
MUST_USE enum status file_take_part(
    struct step *step, struct file *file, const struct file_part *part);
bool file_has_all(const struct file *file);

/* A part that was sent has arrived, and is not needed here any more. */
void file_confirm_part(struct step *step, struct file *file, size_t number);

/* The id of the letter that carries a part, which nobody else can tell from a
 * random one; and the part that a letter's id is of: false when of none. */
struct message_id file_part_id(const struct file *file, size_t number);
bool file_part_of_id(
    const struct file *file, const struct message_id *id, size_t *number);

/* The rows of parts that may go to a contact now; they count as under way from
 * here on, until that is forgotten.  When it is not yet time for more, a timer
 * is set. */
size_t files_choose_parts(struct files *files, struct step *step,
    uint64_t contact, uint64_t rows[static LIMIT_FILE_PARTS_FLYING]);

void files_forget_chosen(
    const struct files *files, const uint64_t *rows, size_t count);

/* Fetch parts; STATUS_FULL when too much is being fetched. */
MUST_USE enum status files_fetch(struct files *files, struct step *step,
    const struct files_errand *errand, const uint64_t *rows, size_t count);

/* Fetch all of a file that has come, to be checked; and whether what came has
 * the hash of the whole. */
void files_begin_check(
    struct files *files, struct step *step, struct file *file);
bool file_check(struct step *step, const struct file *file,
    const struct vault_event *event);

/* The errand that a ticket is of, taken off; false when it is none. */
bool files_take_errand(
    struct files *files, uint32_t ticket, struct files_errand *out);

#endif
