/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/plant.h"

#include <stdlib.h>

#include "relay/relay_state.h"

static struct member before;
static struct member_link crowd[LIMIT_LINKS];

size_t plant_links_maximum(struct relay *relay, size_t maximum)
{
    size_t was = relay->links.config.maximum;
    relay->links.config.maximum = maximum;
    return was;
}

bool plant_hidden(const struct relay *relay, struct envelope_id *out)
{
    size_t cursor = 0;
    const struct stem_item *item = table_next(&relay->stem.items, &cursor);
    if (item)
        *out = item->id;
    return item != NULL;
}

void plant_crowd(struct relay *relay, size_t count)
{
    before = relay->member;
    for (size_t i = 0; i < count && i < LIMIT_LINKS; i++)
        crowd[i] = (struct member_link){
            .link = UINT32_MAX - (uint32_t)i, .place = MEMBER_EDGE};
    relay->member.list = crowd;
    relay->member.count = count;
}

void plant_no_crowd(struct relay *relay)
{
    relay->member = before;
}
