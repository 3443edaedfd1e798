/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing is assumed of how a measure is spread over seeds; and with few seeds
 * the interval is honest about that. */
#include "sim/bootstrap.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/noise.h"

enum { SAMPLES = 1000, LOW = 25, HIGH = 974 };

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static uint64_t mean(unsigned __int128 sum, size_t count)
{
    return (uint64_t)((sum + count / 2) / count);
}

enum status bootstrap(
    const uint64_t *values, size_t count, struct interval *out)
{
    assert(count > 0);
    uint64_t *means = malloc(SAMPLES * sizeof(*means));
    if (!means)
        return STATUS_NO_MEMORY;
    unsigned __int128 all = 0;
    for (size_t i = 0; i < count; i++)
        all += values[i];
    for (uint32_t s = 0; s < SAMPLES; s++) {
        unsigned __int128 sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += values[noise_below(noise(0, s, NOISE_BOOTSTRAP, i), count)];
        means[s] = mean(sum, count);
    }
    qsort(means, SAMPLES, sizeof(*means), compare);
    *out = (struct interval){mean(all, count), means[LOW], means[HIGH]};
    free(means);
    return STATUS_OK;
}
