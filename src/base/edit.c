/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wagner and Fischer's table with Damerau's swap, whole and on the stack: the
 * words that people mistype are short. */
#include "base/edit.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_near(const char *word)
{
    size_t length = strlen(word);
    return length < 2 ? 0 : length < 6 ? 1 : 2;
}

size_t edit_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > EDIT_WORD_MAXIMUM || columns > EDIT_WORD_MAXIMUM)
        return EDIT_FAR;
    size_t cost[EDIT_WORD_MAXIMUM + 1][EDIT_WORD_MAXIMUM + 1];
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
