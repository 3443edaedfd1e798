/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ids, not numbers of the slab: a spy hears of what is in no shelf yet.  An id
 * that nobody made is kept too, and nobody asks for it. */
#include "sim/sightings.h"

#include <stdbool.h>

void sightings_init(struct sightings *sightings)
{
    table_init(&sightings->by_id, sizeof(struct envelope_id),
        sizeof(struct sighting_entry), SIZE_MAX, 0);
}

void sightings_clear(struct sightings *sightings)
{
    table_clear(&sightings->by_id);
}

static bool is_before(const struct sighting *a, const struct sighting *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->spy != b->spy)
        return a->spy < b->spy;
    return a->from < b->from;
}

enum status sightings_add(struct sightings *sightings,
    const struct envelope_id *id, const struct sighting *sighting)
{
    void *added;
    enum status status = table_add(&sightings->by_id, id, &added);
    if (status && status != STATUS_EXISTS)
        return status;
    struct sighting_entry *entry = added;
    if (!status || is_before(sighting, &entry->first))
        entry->first = *sighting;
    return STATUS_OK;
}

const struct sighting *sightings_find(
    const struct sightings *sightings, const struct envelope_id *id)
{
    const struct sighting_entry *entry = table_find(&sightings->by_id, id);
    return entry ? &entry->first : NULL;
}
