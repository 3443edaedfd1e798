/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did you mean: Levenshtein's distance with neighbours swapped (the restricted
 * form of Damerau's), over words short enough for a table on the stack. */
#include "cli/nearest.h"

#include <string.h>

enum { WORD_MAXIMUM = 24, FAR_AWAY = 100 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > WORD_MAXIMUM || columns > WORD_MAXIMUM)
        return FAR_AWAY;
    size_t cost[WORD_MAXIMUM + 1][WORD_MAXIMUM + 1];
    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t replace = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t shift = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;
            cost[i][j] = smaller(replace, shift);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = smaller(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[rows][columns];
}

const char *nearest(const char *word, const char *const names[], size_t count)
{
    size_t length = strlen(word);
    const char *found = NULL;
    size_t best = smaller(2, length / 2) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t far = distance(word, names[i]);
        if (length >= 2 && strncmp(word, names[i], length) == 0)
            far = 0;
        if (far < best) {
            best = far;
            found = names[i];
        }
    }
    return found;
}
