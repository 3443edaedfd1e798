/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_TRANSCRIPT_PRINT_H
#define CLI_TRANSCRIPT_PRINT_H

#include <stddef.h>

#include "base/span.h"
#include "cli/cli.h"
#include "crypto/evidence_check.h"
#include "proto/ids.h"

enum { TRANSCRIPT_CARDS = 2 };

/* A whole file that holds, what it proves, and whose cards were given.  What is
 * printed of a transcript is printed of one of these. */
struct transcript_held {
    struct span file;
    size_t count;
    struct transcript_conversation *conversations;
    size_t card_count;
    struct fingerprint cards[TRANSCRIPT_CARDS];
};

/* "proposer" or "accepter". */
const char *transcript_side_word(bool of_accepter);

/* Who has signed how much: for a person, or as an object a conversation; the
 * exit code. */
int transcript_print_summary(
    const struct cli *cli, const struct transcript_held *held);

/* The letters in the order of cli/transcript_walk.h: for a person, or as an
 * object each; the exit code. */
int transcript_print_letters(
    const struct cli *cli, const struct transcript_held *held);

#endif
