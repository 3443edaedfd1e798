/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_LETTER_H
#define PROTO_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* What a person wrote, or a vault says to another vault, inside the seal:
 *
 *   [type, message_id, sent_at_s, expires_h, burn_s, content]
 *
 * Numbers 4 to 15 are kept for files, groups and the burn timer's edit. */
enum letter_type {
    LETTER_TEXT = 1,    /* content: the text */
    LETTER_READ = 2,    /* content: [message_id ...] that were read */
    LETTER_WELCOME = 3, /* content: empty text; answers a first contact */
};

struct letter {
    enum letter_type type;
    struct message_id id; /* random; the same in every retry */
    uint64_t sent_at_s;   /* seconds since the epoch, by the sender's clock */
    uint32_t expires_h;   /* when undelivered copies die */
    uint32_t burn_s;      /* seconds it lives after reading; 0 = it stays */
    struct span text;     /* LETTER_TEXT: UTF-8, borrowed */
    size_t read_count;    /* LETTER_READ */
    struct message_id read[LIMIT_READ_IDS];
};

/* Decode.  *out borrows from bytes.  STATUS_INVALID when malformed;
 * STATUS_NOT_FOUND when well formed and of a type not known here. */
MUST_USE enum status letter_decode(struct span bytes, struct letter *out);

/* Encode into out and set *size.  STATUS_TOO_LARGE when it does not fit the
 * capacity, or the text is over LIMIT_TEXT_BYTES; STATUS_INVALID when the text
 * is not UTF-8. */
MUST_USE enum status letter_encode(
    const struct letter *letter, uint8_t *out, size_t capacity, size_t *size);

#endif
