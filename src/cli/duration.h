/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Read a whole decimal number without sign.  STATUS_INVALID when it is none or
 * does not fit. */
MUST_USE enum status number_parse(const char *text, uint64_t *out);

/* Read a number and its unit, one of s, m, h, d ("90s", "5m", "2h", "7d"), as
 * seconds.  STATUS_INVALID when it is none or does not fit. */
MUST_USE enum status duration_parse_s(const char *text, uint64_t *out);

enum { AMOUNT_CHARS = 32 };

/* Write seconds as a person says them, in the largest unit that is at least
 * one ("45 s", "12 min", "3 h", "9 d"). */
void duration_print_s(uint64_t seconds, char out[static AMOUNT_CHARS]);

/* Write a size likewise ("512 B", "1.5 KiB", "256 MiB"). */
void bytes_print(uint64_t bytes, char out[static AMOUNT_CHARS]);

/* Write a time on the wall clock in the local zone ("2026-11-24 05:10"), or
 * "-" for 0. */
void time_print_s(uint64_t seconds, char out[static AMOUNT_CHARS]);

#endif
