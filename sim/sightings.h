/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SIGHTINGS_H
#define SIM_SIGHTINGS_H

#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "proto/ids.h"

/* When an envelope, or its receipt, came to any spy first, and from whom. */
struct sighting {
    uint64_t at_us;
    uint32_t spy; /* a node */
    uint32_t from;
};

struct sighting_entry {
    struct envelope_id id;
    struct sighting first;
};

/* Of many, by id. */
struct sightings {
    struct table by_id;
};

void sightings_init(struct sightings *sightings);
void sightings_clear(struct sightings *sightings);

/* Keep the first of all of an id, in whatever order they are added: the first
 * in time, and of one moment that of the lowest spy, then sender, as events
 * come.  STATUS_NO_MEMORY. */
MUST_USE enum status sightings_add(struct sightings *sightings,
    const struct envelope_id *id, const struct sighting *sighting);

/* NULL: no spy has heard of it. */
const struct sighting *sightings_find(
    const struct sightings *sightings, const struct envelope_id *id);

#endif
