/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_MUTATE_MUTANT_H
#define TESTS_MUTATE_MUTANT_H

/* What a call came to: its result, or, at the site that is chosen, the value
 * that is chosen in its place.  mutate.py writes it around each call that it
 * watches, in a copy of the source, and has this file included everywhere. */
int mutant(int site, int result);

#endif
