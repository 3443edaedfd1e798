/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_TRANSCRIPT_WALK_H
#define CLI_TRANSCRIPT_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/transcript.h"

/* The records of a transcript in the order in which two people would have read
 * them, of a file that crypto/evidence_check.h has found to hold.  The file has
 * one chain behind the other; here they are merged:
 *
 * - nobody's letter comes before one of the other's that its writer had seen,
 *   which is signed;
 * - where that says nothing, the one whose writer's clock was earlier, which is
 *   their word; the proposer's when both are alike.  What has no time of its
 *   own, burned or missing, has that of the one before it in its chain. */
struct transcript_chain {
    struct span left; /* behind the front */
    uint32_t records; /* left, the front among them */
    uint32_t taken;   /* the last number that was handed out */
    uint64_t front_s; /* the front's time, or the one before its */
    struct transcript_record front;
};

struct transcript_walk {
    struct span left;                  /* behind this conversation */
    struct transcript_chain chains[2]; /* proposer's, accepter's */
};

/* Begin with a whole file, borrowed.  STATUS_INVALID when it is no
 * transcript. */
MUST_USE enum status transcript_walk_begin(
    struct transcript_walk *walk, struct span file);

/* Go to the next conversation.  STATUS_NOT_FOUND when there is no other;
 * STATUS_INVALID when the file would not have been found to hold. */
MUST_USE enum status transcript_walk_conversation(struct transcript_walk *walk);

/* The next record of this conversation: a letter, burned, missing or the end of
 * its chain.  *out borrows from the file.  STATUS_NOT_FOUND when there is no
 * other, STATUS_INVALID as above. */
MUST_USE enum status transcript_walk_next(struct transcript_walk *walk,
    struct transcript_record *out, bool *of_accepter);

#endif
