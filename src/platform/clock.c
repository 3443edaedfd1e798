/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clocks of a node, read here and nowhere else.  Deadlines run on the
 * one that goes on while a laptop sleeps, so that a link that died meanwhile is
 * noticed at once; expiries, which other nodes read, are wall time.  Neither
 * call can fail for a clock that the kernel has. */
#include "platform/clock.h"

#include <assert.h>
#include <time.h>

uint64_t clock_now_ms(void)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_BOOTTIME, &now);

    assert(!failed);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_wall_s(void)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);

    assert(!failed);
    return now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
}

uint64_t clock_busy_us(void)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);

    assert(!failed);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
