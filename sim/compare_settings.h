/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_COMPARE_SETTINGS_H
#define SIM_COMPARE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* Name the first settings in which two runs' folders differ, each with its two
 * values, and how many more there are, as the end of a sentence.  False, and
 * out is empty, where none does, or a folder has no scenario.conf that says. */
bool compare_settings(
    const char *const folders[static 2], char *out, size_t capacity);

#endif
