/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes from outside, whole or not at all.  These return exit codes and have
 * said what was wrong. */

/* Past this many bytes nobody counts on: how far too long a text is. */
enum { INPUT_COUNTED_BYTES = 16 * 1024 * 1024 };

/* Read a stream to its end.  *size is how many bytes there were, which may be
 * more than capacity: the first capacity bytes are in out, the others were
 * counted and dropped.  A stream past INPUT_COUNTED_BYTES is left there, and
 * its size is that. */
int input_stream(
    int fd, const char *source, char *out, size_t capacity, size_t *size);

/* The same of a file. */
int input_file(const char *path, char *out, size_t capacity, size_t *size);

#endif
