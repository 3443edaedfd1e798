/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts are made as people make them: by a card, both ways.  Setting up is
 * no part of the virtual time. */
#include "sim/workload.h"

#include <stdlib.h>

#include "sim/faults.h"
#include "sim/node.h"
#include "sim/survey.h"

enum { RETRY_US = 1000000, CALM_EXTRA_US = 300000000 };

static int compare_keys(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static uint64_t pair_key(uint32_t one, uint32_t other)
{
    return (uint64_t)one << 32 | other;
}

size_t workload_pairs(const struct letters *letters, uint64_t *keys)
{
    size_t count = 0;
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        keys[count++] = pair_key(fate->from, fate->to);
        keys[count++] = pair_key(fate->to, fate->from);
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || keys[kept - 1] != keys[i])
            keys[kept++] = keys[i];
    return kept;
}

void workload_make_vaults(struct scene *scene)
{
    struct world *world = scene->world;
    for (uint32_t i = world->first_node; i < world->end_node; i++)
        if (world->nodes[i].end)
            node_make_vault(scene, i);
}

void workload_plan(struct scene *scene)
{
    struct world *world = scene->world;
    uint64_t *keys = malloc((2 * world->letters.count + 1) * sizeof(*keys));
    world_need(keys ? STATUS_OK : STATUS_NO_MEMORY);
    size_t count = workload_pairs(&world->letters, keys);
    for (size_t i = 0; i < count; i++) {
        uint32_t node = (uint32_t)(keys[i] >> 32);
        if (world_moves(world, node))
            node_add_contact(scene, node, (uint32_t)keys[i]);
    }
    free(keys);
    for (uint32_t i = 0; i < world->letters.count; i++) {
        const struct letter_fate *fate = &world->letters.list[i];
        world_schedule(world, fate->write_at_us, fate->from, WORLD_ITSELF,
            EVENT_WRITE, 0, i);
    }
}

void workload_write(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    if (!world->nodes[event->to].relay) {
        world_schedule(world, world->now_us + RETRY_US, event->to, event->to,
            EVENT_WRITE, 0, event->handle);
        return;
    }
    world->calm_since_us = world->now_us;
    node_write(scene, event->to, event->handle);
}

bool workload_is_done(const struct world *world)
{
    const struct totals *whole = &world->whole;
    return whole->letters_sent + whole->letters_refused ==
               world->letters.count &&
           whole->letters_shown == whole->letters_sent;
}

/* Two rounds of comparing shelves with random peers, and then some. */
static uint64_t calm_us(const struct scenario *scenario)
{
    return 2 * scenario->reconcile_us + CALM_EXTRA_US;
}

/* Whether somebody works against delivery; then expectations are to judge. */
static bool is_attacked(const struct scenario *scenario)
{
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        if (role != ROLE_SPY && scenario->role_ppm[role] > 0)
            return true;
    return false;
}

/* Whether a shelf was so full that mail was refused, or gave way to mail of
 * more value: a peer may fill a quarter. */
static bool is_crowded(const struct world *world)
{
    return world->whole.counts.shelf_peak_bytes >
           world->scenario.shelf_bytes / 4;
}

void workload_judge(struct world *world, const struct sketch *sketch)
{
    const struct letters *letters = &world->letters;
    if (!faults_are_over(world) || world->meetings.count > 0 ||
        is_attacked(&world->scenario) || is_crowded(world) ||
        world->now_us < world->whole.calm_since_us + calm_us(&world->scenario))
        return;
    uint32_t *parts = malloc(world->node_count * sizeof(*parts));
    world_need(parts ? survey_parts(world, sketch, parts) : STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        bool lives = fate->sent_us != LETTERS_NEVER &&
                     fate->sent_us + fate->life_h * HOUR_S * UINT64_C(1000000) >
                         world->now_us &&
                     parts[fate->from] == parts[fate->to];
        oracle_check(&world->oracle, !lives || fate->shown_us != LETTERS_NEVER,
            1, fate->to, world->now_us,
            "a letter did not arrive in a whole, calm mesh");
    }
    free(parts);
}
