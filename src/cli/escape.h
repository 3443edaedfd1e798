/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stdio.h>

#include "base/span.h"

/* Print a stranger's words so that they cannot act on the terminal: control
 * characters (C0, DEL, C1), what reorders or hides text (bidirectional
 * controls, line separators, tags) and bytes that are not UTF-8 come out as
 * visible names such as <U+001B>.  Write errors stay in the stream. */

/* On one line: a name, a message. */
void escape_line(FILE *stream, struct span text);

/* As many lines as it has, each after the indent, which they cannot leave: a
 * letter cannot look like the next letter's heading.  Tabs stay; a newline is
 * added when the last one is missing. */
void escape_text(FILE *stream, struct span text, const char *indent);

#endif
