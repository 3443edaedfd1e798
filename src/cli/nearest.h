/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* The name that somebody who wrote word most likely meant: the one at the
 * smallest edit distance, or one that word begins; NULL when none is near. */
const char *nearest(const char *word, const char *const names[], size_t count);

#endif
