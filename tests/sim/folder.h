/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SIM_FOLDER_H
#define TESTS_SIM_FOLDER_H

/* A folder of this test's own, and files in it. */
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

enum { FOLDER_PATH_BYTES = 256 };

static char folder[FOLDER_PATH_BYTES];

static inline const char *folder_path(const char *name)
{
    static char path[2 * FOLDER_PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static inline void folder_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(
        folder, sizeof(folder), "%s/sotto-test.XXXXXX", base ? base : "/tmp");
    need(mkdtemp(folder));
}

static inline void folder_put(const char *name, const char *text)
{
    FILE *file = fopen(folder_path(name), "we");
    need(file);
    fputs(text, file);
    need(fclose(file) == 0);
}

static inline void folder_take(const char *name)
{
    need(unlink(folder_path(name)) == 0);
}

static inline void folder_end(void)
{
    need(rmdir(folder) == 0);
}

#endif
