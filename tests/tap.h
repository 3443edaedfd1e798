/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdio.h>
#include <stdlib.h>

/* The Test Anything Protocol: ok(condition, "what holds") for each claim, and
 * return tap_done() from main.  Included by one file a program. */
static int tap_count, tap_failed;

static inline int tap_ok(
    int passed, const char *what, const char *file, int line)
{
    printf("%s %d - %s\n", passed ? "ok" : "not ok", ++tap_count, what);
    if (!passed) {
        printf("# at %s:%d\n", file, line);
        tap_failed++;
    }
    fflush(stdout);
    return passed;
}
#define ok(condition, what) tap_ok(!!(condition), what, __FILE__, __LINE__)

/* Skip one claim, and say why. */
static inline void tap_skip(const char *what, const char *why)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

/* What a test needs before it can claim anything. */
#define need(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(99);                                                          \
        }                                                                      \
    } while (0)

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}

#endif
