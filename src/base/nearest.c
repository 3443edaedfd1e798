/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest edit distance, if it is small beside the word: what needs more
 * letters changed than a slip changes is another word. */
#include "base/nearest.h"

#include <string.h>

#include "base/edit.h"

bool nearest_offer(struct nearest *nearest, const char *name)
{
    size_t length = strlen(nearest->word);
    size_t far = edit_distance(nearest->word, name);
    if (length >= 2 && strncmp(nearest->word, name, length) == 0)
        far = 0;
    if (far > edit_near(nearest->word) ||
        (nearest->name && far >= nearest->distance))
        return false;
    nearest->name = name;
    nearest->distance = far;
    return true;
}
