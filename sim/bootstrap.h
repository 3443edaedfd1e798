/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_BOOTSTRAP_H
#define SIM_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A mean, and the interval that holds it in 95 of 100 cases. */
struct interval {
    uint64_t mean;
    uint64_t low;
    uint64_t high;
};

/* The percentile bootstrap (Efron 1979), of a thousand samples drawn always the
 * same way.  count is at least 1.  STATUS_NO_MEMORY. */
MUST_USE enum status bootstrap(
    const uint64_t *values, size_t count, struct interval *out);

#endif
