/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/span.h"
#include "cli/cli.h"
#include "proto/control.h"

/* Data goes to standard output, everything else to standard error; nothing a
 * stranger wrote reaches either unescaped, except as JSON. */

/* Say "sotto: …" on standard error, escaped; returns code, for `return`. */
int fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As fail, without an end: a warning. */
void warn_person(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A hint for a person at a terminal; a script never sees it. */
void hint(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print a reply as `--json` does; the exit code. */
int output_json(const struct control_reply *reply);

/* Print a line that control_*_print made, and free it; the exit code. */
int output_line(enum status status, char *line, size_t size);

/* Write out what standard output still holds.  Returns code, or EXIT_USAGE with
 * a message when something could not be written. */
int output_finish(int code);

/* The same of what tells what was done, and is done though nobody reads it:
 * what that is, is said. */
int output_done(const char *done);

/* The escape sequence that begins bold or faint text and the one that ends it;
 * empty where colours are not welcome. */
const char *style_bold(const struct cli *cli);
const char *style_faint(const struct cli *cli);
const char *style_end(const struct cli *cli);

/* A name, escaped, then spaces up to width characters. */
void output_name(struct span name, unsigned width);

/* A fingerprint in groups of eight, for eyes and for reading aloud. */
void output_fingerprint(const char *fingerprint);

#endif
