/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_UNITS_H
#define SIM_UNITS_H

#include <stdint.h>

/* The simulator counts time in microseconds and shares in parts per million. */
#define SECOND_US UINT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)
#define PPM       UINT64_C(1000000)

#endif
