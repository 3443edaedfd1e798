/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel has a namespace for the clocks that count from its start, and none
 * for the wall clock, which all processes share; so the call that reads it is
 * led elsewhere within the process.  An offset from the start is all: a jump
 * later would have to come through a file, which a node in its sandbox cannot
 * read. */
#include "config.h"

#include "sim/live/clocks.h"

#include <glob.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum status clocks_find(char out[static CLOCKS_PATH_BYTES])
{
    /* That for programs with threads; a folder for each kind of machine. */
    static const char *const patterns[] = {
        "/usr/lib/*/faketime/libfaketimeMT.so.1",
        "/usr/lib*/faketime/libfaketimeMT.so.1",
        "/usr/local/lib*/faketime/libfaketimeMT.so.1"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found;
        bool is_there = glob(patterns[i], 0, NULL, &found) == 0;
        if (is_there)
            snprintf(out, CLOCKS_PATH_BYTES, "%s", found.gl_pathv[0]);
        globfree(&found);
        if (is_there)
            return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

void clocks_say(const char *library, int32_t skew_s, struct clocks_words *out)
{
    snprintf(out->library, sizeof(out->library), "LD_PRELOAD=%s", library);
    snprintf(
        out->offset, sizeof(out->offset), "FAKETIME=%+" PRId32 "s", skew_s);
    snprintf(out->monotonic, sizeof(out->monotonic),
        "FAKETIME_DONT_FAKE_MONOTONIC=1");
    out->list[0] = out->library;
    out->list[1] = out->offset;
    out->list[2] = out->monotonic;
    out->list[3] = NULL;
}

void clocks_sweep(pid_t pid)
{
    static const char *const forms[] = {
        "/dev/shm/faketime_shm_%ld", "/dev/shm/sem.faketime_sem_%ld"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char path[64];
        snprintf(path, sizeof(path), forms[i], (long)pid);
        unlink(path);
    }
}
