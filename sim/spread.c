/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of a letter only its reader tells, and a letter may wait in a vault for one
 * that was written before it; of an envelope every node tells.  So this says
 * more, and of the mesh alone. */
#include "sim/spread.h"

#include <stdlib.h>

void spread_add(struct spread *spread, uint64_t us)
{
    if (us / 1000 < SPREAD_MS)
        spread->counts[us / 1000]++;
    if (us > spread->last_us)
        spread->last_us = us;
    spread->total++;
}

void spread_join(struct spread *spread, const struct spread *more)
{
    for (size_t ms = 0; ms < SPREAD_MS; ms++)
        spread->counts[ms] += more->counts[ms];
    if (more->last_us > spread->last_us)
        spread->last_us = more->last_us;
    spread->total += more->total;
}

static uint64_t percentile(const struct spread *spread, uint64_t share)
{
    uint64_t wanted = (spread->total * share + 99) / 100, seen = 0;
    for (uint64_t ms = 0; ms < SPREAD_MS; ms++) {
        seen += spread->counts[ms];
        if (seen >= wanted)
            return spread->total ? ms * 1000 : 0;
    }
    return spread->last_us;
}

enum status arrivals_add(
    struct arrivals *arrivals, uint32_t number, uint64_t at_us)
{
    if (arrivals->count == arrivals->capacity) {
        size_t capacity = arrivals->capacity ? arrivals->capacity * 2 : 256;
        struct arrival *list =
            realloc(arrivals->list, capacity * sizeof(*list));
        if (!list)
            return STATUS_NO_MEMORY;
        arrivals->list = list;
        arrivals->capacity = capacity;
    }
    arrivals->list[arrivals->count++] = (struct arrival){at_us, number};
    return STATUS_OK;
}

void arrivals_clear(struct arrivals *arrivals)
{
    free(arrivals->list);
    *arrivals = (struct arrivals){0};
}

void spread_measure(const struct spread *spread, uint64_t *out)
{
    out[0] = percentile(spread, 50);
    out[1] = percentile(spread, 90);
    out[2] = percentile(spread, 99);
    out[3] = spread->last_us;
}
