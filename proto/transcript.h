/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_TRANSCRIPT_H
#define PROTO_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/evidence.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* A transcript: evidential conversations of two people, in a file that anybody
 * can check.  It is a line of text and then records, each a length of 4 bytes,
 * big endian, and one array in the dialect of wire.h:
 *
 *   sotto transcript 1
 *   conversation:  [0, proposer's Ed25519 key, X25519 key, accepter's
 *                  Ed25519 key, X25519 key, id, records of the proposer's
 *                  chain, of the accepter's]
 *   then so many of the proposer's chain, and of the accepter's, each one of
 *   letter:   [1, number, previous, seen, seen hash, signature, message_id,
 *             sent_at_s, text]
 *   burned:   [2, number, previous, seen, seen hash, signature, content]
 *   end:      [3, number, previous, seen, seen hash, signature, message_id,
 *             sent_at_s]
 *   missing:  [4, number, until]
 *
 * Conversations ascend by their ids.  A burned letter has left its place, and
 * the hash of its content in place of the content.  Missing are the numbers of
 * which the file has nothing. */
#define TRANSCRIPT_MAGIC "sotto transcript 1\n"
enum {
    TRANSCRIPT_MAGIC_BYTES = sizeof(TRANSCRIPT_MAGIC) - 1,
    TRANSCRIPT_LENGTH_BYTES = 4,
    TRANSCRIPT_PLACE_BYTES = 256, /* all of a record but a text, at most */
    TRANSCRIPT_RECORD_BYTES = LIMIT_TEXT_BYTES + TRANSCRIPT_PLACE_BYTES,
};

enum transcript_kind {
    TRANSCRIPT_CONVERSATION = 0,
    TRANSCRIPT_LETTER = 1,
    TRANSCRIPT_BURNED = 2,
    TRANSCRIPT_END = 3,
    TRANSCRIPT_MISSING = 4,
};

/* Both keys of an identity; their hash is its fingerprint. */
struct transcript_party {
    uint8_t sign_key[32];
    uint8_t agree_key[32];
};

struct transcript_record {
    enum transcript_kind kind;
    /* CONVERSATION: these, and evidence.conversation */
    struct transcript_party proposer;
    struct transcript_party accepter;
    uint32_t proposer_count;
    uint32_t accepter_count;
    /* all others: evidence, without the conversation */
    struct evidence evidence;     /* MISSING: the number alone */
    struct message_id id;         /* LETTER, END */
    uint64_t sent_at_s;           /* LETTER, END */
    struct span text;             /* LETTER; borrowed */
    struct evidence_hash content; /* BURNED */
    uint32_t until;               /* MISSING: the last of them */
};

/* One record without its length.  STATUS_INVALID when malformed; *out borrows
 * from bytes. */
MUST_USE enum status transcript_decode(
    struct span bytes, struct transcript_record *out);

/* Encode into out and set *size.  STATUS_TOO_LARGE when it does not fit. */
MUST_USE enum status transcript_encode(const struct transcript_record *record,
    uint8_t *out, size_t capacity, size_t *size);

/* The length that stands before a record. */
void transcript_length(
    size_t size, uint8_t out[static TRANSCRIPT_LENGTH_BYTES]);

/* Take the record at the beginning of what is left of a file, and move *left
 * behind it.  STATUS_AGAIN when there is less of it than its length says, as
 * where a file was cut short; STATUS_INVALID when that is more than any record
 * has. */
MUST_USE enum status transcript_take(struct span *left, struct span *record);

#endif
