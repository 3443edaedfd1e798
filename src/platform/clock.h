/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_CLOCK_H
#define PLATFORM_CLOCK_H

#include <stdint.h>

/* Milliseconds on the monotonic clock, which also runs while the machine
 * sleeps (CLOCK_BOOTTIME), and seconds since the epoch on the wall clock. */
uint64_t clock_now_ms(void);
uint64_t clock_wall_s(void);

/* Microseconds of processor time that this thread has used. */
uint64_t clock_busy_us(void);

#endif
