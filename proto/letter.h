/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_LETTER_H
#define PROTO_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/evidence.h"
#include "proto/file.h"
#include "proto/group.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* What a person wrote, or a vault says to another vault, inside the seal:
 *
 *   [type, message_id, sent_at_s, expires_h, burn_s, content]
 *
 * What groups say goes through the sessions of two people, and is believed of
 * the one it came from alone: none of these letters names its author.  A text
 * to a group is LETTER_TEXT, under the group's own seal.
 *
 * A text in a conversation that both people have made evidential is
 * LETTER_SIGNED.
 *
 * Numbers 14 and 15 are kept for the burn timer's edit and the like. */
enum letter_type {
    LETTER_TEXT = 1,          /* content: the text */
    LETTER_READ = 2,          /* content: [message_id ...] that were read */
    LETTER_WELCOME = 3,       /* content: empty text; answers a first contact */
    LETTER_GROUP_INVITE = 4,  /* [group, name]: will you join? */
    LETTER_GROUP_JOIN = 5,    /* [group, key, card]: yes; my key for it */
    LETTER_GROUP_OPS = 6,     /* [group, [operation ...]] */
    LETTER_GROUP_ASK = 7,     /* [group, [head ...]]: what do I lack? */
    LETTER_GROUP_KEY = 8,     /* [group, view, number, chain key, tag key, sign
                               * key]: how to open what I write to it */
    LETTER_GROUP_RECEIPT = 9, /* [message_id ...] that came, from a group */
    LETTER_FILE = 10,      /* [text, file's name, bytes, hash, parts' hashes] */
    LETTER_FILE_PART = 11, /* [file, number, bytes] */
    LETTER_FILE_DONE = 12, /* [file, end]: what has become of it */
    LETTER_SIGNED_FILE = 13, /* [conversation, place ..., text, as FILE ...] */
    LETTER_PROPOSE = 16,     /* [half]: shall what we write be evidential? */
    LETTER_ACCEPT = 17,      /* [conversation]: yes */
    LETTER_SIGNED = 18,      /* [conversation, place ..., text] */
    LETTER_END = 19,  /* [conversation, place ...]: no more, from now on */
    LETTER_NONE = 20, /* [half]: there is no such conversation with me */
};

/* The last type that is known. */
enum { LETTER_LAST = LETTER_NONE };

/* Whether a letter has a text that a person wrote for another. */
static inline bool letter_is_text(enum letter_type type)
{
    return type == LETTER_TEXT || type == LETTER_SIGNED ||
           type == LETTER_FILE || type == LETTER_SIGNED_FILE;
}

/* Whether a file comes with it; whether it is signed, so that it can be shown
 * to others. */
static inline bool letter_has_file(enum letter_type type)
{
    return type == LETTER_FILE || type == LETTER_SIGNED_FILE;
}
static inline bool letter_is_signed(enum letter_type type)
{
    return type == LETTER_SIGNED || type == LETTER_SIGNED_FILE;
}

struct letter {
    enum letter_type type;
    struct message_id id; /* random; the same in every retry */
    uint64_t sent_at_s;   /* seconds since the epoch, by the sender's clock */
    uint32_t expires_h;   /* when undelivered copies die */
    uint32_t burn_s;      /* seconds it lives after reading; 0 = it stays */
    struct span text;     /* TEXT, SIGNED, FILE, SIGNED_FILE: UTF-8, borrowed */
    size_t read_count;    /* LETTER_READ, LETTER_GROUP_RECEIPT */
    struct message_id read[LIMIT_READ_IDS];
    struct group_id group; /* the rest of GROUP */
    struct span name;      /* INVITE: UTF-8, 1 to LIMIT_NAME_BYTES; borrowed */
    uint8_t join_key[32];  /* JOIN */
    struct card card;      /* JOIN */
    size_t op_count;       /* OPS: 1 .. LIMIT_GROUP_OPS_LETTER */
    struct span ops[LIMIT_GROUP_OPS_LETTER]; /* encodings; borrowed */
    size_t head_count;                       /* ASK: operations by hash */
    struct group_op_hash heads[LIMIT_GROUP_PARENTS];
    uint8_t view[32];       /* KEY */
    struct group_key key;   /* KEY */
    struct file_offer file; /* FILE, SIGNED_FILE */
    struct file_part part;  /* FILE_PART */
    struct file_done done;  /* FILE_DONE */
    /* SIGNED, SIGNED_FILE, END; of it PROPOSE and NONE have the first half of
     * the conversation, ACCEPT the whole */
    struct evidence evidence;
};

/* Decode.  *out borrows from bytes.  STATUS_INVALID when malformed;
 * STATUS_NOT_FOUND when well formed and of a type not known here. */
MUST_USE enum status letter_decode(struct span bytes, struct letter *out);

/* Encode into out and set *size.  STATUS_TOO_LARGE when it does not fit the
 * capacity, or a field is over its limit; STATUS_INVALID when a text
 * is not UTF-8. */
MUST_USE enum status letter_encode(
    const struct letter *letter, uint8_t *out, size_t capacity, size_t *size);

#endif
