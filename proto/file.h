/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_FILE_H
#define PROTO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "proto/wire.h"

/* A file on its way from one person to another: its letter says what it is, by
 * hashes, and so many parts follow.  All parts but the last have
 * LIMIT_FILE_PART_BYTES, and a part is known by its number, so that parts can
 * neither overlap nor leave a gap. */
enum { FILE_HASH_BYTES = 32 };

/* What a letter says of its file.  Hashes are BLAKE2b-256 without a key, as
 * `b2sum -l 256` prints them. */
struct file_offer {
    struct span name; /* UTF-8, 1 to LIMIT_FILE_NAME_BYTES; borrowed */
    uint64_t bytes;   /* at most LIMIT_NUMBER; a stranger's word */
    uint8_t hash[FILE_HASH_BYTES]; /* of the whole */
    struct span parts; /* of each part in turn, FILE_HASH_BYTES; borrowed */
};

struct file_part {
    struct message_id file; /* the id of the file's letter */
    uint64_t number;        /* from 0 */
    struct span bytes;      /* 1 to LIMIT_FILE_PART_BYTES; borrowed */
};

/* How a file has ended for whoever says so. */
enum file_end {
    FILE_END_WHOLE = 0, /* it is here, and has the hash of its offer */
    FILE_END_DROPPED =
        1, /* by its sender or its reader, who wants it no more */
    FILE_END_DAMAGED = 2,  /* its parts are not what its offer says */
    FILE_END_NAME = 3,     /* refused: for its name, */
    FILE_END_SIZE = 4,     /* its size, or parts that do not come to it, */
    FILE_END_ROOM = 5,     /* for want of room, */
    FILE_END_COUNT = 6,    /* since many are under way already, */
    FILE_END_STRANGER = 7, /* or since its sender is no contact */
    FILE_END_LAST = FILE_END_STRANGER,
};

/* A word for an end; empty for a good one. */
const char *file_end_word(enum file_end end);

struct file_done {
    struct message_id file;
    enum file_end end;
};

/* How many parts so many bytes are, and how many bytes a part has. */
uint64_t file_parts_of(uint64_t bytes);
size_t file_part_bytes(uint64_t bytes, uint64_t number);

/* Whether a name can be a file's in whatever directory: UTF-8 of 1 to
 * LIMIT_FILE_NAME_BYTES, no path, and nothing in it that acts on a terminal or
 * hides what it is (control characters, what reorders text, separators of
 * lines, tags: as cli/escape.h). */
bool file_name_is_good(struct span name);

/* What is signed for a file in an evidential conversation, as if it were the
 * text of a letter, so that a transcript shows it and anybody can check the
 * file by it:
 *
 *   file: NAME
 *   bytes: N
 *   blake2b-256: HASH in hexadecimal
 *
 * each line with its end; and, if there is a text, an empty line and the text.
 * STATUS_TOO_LARGE when it is over what a text can be. */
struct file_statement {
    size_t size;
    uint8_t bytes[LIMIT_TEXT_BYTES];
};
MUST_USE enum status file_statement_of(const struct file_offer *offer,
    struct span text, struct file_statement *out);

/* The four elements from the name to the hashes of the parts; the three of a
 * part; the two of an end. */
enum { FILE_OFFER_FIELDS = 4, FILE_PART_FIELDS = 3, FILE_DONE_FIELDS = 2 };
void file_read_offer(struct wire_reader *reader, struct file_offer *out);
void file_write_offer(
    struct wire_writer *writer, const struct file_offer *offer);
void file_read_part(struct wire_reader *reader, struct file_part *out);
void file_write_part(struct wire_writer *writer, const struct file_part *part);
void file_read_done(struct wire_reader *reader, struct file_done *out);
void file_write_done(struct wire_writer *writer, const struct file_done *done);

#endif
