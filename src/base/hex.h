/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* Write bytes as lower-case hexadecimal and a terminator; out has room for
 * 2 * bytes.size + 1. */
void hex_encode(struct span bytes, char *out);

/* Read exactly size bytes from a hexadecimal string of either case.
 * STATUS_INVALID when the length or a character is wrong. */
MUST_USE enum status hex_decode(const char *text, uint8_t *out, size_t size);

/* Characters, without the terminator, of size bytes in base32. */
#define BASE32_CHARS(size) (((size)*8 + 4) / 5)

/* Write bytes in lower-case base32 without padding (RFC 4648, section 6) and
 * a terminator; out has room for BASE32_CHARS(bytes.size) + 1. */
void base32_encode(struct span bytes, char *out);

/* Read exactly size bytes from base32 of either case, without padding.
 * STATUS_INVALID when the length, a character or an unused bit is wrong: each
 * value has one spelling but for case. */
MUST_USE enum status base32_decode(const char *text, uint8_t *out, size_t size);

#endif
