/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_OUTBOX_H
#define VAULT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/outbox_store.h"
#include "vault/step.h"

enum {
    OUTBOX_FETCH_LETTERS = 8,
    OUTBOX_RESUBMIT_MS = 6 * 3600 * 1000,
    OUTBOX_REFUSED_MS = 600 * 1000,
    OUTBOX_KEPT_S = 7 * 24 * 3600, /* once finished */
};

void outbox_init(struct outbox *outbox);
void outbox_clear(struct outbox *outbox);

/* Begin a letter: encoded onto desk->letter, of *size bytes.  It must then be
 * sealed or held.  STATUS_FULL, STATUS_NO_MEMORY; of letter_encode. */
MUST_USE enum status outbox_begin(struct outbox *outbox, struct step *step,
    uint64_t contact, const struct letter *letter, bool urgent, size_t *size,
    struct outbox_letter **out);

/* Begin one that says nothing: by it the other side turns to a session, or one
 * is begun for it. */
MUST_USE enum status outbox_begin_welcome(struct outbox *outbox,
    struct step *step, uint64_t contact, size_t *size,
    struct outbox_letter **out);

/* It lies sealed in desk->sealed, at that place: keep it and submit it; or keep
 * it to be sealed when the session allows. */
struct outbox_place {
    uint64_t session;
    uint32_t chain;
    uint32_t number;
};
void outbox_seal(struct outbox *outbox, struct step *step,
    struct outbox_letter *letter, size_t size,
    const struct outbox_place *place);
void outbox_hold(struct outbox *outbox, struct step *step,
    struct outbox_letter *letter, size_t size);

/* Whether letters to a contact are held back; fetch the first of them, to be
 * sealed; have those sealed for any session but one held back again, and where
 * that one is 0, since their key is another's now, recalled as they were. */
bool outbox_holds(const struct outbox *outbox, uint64_t contact);
void outbox_fetch_held(
    struct outbox *outbox, struct step *step, uint64_t contact);
void outbox_reseal(struct outbox *outbox, struct step *step, uint64_t contact,
    uint64_t session);

/* Whether a sealed letter of that session is under way. */
bool outbox_has_under_way(const struct outbox *outbox, uint64_t session);

/* Bodies have come.  false when the ticket is not ours.  What was to be
 * submitted is; if held letters were fetched, *contact is theirs, else 0:
 * then outbox_unpack each record (onto desk->letter) and seal or hold it. */
bool outbox_fetched(struct outbox *outbox, struct step *step,
    const struct vault_event *event, uint64_t *contact);
MUST_USE enum status outbox_unpack(struct outbox *outbox, struct step *step,
    const struct vault_record *record, size_t *size,
    struct outbox_letter **out);

/* Hand the relay all that is under way, and all recalls, again. */
void outbox_resubmit(struct outbox *outbox, struct step *step);
void outbox_resubmit_due(struct outbox *outbox, struct step *step);

/* What the relay says of an envelope, which is mostly not ours.  The letter
 * whose state has changed, or NULL. */
const struct outbox_letter *outbox_handed(struct outbox *outbox,
    struct step *step, const struct envelope_id *id, uint32_t peers);
const struct outbox_letter *outbox_cleared(struct outbox *outbox,
    struct step *step, const struct envelope_id *id,
    const struct opening *opening);
const struct outbox_letter *outbox_waits(
    struct outbox *outbox, const struct envelope_id *id, uint32_t bits);
void outbox_refused(
    struct outbox *outbox, struct step *step, const struct envelope_id *id);

/* A contact has read a letter; as outbox_handed. */
const struct outbox_letter *outbox_read(struct outbox *outbox,
    struct step *step, uint64_t contact, const struct message_id *id);

/* The letter to a group with that id, or NULL.  Every member has a letter to a
 * group, or has read it: its opening, which is nobody else's, is let go; as
 * outbox_handed. */
const struct outbox_letter *outbox_find_group(
    const struct outbox *outbox, const struct message_id *id);
const struct outbox_letter *outbox_settle(struct outbox *outbox,
    struct step *step, uint64_t row, enum outbox_state state);

/* Expire the next letter after a row whose time is over; NULL when there is
 * none.  Then forget those that were finished long ago. */
const struct outbox_letter *outbox_expire(
    struct outbox *outbox, struct step *step, uint64_t row);
void outbox_sweep(struct outbox *outbox, struct step *step);

/* The letter for a person whose id begins like that: STATUS_NOT_FOUND,
 * STATUS_AMBIGUOUS; answers why not. */
MUST_USE enum status outbox_find(const struct outbox *outbox, struct step *step,
    struct span id, struct outbox_letter **out);

/* Recall a letter by its id or the beginning of it; answers.  The letter whose
 * state has changed, or NULL.  Answer alone, for a letter whose file was
 * cancelled, which takes it back whether or not its text is there already. */
const struct outbox_letter *outbox_recall(
    struct outbox *outbox, struct step *step, struct span id);
void outbox_answer_recalled(
    struct step *step, const struct outbox_letter *letter);

/* The letter of a person's that a contact was sent under that id, or NULL.
 * Recall one, as it is asked, without an answer; and all parts that are under
 * way of a file that went to a contact by the letter of that id. */
struct outbox_letter *outbox_find_sent(
    const struct outbox *outbox, uint64_t contact, const struct message_id *id);
void outbox_call_back(
    struct outbox *outbox, struct step *step, struct outbox_letter *letter);
void outbox_call_back_parts(struct outbox *outbox, struct step *step,
    uint64_t contact, const struct message_id *file);

/* Recall what is under way to a contact, and forget all that ever was. */
void outbox_forget_contact(
    struct outbox *outbox, struct step *step, uint64_t contact);

/* Letters not yet delivered, expired or recalled. */
uint64_t outbox_count_under_way(const struct outbox *outbox);

/* The first letter for a person after a row, or NULL; describe one, without
 * the contact's name. */
const struct outbox_letter *outbox_next(
    const struct outbox *outbox, uint64_t row);
void outbox_describe(
    const struct outbox_letter *letter, struct control_outbox_item *out);

/* An invariant that does not hold (static), or NULL: of the totals, or also of
 * each letter. */
const char *outbox_step_violation(const struct outbox *outbox);
const char *outbox_violation(const struct outbox *outbox);

#endif
