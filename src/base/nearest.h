/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* Did you mean: begin with the word that somebody wrote, and offer each name
 * that there is.  Then name is the one that was most likely meant, the one at
 * the smallest edit distance or one that the word begins, the first of several;
 * NULL when none is near.  It borrows both. */
struct nearest {
    const char *word;
    const char *name;
    size_t distance;
};

/* Whether that name is now the nearest. */
bool nearest_offer(struct nearest *nearest, const char *name);

#endif
