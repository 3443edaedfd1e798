/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_PEER_H
#define TESTS_BENCH_PEER_H

#include <stdlib.h>
#include <time.h>

/* Other libraries that do the same, measured in the same run: processor time
 * of one thread, the median of blocks. */
enum { BLOCKS = 21, CHAIN_LETTERS = 90, TURNS = 100, SET_UPS = 10 };

/* What a letter of LETTER_BYTES costs, in microseconds. */
enum { LETTER_BYTES = 256 };
struct figures {
    double set_up; /* both sides, to the first letter; keys made before */
    double step;   /* open with a DH step */
    double seal;
    double open;
};

/* Measure; or return why not, when the library was not found. */
const char *peer_olm(struct figures *out);
const char *peer_signal(struct figures *out);

static inline double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double median(double values[BLOCKS])
{
    qsort(values, BLOCKS, sizeof(values[0]), compare_doubles);
    return values[BLOCKS / 2];
}

#define need_peer(condition)                                                   \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

#endif
