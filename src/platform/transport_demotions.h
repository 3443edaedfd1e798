/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_DEMOTIONS_H
#define PLATFORM_TRANSPORT_DEMOTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"

/* Forwards that were demoted (proto/lanes.h) and of which the caller has not
 * been told yet, in order.  Of TRANSPORT_DEMOTIONS the envelopes are known;
 * then no more than that there were such, once for each link. */
enum { TRANSPORT_DEMOTIONS = 256 };

struct transport_demoted {
    uint32_t link;
    bool is_known; /* id is set */
    struct envelope_id id;
};

struct transport_demotions {
    struct transport_demoted *list; /* a ring */
    size_t capacity;
    size_t first;
    size_t count;
};

/* With room for so many links.  STATUS_NO_MEMORY. */
MUST_USE enum status transport_demotions_init(
    struct transport_demotions *demotions, size_t link_room);
void transport_demotions_clear(struct transport_demotions *demotions);

void transport_demotions_add(struct transport_demotions *demotions,
    uint32_t link, const struct envelope_id *id);

/* Take the first; false when there is none. */
bool transport_demotions_take(
    struct transport_demotions *demotions, struct transport_demoted *out);

#endif
