/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TERMINAL_H
#define PLATFORM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Whether colours are welcome on this descriptor: a terminal, not a dumb one,
 * and NO_COLOR (https://no-color.org) unset or empty. */
bool terminal_has_colours(int fd);

/* Columns of the terminal on this descriptor; 80 when it is none. */
unsigned terminal_width(int fd);

/* Its lines; 24 when it is none. */
unsigned terminal_height(int fd);

/* Ask on the controlling terminal, without echo, for one line, whatever
 * standard input is.  *size bytes are written to out, without the newline.
 * STATUS_NOT_FOUND when there is no terminal, STATUS_TOO_LARGE when the line is
 * longer than capacity, STATUS_AGAIN when it was ended by end-of-file,
 * STATUS_IO (errno).  An interrupt takes its usual effect after echo is back.
 * out may hold part of a line after a failure: wipe it. */
MUST_USE enum status terminal_ask_secret(
    const char *prompt, char *out, size_t capacity, size_t *size);

#endif
