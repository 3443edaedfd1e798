/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_FILES_DRAFTS_H
#define VAULT_FILES_DRAFTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/file.h"
#include "vault/step.h"

/* Files that are being handed over by a person's programs, piece by piece; in
 * guarded memory, since nothing of a file is stored before all of it is
 * here. */
enum { FILES_EVIDENCE_BYTES = 16 };
struct files_draft {
    uint64_t client;
    uint64_t order; /* of the last that was heard of it */
    uint64_t contact;
    uint64_t life_h;
    uint64_t burn_s;
    bool urgent;
    size_t text_size;
    size_t name_size;
    size_t bytes; /* that there are to be */
    size_t have;
    size_t evidence_size; /* what the letter must be, if anything */
    uint8_t evidence[FILES_EVIDENCE_BYTES];
    uint8_t text[LIMIT_TEXT_BYTES];
    uint8_t name[LIMIT_FILE_NAME_BYTES];
    uint8_t content[LIMIT_FILE_BYTES];
};

/* One a client; past this many, the one that was heard of least lately goes. */
enum { FILES_DRAFTS = 4 };
struct files_drafts {
    struct files_draft *list[FILES_DRAFTS]; /* NULL: none */
    uint64_t order;
};

void files_drafts_clear(struct files_drafts *drafts);

/* Begin the client's draft, in place of one that it had, zeroed but for the
 * client; the client's, or NULL; end it.  NULL without memory, which fails the
 * step. */
struct files_draft *files_drafts_begin(
    struct files_drafts *drafts, struct step *step);
struct files_draft *files_drafts_find(
    struct files_drafts *drafts, const struct step *step);
void files_drafts_end(struct files_drafts *drafts, struct files_draft *draft);

/* Set up what the letter of a draft that is whole says of its file; the hashes
 * of the parts go into room for LIMIT_FILE_PARTS of them. */
void files_draft_offer(
    const struct files_draft *draft, uint8_t *parts, struct file_offer *out);

/* A part of its content. */
struct span files_draft_part(const struct files_draft *draft, size_t number);

#endif
