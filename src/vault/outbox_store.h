/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_OUTBOX_STORE_H
#define VAULT_OUTBOX_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/control.h"
#include "proto/ids.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* A letter under way: all but its text and envelope, which stay on disk.
 * Secret. */
struct outbox_letter {
    uint64_t row;
    uint64_t contact; /* to whom: a contact's row, or outbox_group of one */
    uint64_t session; /* it is sealed for; 0: it is held back */
    uint32_t chain;   /* its place in the session; to a group: epoch, number */
    uint32_t number;
    enum letter_type type; /* a person sees texts only */
    enum outbox_state state;
    bool urgent;
    struct message_id id;
    struct envelope_id envelope;
    struct opening opening;
    uint32_t expires_h;
    uint32_t handed_to;
    uint8_t stamp_bits; /* that it waits for, as the relay says; not stored */
    uint64_t sent_at_s;
    uint64_t delivered_at_s;
    uint64_t finished_at_s; /* delivered, expired or recalled then */
};

/* Letters to a group stand among those to contacts. */
#define OUTBOX_GROUP (UINT64_C(1) << 48)
static inline uint64_t outbox_group(uint64_t group)
{
    return OUTBOX_GROUP | group;
}

/* The group's row, or 0 when it is to a contact. */
static inline uint64_t outbox_group_of(uint64_t contact)
{
    return contact & OUTBOX_GROUP ? contact & ~OUTBOX_GROUP : 0;
}

/* What such a letter is sealed for, in the place of a session: a number that
 * no session has. */
static inline uint64_t outbox_group_session(uint64_t group)
{
    return UINT32_C(0x80000000) | group;
}

struct outbox {
    struct rows letters;
    struct rows envelopes; /* by the first bytes of an envelope's id */
    struct rows errands;   /* what waits for bodies, by ticket */
    uint64_t held;
    uint64_t resubmit_ms;
    uint32_t resubmitting; /* ticket; 0: not */
};

/* Take in one record.  STATUS_REFUSED or STATUS_INVALID when it is damaged. */
MUST_USE enum status outbox_load(struct outbox *outbox, struct step *step,
    const struct vault_record *record);

/* For a backup: a letter's record, and its body from the plain text of one
 * (STATUS_INVALID), as those of a letter that is yet to be sealed.  From there
 * the record of a body is written anew: STATUS_INVALID when it is none, or of
 * no such letter. */
void outbox_write_unsealed(
    const struct outbox_letter *letter, struct wire_writer *writer);
MUST_USE enum status outbox_body_write_unsealed(
    struct step *step, struct span plain, struct wire_writer *writer);
MUST_USE enum status outbox_restore_body(const struct outbox *outbox,
    struct step *step, uint64_t row, struct span plain);

/* The rest is for the outbox alone. */

/* Not yet delivered, expired or recalled; and of these, not yet sealed. */
bool outbox_is_under_way(const struct outbox_letter *letter);
bool outbox_is_held(const struct outbox_letter *letter);

/* Have a sealed letter found by its envelope, or no longer. */
void outbox_index_add(struct outbox *outbox, struct step *step,
    const struct outbox_letter *letter);
void outbox_index_remove(
    struct outbox *outbox, const struct outbox_letter *letter);
struct outbox_letter *outbox_find_envelope(
    const struct outbox *outbox, const struct envelope_id *id);

/* Store a letter's record; its body, which is the encoded letter and, once it
 * is sealed, the envelope. */
void outbox_save(struct step *step, const struct outbox_letter *letter);
void outbox_body_save(struct step *step, const struct outbox_letter *letter,
    struct span plain, struct span envelope);

/* Both spans borrow from the desk.  STATUS_REFUSED or STATUS_INVALID when the
 * record is damaged. */
MUST_USE enum status outbox_body_read(struct step *step,
    const struct vault_record *record, struct span *letter,
    struct span *envelope);

/* Let the opening of a letter's envelope go. */
void outbox_release(struct step *step, const struct outbox_letter *letter);

/* An entry of the index. */
struct outbox_envelope {
    uint64_t row; /* the first bytes of the envelope's id */
    uint64_t letter;
};

#endif
