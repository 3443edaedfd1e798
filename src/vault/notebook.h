/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_NOTEBOOK_H
#define VAULT_NOTEBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* The locked notebook: what a person writes for themselves.  Notes never leave
 * the vault.  Texts stay on disk. */
enum { NOTE_TITLE_BYTES = 64 };
struct note {
    uint64_t row;
    struct message_id id;
    uint64_t made_at_s;
    uint64_t burns_at_s; /* 0: it stays */
    uint64_t burn_ms;    /* when it burns, by the clock that never jumps */
    uint32_t text_bytes;
    uint8_t title_size;
    uint8_t title[NOTE_TITLE_BYTES]; /* its first line, or the start of it */
};

struct notebook {
    struct rows notes;
    struct rows readings; /* answers that wait for a text, by ticket */
};

void notebook_init(struct notebook *notebook);
void notebook_clear(struct notebook *notebook);
MUST_USE enum status notebook_load(struct notebook *notebook, struct step *step,
    const struct vault_record *record);

/* All notes are there: burn those whose time is over, and wait for the rest. */
void notebook_start(struct notebook *notebook, struct step *step);

/* Keep a note, with its text checked. */
struct note_entry {
    uint64_t made_at_s;
    uint64_t burn_s; /* from now; 0: it stays */
    struct span text;
};
MUST_USE enum status notebook_keep(struct notebook *notebook, struct step *step,
    const struct note_entry *entry, const struct note **out);

/* What a person asks: each answers. */
void notebook_ask_add(struct notebook *notebook, struct step *step,
    const struct control_request *request);
void notebook_ask_list(const struct notebook *notebook, struct step *step,
    const struct control_request *request);
void notebook_ask_read(struct notebook *notebook, struct step *step,
    const struct control_request *request);
void notebook_ask_remove(struct notebook *notebook, struct step *step,
    const struct control_request *request);

/* A text has come: answers.  false when the ticket is not ours. */
bool notebook_fetched(struct notebook *notebook, struct step *step,
    const struct vault_event *event);

/* The text of a note's record, on the desk.  STATUS_REFUSED, STATUS_INVALID
 * when it is damaged. */
MUST_USE enum status notebook_text(
    struct step *step, const struct vault_record *record, struct span *out);

/* Burn a note whose time has come; all of them. */
void notebook_burn(struct notebook *notebook, struct step *step, uint64_t row);
/* For a backup: as inbox_has, inbox_restore and inbox_restore_body. */
bool notebook_has(
    const struct notebook *notebook, const struct step *step, uint64_t row);
void notebook_restore(
    const struct notebook *notebook, struct step *step, uint64_t row);
MUST_USE enum status notebook_restore_body(const struct notebook *notebook,
    struct step *step, uint64_t row, struct span plain);

void notebook_sweep(struct notebook *notebook, struct step *step);

/* As inbox_first_end_h. */
uint64_t notebook_first_end_h(const struct notebook *notebook);

#endif
