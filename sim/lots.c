/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes are put in an order by chance, one for each kind of lot, and the first
 * so many get it.  So a run with a fifth of droppers has exactly a fifth, and
 * one kind of lot says nothing about another. */
#include "sim/lots.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/limits.h"
#include "sim/noise.h"
#include "sim/units.h"

struct place {
    uint64_t bits;
    uint32_t node;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static void shuffle(struct place *places, uint32_t nodes, uint64_t seed,
    enum noise_stream stream)
{
    for (uint32_t i = 0; i < nodes; i++)
        places[i] = (struct place){noise(seed, i, stream, 0), i};
    qsort(places, nodes, sizeof(*places), compare_places);
}

static uint32_t share_of(uint32_t nodes, uint64_t ppm)
{
    return (uint32_t)((nodes * ppm + PPM / 2) / PPM);
}

static void draw_roles(const struct scenario *s, struct place *places,
    uint32_t nodes, struct lot *out)
{
    uint64_t sum_ppm = 0;
    uint32_t next = 0;
    shuffle(places, nodes, s->seed, NOISE_ROLE);
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++) {
        sum_ppm += s->role_ppm[role];
        for (; next < share_of(nodes, sum_ppm) && next < nodes; next++)
            out[places[next].node].role = (uint8_t)role;
    }
}

static void draw_faults(const struct scenario *s, struct place *places,
    uint32_t nodes, struct lot *out)
{
    shuffle(places, nodes, s->seed, NOISE_SIDE);
    for (uint32_t i = 0; i < share_of(nodes, s->partition_share_ppm); i++)
        out[places[i].node].far_side = true;
    shuffle(places, nodes, s->seed, NOISE_KILL);
    for (uint32_t i = 0; i < share_of(nodes, s->kill_share_ppm); i++)
        out[places[i].node].dies = true;
    shuffle(places, nodes, s->seed, NOISE_SLOW);
    for (uint32_t i = 0; i < share_of(nodes, s->slow_share_ppm); i++)
        out[places[i].node].is_slow = true;
    int32_t skew_s = (int32_t)(s->skew_us / 1000000);
    shuffle(places, nodes, s->seed, NOISE_SKEW);
    for (uint32_t i = 0; i < share_of(nodes, s->skew_share_ppm); i++)
        out[places[i].node].skew_s = i % 2 ? -skew_s : skew_s;
}

enum status lots_draw(
    const struct scenario *scenario, uint32_t nodes, struct lot *out)
{
    for (uint32_t i = 0; i < nodes; i++)
        out[i] = (struct lot){.role = ROLE_HONEST};
    assert(nodes > 0);
    struct place *places = malloc(nodes * sizeof(*places));
    if (!places)
        return STATUS_NO_MEMORY;
    draw_roles(scenario, places, nodes, out);
    draw_faults(scenario, places, nodes, out);
    free(places);
    return STATUS_OK;
}

bool lot_is_home(const struct lot *lot)
{
    return lot->role == ROLE_HONEST && !lot->dies && !lot->is_slow &&
           llabs(lot->skew_s) <= (long long)(LIMIT_CLOCK_SKEW_H * HOUR_S);
}
