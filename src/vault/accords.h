/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_ACCORDS_H
#define VAULT_ACCORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/evidence.h"
#include "crypto/identity.h"
#include "proto/control.h"
#include "proto/evidence.h"
#include "proto/letter.h"
#include "proto/transcript.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* What two people have agreed about their letters: that from then on each is
 * signed, and names the one before it, so that it can be shown to others.  One
 * of them proposes and the other accepts; until then, and after, letters are
 * deniable.
 *
 * An accord is an evidential conversation, or the proposal of one.  Of a
 * contact's, one at most is not over. */
enum accord_stage {
    ACCORD_OFFERED = 1, /* we have proposed it */
    ACCORD_ASKED = 2,   /* they have */
    ACCORD_HOLDS = 3,   /* both have agreed: what we write is signed */
    ACCORD_OVER = 4,    /* it did; what was signed is still there */
};

struct accord {
    uint64_t row;
    uint64_t contact;
    enum accord_stage stage;
    bool is_ours;   /* we proposed it */
    bool is_broken; /* nothing is signed in it here any more, not even its end:
                       we may have signed more than we know, or they know
                       nothing of it */
    struct evidence_id id;         /* of a proposal, the first half */
    struct transcript_party party; /* the other's keys when they agreed */
    uint64_t began_s;              /* proposed or agreed, by our clock */
    uint64_t theirs_s; /* what of theirs agreed to it, by their clock */
};

struct accords {
    struct rows rows;
    struct rows places; /* see accord_place */
};

enum { ACCORD_LAPSE_S = 14 * 24 * 3600 }; /* of a proposal without an answer */

void accords_init(struct accords *accords);
void accords_clear(struct accords *accords);
MUST_USE enum status accords_load(struct accords *accords, struct step *step,
    const struct vault_record *record);

/* By row, or NULL; the contact's that is not over, or NULL; of the contact's,
 * the one of an id, or the newest of that first half, or NULL. */
struct accord *accords_get(const struct accords *accords, uint64_t row);
struct accord *accords_current(const struct accords *accords, uint64_t contact);
struct accord *accords_find(const struct accords *accords, uint64_t contact,
    const struct evidence_id *id);
struct accord *accords_find_half(const struct accords *accords,
    uint64_t contact, const uint8_t half[static EVIDENCE_HALF_BYTES]);

/* Begin a proposal, of which id has the first half; there must be no other that
 * is not over.  *out is good until the next change.  STATUS_FULL at
 * LIMIT_EVIDENCE_CONVERSATIONS; STATUS_NO_MEMORY. */
MUST_USE enum status accords_propose(struct accords *accords, struct step *step,
    const struct accord *proposal, struct accord **out);

/* Both have agreed: theirs_s is that of the letter which says so. */
void accord_agree(struct step *step, struct accord *accord,
    const struct evidence_id *id, const struct card *card, uint64_t theirs_s);

/* It is over; broken, for good. */
void accord_end(struct step *step, struct accord *accord, bool is_broken);

/* Forget one, with what was signed in it; or all of a contact's. */
void accords_drop(
    struct accords *accords, struct step *step, struct accord *accord);
void accords_forget_contact(
    struct accords *accords, struct step *step, uint64_t contact);

/* Forget those of a contact's that are over, with what was signed in them, and
 * have the residue scrubbed; how many there were. */
size_t accords_forget_over(
    struct accords *accords, struct step *step, uint64_t contact);

/* A proposal that has waited for too long, or NULL. */
struct accord *accords_lapsed(
    const struct accords *accords, const struct step *step);

/* A word for how a contact is written to: "deniable", "evidential",
 * "proposed-by-you", "proposed-by-them". */
const char *accords_word(const struct accords *accords, uint64_t contact);

/* An invariant that does not hold (static), or NULL. */
const char *accords_violation(const struct accords *accords);

/* Places: letters in the chains of conversations, each with its writer's
 * signature.  What is checked is in memory; signature and text are fetched.  A
 * letter that burns leaves no text here, nor its id. */
struct accord_place {
    uint64_t row; /* conversation, chain and number, ascending so */
    struct evidence_hash hash;
    struct evidence_hash previous;
    struct evidence_hash seen_hash;
    uint32_t seen;
    uint32_t text_bytes;
    enum transcript_kind kind; /* LETTER, BURNED or END */
};

MUST_USE enum status accords_load_place(struct accords *accords,
    struct step *step, const struct vault_record *record);

/* Whether each place has its conversation. */
bool accords_are_whole(const struct accords *accords);

/* Give a letter of ours, of type SIGNED or END and with its id, time and text,
 * the next place in our chain, and sign it.  Nothing is kept yet.  STATUS_FULL
 * at LIMIT_EVIDENCE_CHAIN, or when there are LIMIT_EVIDENCE_LETTERS. */
MUST_USE enum status accords_sign(const struct accords *accords,
    const struct accord *accord, const struct identity *identity,
    struct letter *letter);

/* Keep one that was signed, and is under way. */
void accords_keep(struct accords *accords, struct step *step,
    const struct accord *accord, const struct fingerprint *own,
    const struct letter *letter);

/* One of theirs has come: keep it, if it holds.  STATUS_REFUSED when it does
 * not; STATUS_FULL when there is no room for it. */
MUST_USE enum status accords_take(struct accords *accords, struct step *step,
    const struct accord *accord, const struct fingerprint *own,
    const struct letter *letter);

/* Whether a chain, ours or theirs, is closed by its END. */
bool accord_is_closed(
    const struct accords *accords, const struct accord *accord, bool ours);

/* How many places a chain has, but for its END; and how many are missing. */
struct accord_count {
    uint64_t letters;
    uint64_t missing;
};
struct accord_count accord_count(
    const struct accords *accords, const struct accord *accord, bool ours);

/* The index of a conversation's first place, or of what stands where it would;
 * all of one follow each other.  What a place's row says. */
size_t accords_first_place(
    const struct accords *accords, const struct accord *accord);
uint64_t accord_place_accord(uint64_t row);
bool accord_place_is_accepters(uint64_t row);
uint32_t accord_place_number(uint64_t row);

/* The record of a transcript that a place's body and it make; the text borrows
 * from the desk.  STATUS_INVALID when it is damaged. */
MUST_USE enum status accords_read_body(const struct accords *accords,
    struct step *step, const struct vault_record *record,
    struct transcript_record *out);

/* The rest is for the files of this room. */
void accords_forget_places(
    struct accords *accords, struct step *step, uint64_t accord);

#endif
