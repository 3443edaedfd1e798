/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_EDIT_H
#define BASE_EDIT_H

#include <stddef.h>

/* How many letters must be put in, left out, changed, or swapped with their
 * neighbour to make one word of another: Damerau's distance in its restricted
 * form.  For "did you mean": a word of more than EDIT_WORD_MAXIMUM letters is
 * EDIT_FAR from all. */
enum { EDIT_WORD_MAXIMUM = 32, EDIT_FAR = 1000 };
size_t edit_distance(const char *a, const char *b);

/* How many edits at most there are between a word and what was meant by it:
 * none of one letter, one of up to five, two of more. */
size_t edit_near(const char *word);

#endif
