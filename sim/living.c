/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sum an hour: envelopes expire by whole hours, so none is kept apart. */
#include "sim/living.h"

#include <assert.h>
#include <stdlib.h>

enum status living_init(struct living *living)
{
    *living = (struct living){
        .expiring = calloc(LIVING_HOURS, sizeof(*living->expiring))};
    return living->expiring ? STATUS_OK : STATUS_NO_MEMORY;
}

void living_clear(struct living *living)
{
    free(living->expiring);
    *living = (struct living){0};
}

void living_add(struct living *living, uint64_t hour, uint64_t bytes)
{
    assert(hour < LIVING_HOURS);
    living->expiring[hour] += bytes;
    living->bytes += bytes;
}

void living_pass(struct living *living, uint64_t hour)
{
    assert(hour < LIVING_HOURS);
    living->bytes -= living->expiring[hour];
    living->expiring[hour] = 0;
}
