/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts are made as people make them: by a card, both ways.  Setting up is
 * no part of the virtual time. */
#include "sim/workload.h"

#include <stdlib.h>

#include "sim/faults.h"
#include "sim/node.h"
#include "sim/people.h"
#include "sim/settings.h"
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

static size_t put_pair(
    uint64_t *keys, size_t count, uint32_t one, uint32_t other)
{
    keys[count] = pair_key(one, other);
    keys[count + 1] = pair_key(other, one);
    return count + 2;
}

/* Who makes a group knows whom to ask in; they know each other through it. */
static size_t put_all_pairs(const struct world *world, uint64_t *keys)
{
    const struct circles *circles = &world->circles;
    size_t count = 0;
    for (uint32_t i = 0; i < world->letters.count; i++)
        count = put_pair(keys, count, world->letters.list[i].from,
            world->letters.list[i].to);
    for (uint32_t i = 0; i < circles->count; i++)
        for (uint32_t place = 1; place < circles->size; place++)
            count = put_pair(keys, count, circles_member(circles, i, 0),
                circles_member(circles, i, place));
    for (uint32_t i = 0; i < world->shipments.count; i++)
        count = put_pair(keys, count, world->shipments.list[i].from,
            world->shipments.list[i].to);
    return count;
}

uint64_t *workload_pairs(const struct world *world, size_t *out)
{
    size_t most = 2 * ((size_t)world->letters.count + world->shipments.count +
                          (size_t)world->circles.count * world->circles.size);
    uint64_t *keys = malloc((most + 1) * sizeof(*keys));
    if (!keys)
        return NULL;
    size_t count = put_all_pairs(world, keys);
    qsort(keys, count, sizeof(*keys), compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || keys[kept - 1] != keys[i])
            keys[kept++] = keys[i];
    *out = kept;
    return keys;
}

void workload_make_vaults(struct scene *scene)
{
    struct world *world = scene->world;
    if (world->scenario.crypto == CRYPTO_NONE)
        return;
    for (uint32_t i = world->first_node; i < world->end_node; i++)
        if (world->nodes[i].end)
            node_make_vault(scene, i);
}

static void plan_write(struct world *world, uint64_t at_us, uint32_t node,
    enum write_kind kind, uint32_t number)
{
    world_schedule(
        world, at_us, node, WORLD_ITSELF, EVENT_WRITE, (uint32_t)kind, number);
}

void workload_plan_writing(struct world *world)
{
    const struct circles *circles = &world->circles;
    for (uint32_t i = 0; i < world->letters.count; i++)
        plan_write(world, world->letters.list[i].write_at_us,
            world->letters.list[i].from, WRITE_LETTER, i);
    for (uint32_t i = 0; i < circles->count; i++)
        plan_write(world, world->scenario.start_us,
            circles_member(circles, i, 0), WRITE_GATHERING, i);
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        const struct circle_letter *letter = &circles->letters[i];
        plan_write(world, letter->write_at_us,
            circles_member(circles, letter->circle, letter->writer),
            WRITE_CIRCLE_LETTER, i);
    }
    for (uint32_t i = 0; i < world->shipments.count; i++)
        plan_write(world, world->shipments.list[i].write_at_us,
            world->shipments.list[i].from, WRITE_SHIPMENT, i);
}

static void introduce(struct scene *scene)
{
    struct world *world = scene->world;
    size_t count = 0;
    uint64_t *keys = workload_pairs(world, &count);
    world_need(keys ? STATUS_OK : STATUS_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        uint32_t node = (uint32_t)(keys[i] >> 32);
        if (world_moves(world, node))
            node_add_contact(scene, node, (uint32_t)keys[i]);
    }
    free(keys);
}

void workload_plan(struct scene *scene)
{
    if (scene->world->scenario.crypto != CRYPTO_NONE)
        introduce(scene);
    workload_plan_writing(scene->world);
}

static void write_due(struct scene *scene, const struct queue_event *event)
{
    switch ((enum write_kind)event->link) {
    case WRITE_LETTER:
        node_write(scene, event->to, event->handle);
        return;
    case WRITE_GATHERING:
        people_gather(scene, event->handle);
        return;
    case WRITE_CIRCLE_LETTER:
        people_write(scene, event->handle);
        return;
    case WRITE_SHIPMENT:
        people_ship(scene, event->handle);
        return;
    }
}

