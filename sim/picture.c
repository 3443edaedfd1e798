/* SPDX-License-Identifier: GPL-3.0-or-later */
/* It only writes down, so that a run with a picture has the trace of one
 * without.  Of all copies the first to come counts, on the stem too. */
#include "sim/picture.h"

#include <stdlib.h>

struct planned {
    uint64_t at_us;
    uint32_t letter;
};

static int compare_planned(const void *a, const void *b)
{
    const struct planned *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return x->letter < y->letter ? -1 : x->letter > y->letter;
}

static enum status choose(const struct letters *letters, uint32_t *out)
{
    struct planned *all = malloc(letters->count * sizeof(*all));
    if (!all)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < letters->count; i++)
        all[i] = (struct planned){letters->list[i].write_at_us, i};
    qsort(all, letters->count, sizeof(*all), compare_planned);
    *out = all[letters->count / 2].letter;
    free(all);
    return STATUS_OK;
}

enum status picture_new(
    const struct letters *letters, uint32_t nodes, struct picture **out)
{
    struct picture *picture = calloc(1, sizeof(*picture));
    if (!picture)
        return STATUS_NO_MEMORY;
    picture->arrivals = calloc(nodes, sizeof(*picture->arrivals));
    enum status status = picture->arrivals ? choose(letters, &picture->letter)
                                           : STATUS_NO_MEMORY;
    if (status)
        picture_free(picture);
    else
        *out = picture;
    return status;
}

void picture_free(struct picture *picture)
{
    if (!picture)
        return;
    free(picture->arrivals);
    edge_list_clear(&picture->links);
    free(picture);
}

void picture_begin(
    struct picture *picture, const struct letter_fate *fate, uint64_t now_us)
{
    picture->is_written = picture->is_due = true;
    picture->began_us = now_us;
    picture->arrivals[fate->from] =
        (struct picture_arrival){true, fate->from, now_us};
}

void picture_came(
    struct picture *picture, const struct topology_edge *way, uint64_t now_us)
{
    if (!picture || picture->arrivals[way->to].is_there)
        return;
    picture->arrivals[way->to] =
        (struct picture_arrival){true, way->from, now_us};
}
