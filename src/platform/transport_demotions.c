/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring, since forwards are demoted while the transport sends, and told of
 * when it is asked for news.  What it has no more room for is no loss: the next
 * comparison of shelves with that peer finds it. */
#include "platform/transport_demotions.h"

#include <stdlib.h>

enum status transport_demotions_init(
    struct transport_demotions *demotions, size_t link_room)
{
    *demotions = (struct transport_demotions){
        .capacity = TRANSPORT_DEMOTIONS + link_room};
    demotions->list = calloc(demotions->capacity, sizeof(*demotions->list));
    return demotions->list ? STATUS_OK : STATUS_NO_MEMORY;
}

void transport_demotions_clear(struct transport_demotions *demotions)
{
    free(demotions->list);
    *demotions = (struct transport_demotions){0};
}

static struct transport_demoted *at(
    const struct transport_demotions *demotions, size_t place)
{
    return &demotions->list[(demotions->first + place) % demotions->capacity];
}

/* Whether it is told already that a link has lost some, none knows which. */
static bool is_told(const struct transport_demotions *demotions, uint32_t link)
{
    bool told = false;
    for (size_t i = 0; i < demotions->count; i++)
        told |= at(demotions, i)->link == link && !at(demotions, i)->is_known;
    return told;
}

void transport_demotions_add(struct transport_demotions *demotions,
    uint32_t link, const struct envelope_id *id)
{
    struct transport_demoted demoted = {.link = link};
    demoted.is_known = demotions->count < TRANSPORT_DEMOTIONS;
    if (demoted.is_known)
        demoted.id = *id;
    else if (demotions->count == demotions->capacity ||
             is_told(demotions, link))
        return;
    *at(demotions, demotions->count++) = demoted;
}

bool transport_demotions_take(
    struct transport_demotions *demotions, struct transport_demoted *out)
{
    if (demotions->count == 0)
        return false;
    *out = *at(demotions, 0);
    demotions->first = (demotions->first + 1) % demotions->capacity;
    demotions->count--;
    return true;
}
