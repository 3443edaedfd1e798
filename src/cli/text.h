/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "cli/cli.h"

/* What a person wrote, for a letter or a note.  These return exit codes and
 * have said what was wrong. */

/* A word of the command line, or standard input when that is "-", into out,
 * which has room for LIMIT_TEXT_BYTES; *text is in it.  what is what it is for:
 * "letter", "note". */
int text_get(const struct cli *cli, const char *word, const char *what,
    char *out, struct span *text);

/* --burn, in seconds; 0 when it is not given. */
int text_burn_s(const struct cli *cli, uint64_t *out);

#endif
