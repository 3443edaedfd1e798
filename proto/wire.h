/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* Bounded msgpack, in the one dialect that Sotto speaks: arrays in a fixed
 * order, unsigned integers, booleans, byte strings and UTF-8 text, each in its
 * shortest form; no maps, floats, negatives, extensions or nils; nothing
 * trailing; depth at most 8.  Two values that are equal have equal bytes.
 *
 * Reading.  wire_read_init scans the whole input first, without allocating,
 * and refuses anything outside the dialect.  After that, each call takes the
 * next element; the first that does not fit makes the error stick, all later
 * ones return zeros, and wire_read_done says so once at the end.  Callers
 * therefore read straight through and check once. */
struct wire_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

void wire_read_init(struct wire_reader *reader, struct span bytes);

/* An array header; returns the number of elements, at most maximum. */
size_t wire_read_array(struct wire_reader *reader, size_t maximum);

/* An array header of exactly count elements. */
void wire_read_array_of(struct wire_reader *reader, size_t count);

/* An unsigned integer of at most maximum. */
uint64_t wire_read_uint(struct wire_reader *reader, uint64_t maximum);

bool wire_read_bool(struct wire_reader *reader);

/* A byte string of at most maximum bytes, borrowed from the input. */
struct span wire_read_bytes(struct wire_reader *reader, size_t maximum);

/* A byte string of exactly size bytes, copied to out (zeros on failure). */
void wire_read_fixed(struct wire_reader *reader, uint8_t *out, size_t size);

/* UTF-8 text of at most maximum bytes, borrowed from the input. */
struct span wire_read_text(struct wire_reader *reader, size_t maximum);

/* Take the next element, whatever it is, with all that is inside it. */
void wire_read_skip(struct wire_reader *reader);

/* Take the rest of an array of so many elements, of which the first is taken: a
 * type that is not known here, which may have any behind it.  STATUS_NOT_FOUND
 * when nothing is left; STATUS_INVALID. */
MUST_USE enum status wire_read_unknown(
    struct wire_reader *reader, size_t elements);

/* STATUS_OK when every read fitted and nothing is left; STATUS_INVALID. */
MUST_USE enum status wire_read_done(const struct wire_reader *reader);

/* Writing, into a caller's fixed buffer, so that no copy of a secret is left
 * behind in memory that grew.  The error sticks as above.  With a null data
 * nothing is stored and the size alone is counted. */
struct wire_writer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed;
};

void wire_write_init(struct wire_writer *writer, uint8_t *out, size_t capacity);
void wire_write_array(struct wire_writer *writer, size_t count);
void wire_write_uint(struct wire_writer *writer, uint64_t value);
void wire_write_bool(struct wire_writer *writer, bool value);
void wire_write_bytes(struct wire_writer *writer, struct span bytes);
/* The same in pieces, which make up so many bytes. */
void wire_begin_bytes(struct wire_writer *writer, size_t bytes);
void wire_write_piece(struct wire_writer *writer, struct span piece);

/* How many bytes the beginning of an array, a number and so many bytes take. */
size_t wire_array_size(size_t count);
size_t wire_uint_size(uint64_t value);
size_t wire_bytes_size(size_t bytes);

/* The text is UTF-8: whoever may hold another asks wire_is_utf8 first. */
void wire_write_text(struct wire_writer *writer, struct span text);

/* Store the written size.  STATUS_TOO_LARGE when it did not fit. */
MUST_USE enum status wire_write_done(
    const struct wire_writer *writer, size_t *size);

/* Whether bytes are well-formed UTF-8 (RFC 3629) without U+0000. */
bool wire_is_utf8(struct span bytes);

#endif
