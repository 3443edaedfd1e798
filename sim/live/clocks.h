/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_CLOCKS_H
#define SIM_LIVE_CLOCKS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* Clocks that are off, for real nodes: libfaketime, where it is installed, has
 * a program read the wall clock with an offset, in a sandbox too.  Its other
 * clocks stay right. */
enum { CLOCKS_PATH_BYTES = 512, CLOCKS_TEXT_BYTES = 32 };

/* Where the library is.  STATUS_NOT_FOUND. */
MUST_USE enum status clocks_find(char out[static CLOCKS_PATH_BYTES]);

/* What the environment of a program has to say for its clock to be off by so
 * much: "NAME=value", ended by a NULL.  The list points into the struct. */
struct clocks_words {
    char library[CLOCKS_PATH_BYTES + CLOCKS_TEXT_BYTES];
    char offset[CLOCKS_TEXT_BYTES];
    char monotonic[2 * CLOCKS_TEXT_BYTES];
    char *list[4];
};
void clocks_say(const char *library, int32_t skew_s, struct clocks_words *out);

/* Remove what the library keeps for a program and those that it starts, by its
 * number, and would have removed itself if it had not been killed. */
void clocks_sweep(pid_t pid);

#endif
