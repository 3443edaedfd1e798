/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did you mean: the smallest edit distance, if it is small beside the word. */
#include "cli/nearest.h"

#include <string.h>

#include "base/edit.h"

const char *nearest(const char *word, const char *const names[], size_t count)
{
    size_t length = strlen(word);
    const char *found = NULL;
    size_t best = edit_near(word) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t far = edit_distance(word, names[i]);
        if (length >= 2 && strncmp(word, names[i], length) == 0)
            far = 0;
        if (far < best) {
            best = far;
            found = names[i];
        }
    }
    return found;
}
