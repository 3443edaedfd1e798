/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unsigned sums wrap, so that what one part counts up and another down comes
 * out right in the end. */
#include "sim/totals.h"

#include <stddef.h>

/* Where the greatest counts, not the sum. */
static const size_t greatest[] = {
    offsetof(struct totals, counts.shelf_peak_bytes),
    offsetof(struct totals, counts.catchup_trips),
    offsetof(struct totals, fault_us),
    offsetof(struct totals, calm_since_us),
    offsetof(struct totals, news_us),
    offsetof(struct totals, now_us),
};

void totals_add(struct totals *into, const struct totals *more)
{
    enum { GREATEST = sizeof(greatest) / sizeof(greatest[0]) };
    uint64_t *to = (uint64_t *)into, most[GREATEST];
    const uint64_t *from = (const uint64_t *)more;
    _Static_assert(sizeof(*into) % sizeof(*to) == 0, "nothing but numbers");
    for (size_t i = 0; i < GREATEST; i++) {
        size_t at = greatest[i] / sizeof(*to);
        most[i] = to[at] > from[at] ? to[at] : from[at];
    }
    for (size_t i = 0; i < sizeof(*into) / sizeof(*to); i++)
        to[i] += from[i];
    for (size_t i = 0; i < GREATEST; i++)
        to[greatest[i] / sizeof(*to)] = most[i];
}