void workload_write(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    if (!world->nodes[event->to].relay) {
        world_schedule(world, world->now_us + RETRY_US, event->to, event->to,
            EVENT_WRITE, event->link, event->handle);
        return;
    }
    world_stir(world);
    write_due(scene, event);
}

bool workload_is_there(const struct world *world)
{
    return world->letters.count > 0 || world->circles.letter_count > 0 ||
           world->shipments.count > 0;
}

bool workload_is_done(const struct world *world)
{
    const struct totals *whole = &world->whole;
    const struct circles *circles = &world->circles;
    return whole->letters_sent + whole->letters_refused ==
               world->letters.count &&
           whole->letters_shown == whole->letters_sent &&
           whole->circles_sent + whole->circles_refused ==
               circles->letter_count &&
           whole->circles_shown ==
               whole->circles_sent * (circles->size - UINT64_C(1)) &&
           whole->shipments_sent + whole->shipments_refused ==
               world->shipments.count &&
           whole->shipments_whole == whole->shipments_sent;
}

/* Two turns of comparing shelves with a peer, and then some. */
static uint64_t calm_us(const struct scenario *scenario)
{
    return 2 * scenario->reconcile_us + CALM_EXTRA_US;
}

bool workload_is_crowded(const struct world *world)
{
    return world->whole.counts.shelf_peak_bytes >
           world->scenario.shelf_bytes / 4;
}

/* Whether what was sent then lives still, so that it must have come. */
static bool lives(const struct world *world, uint64_t sent_us, uint32_t life_h)
{
    return sent_us != LETTERS_NEVER &&
           sent_us + life_h * HOUR_S * UINT64_C(1000000) > world->now_us;
}

static void judge_letters(struct world *world, const uint32_t *parts)
{
    const struct letters *letters = &world->letters;
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        bool is_due = lives(world, fate->sent_us, fate->life_h) &&
                      parts[fate->from] == parts[fate->to];
        oracle_check(&world->oracle, !is_due || fate->shown_us != LETTERS_NEVER,
            1, fate->to, world->now_us,
            "a letter did not arrive in a whole, calm mesh");
    }
}

static void judge_copies(
    struct world *world, uint32_t index, const uint32_t *parts)
{
    const struct circles *circles = &world->circles;
    const struct circle_letter *letter = &circles->letters[index];
    uint32_t writer = circles_member(circles, letter->circle, letter->writer);
    for (uint32_t place = 0; place < circles->size; place++) {
        uint32_t node = circles_member(circles, letter->circle, place);
        bool is_due = lives(world, letter->sent_us, letter->life_h) &&
                      place != letter->writer && parts[writer] == parts[node];
        oracle_check(&world->oracle,
            !is_due || circles_copy(circles, index, place)->shown_count > 0, 1,
            node, world->now_us,
            "a group letter did not arrive at a member in a whole, calm mesh");
    }
}

static void judge_shipments(struct world *world, const uint32_t *parts)
{
    const struct shipments *shipments = &world->shipments;
    for (uint32_t i = 0; i < shipments->count; i++) {
        const struct shipment *shipment = &shipments->list[i];
        bool is_due = lives(world, shipment->sent_us, shipment->life_h) &&
                      parts[shipment->from] == parts[shipment->to];
        oracle_check(&world->oracle,
            !is_due || shipment->whole_us != LETTERS_NEVER, 1, shipment->to,
            world->now_us, "a file did not arrive in a whole, calm mesh");
    }
}

/* Where somebody works against delivery, expectations are to judge. */
void workload_judge(struct world *world, const struct sketch *sketch)
{
    if (!faults_are_over(world) || world->meetings.count > 0 ||
        settings_meets(&world->scenario, NEED_ENEMIES) ||
        workload_is_crowded(world) ||
        world->now_us < world->whole.calm_since_us + calm_us(&world->scenario))
        return;
    uint32_t *parts = malloc(world->node_count * sizeof(*parts));
    world_need(parts ? survey_parts(world, sketch, parts) : STATUS_NO_MEMORY);
    judge_letters(world, parts);
    for (uint32_t i = 0; i < world->circles.letter_count; i++)
        judge_copies(world, i, parts);
    judge_shipments(world, parts);
    free(parts);
}
