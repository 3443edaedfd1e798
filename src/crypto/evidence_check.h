/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_EVIDENCE_CHECK_H
#define CRYPTO_EVIDENCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/evidence.h"
#include "proto/ids.h"

/* Whether a transcript (proto/transcript.h) proves what it says: that each
 * letter in it was signed by the one of the two who is said to have written it,
 * to the other, in this conversation, in this order, with nothing taken out or
 * put in between.  Needs nothing but the file.
 *
 * It cannot prove that nothing is missing at the end of a chain that is not
 * closed, that no whole conversation was left out, nor when a letter was
 * written: the time is its writer's word. */
struct transcript_side {
    struct fingerprint who;
    uint32_t letters;
    uint32_t burned;  /* signed places of letters that were destroyed */
    uint32_t missing; /* numbers of which nothing is there */
    bool is_closed;   /* its writer signed that the last is the last */
    uint64_t first_s; /* of the first and the last letter, by its writer's */
    uint64_t last_s;  /* clock; 0 when there is none */
};

struct transcript_conversation {
    struct evidence_id id;
    struct transcript_side proposer;
    struct transcript_side accepter;
};

/* What is wrong first. */
struct transcript_fault {
    size_t conversation; /* from 1; 0: the file itself */
    bool of_accepter;    /* in whose chain */
    uint32_t number;     /* of the letter; 0: the conversation's own record */
    const char *why;     /* static; "it …" */
    size_t cut_at;       /* where the file ends too early; 0: it does not */
};

struct transcript_check {
    struct span left;
    size_t file_bytes;
    size_t conversations;
    struct evidence_id last; /* their ids ascend */
    struct transcript_fault fault;
};

/* Begin with a whole file, borrowed.  STATUS_INVALID when it is no transcript
 * of this version; fault says so. */
MUST_USE enum status transcript_check_begin(
    struct transcript_check *check, struct span file);

/* Check the next conversation.  STATUS_NOT_FOUND when there is no other;
 * STATUS_INVALID or STATUS_REFUSED when something is wrong, and fault says
 * what; STATUS_NO_MEMORY.  After any of these there is nothing to go on
 * with. */
MUST_USE enum status transcript_check_next(
    struct transcript_check *check, struct transcript_conversation *out);

#endif
