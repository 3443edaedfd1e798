/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_CARD_WORD_H
#define CLI_CARD_WORD_H

#include "proto/card.h"

/* A card or an invite from a word of the command line: its text, or - for
 * standard input, or @FILE.  Its text alone goes to out; whether its signature
 * holds is not looked at.  An exit code; what was wrong has been said. */
int card_word_read(const char *word, char out[static INVITE_TEXT_CHARS + 1]);

#endif
