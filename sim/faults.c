/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each departure of a churning node is drawn from its own boot number, when it
 * boots; a crash strikes all its victims at one moment. */
#include "sim/faults.h"

#include "sim/node.h"
#include "sim/noise.h"

static uint64_t churn_end_us(const struct scenario *s)
{
    return s->churn_until_us ? s->churn_until_us : s->duration_us;
}

/* Generators for the two things that happen once a boot. */
enum boot_draw { DRAW_SESSION = 1, DRAW_DOWNTIME = 2 };

static void boot_random(const struct world *world, uint32_t node,
    enum boot_draw what, struct random_seeded *out)
{
    random_seeded_init(out,
        noise(world->scenario.seed, node, NOISE_CHURN, what),
        world->nodes[node].boots);
}

static void plan_crash(struct world *world)
{
    const struct scenario *s = &world->scenario;
    if (s->crash_share_ppm == 0)
        return;
    for (uint32_t i = 0; i < world->node_count; i++)
        if (noise_hits(noise(s->seed, i, NOISE_CRASH, 0), s->crash_share_ppm))
            world_schedule(world, s->crash_at_us, i, WORLD_ITSELF, EVENT_CRASH,
                0, (uint32_t)s->crash_disk);
}

static uint64_t splits(const struct scenario *s)
{
    return s->partition_every_us ? s->partition_times : 1;
}

void faults_plan(struct world *world)
{
    const struct scenario *s = &world->scenario;
    for (uint32_t i = 0; i < world->node_count; i++) {
        uint64_t bits = noise(s->seed, i, NOISE_START, 0);
        /* Who moves may meet somebody from the first moment on. */
        uint64_t most_us = world->meetings.count ? 0 : s->start_us;
        world_schedule(world, noise_below(bits, most_us + 1), i, WORLD_ITSELF,
            EVENT_BOOT, 0, 0);
    }
    plan_crash(world);
    for (uint32_t i = 0; i < world->node_count; i++)
        if (world->lots[i].dies)
            world_schedule(world, s->kill_at_us, i, WORLD_ITSELF, EVENT_CRASH,
                0, CRASH_FOR_GOOD);
    for (uint64_t i = 0; s->partition_for_us > 0 && i < splits(s); i++) {
        uint64_t at_us = s->partition_at_us + i * s->partition_every_us;
        world_schedule(
            world, at_us, WORLD_ITSELF, WORLD_ITSELF, EVENT_SPLIT, 0, 0);
        world_schedule(world, at_us + s->partition_for_us, WORLD_ITSELF,
            WORLD_ITSELF, EVENT_HEAL, 0, 0);
    }
}

void faults_plan_departure(struct world *world, uint32_t node)
{
    const struct scenario *s = &world->scenario;
    if (!world->nodes[node].churns)
        return;
    struct random_seeded random;
    boot_random(world, node, DRAW_SESSION, &random);
    uint64_t begins_us =
        world->now_us > s->churn_from_us ? world->now_us : s->churn_from_us;
    uint64_t at_us =
        begins_us + random_exponential(&random.base, s->session_us);
    uint32_t graceful =
        (uint32_t)noise_hits(random_u64(&random.base), s->graceful_ppm);
    if (at_us < churn_end_us(s))
        world_schedule(world, at_us, node, node, EVENT_LEAVE,
            world->nodes[node].boots, graceful);
}

uint64_t faults_away_us(const struct world *world, uint32_t node)
{
    struct random_seeded random;
    boot_random(world, node, DRAW_DOWNTIME, &random);
    return random_exponential(&random.base, world->scenario.downtime_us);
}

static void boot(struct scene *scene, uint32_t node)
{
    if (scene->world->nodes[node].relay || scene->world->nodes[node].is_dead)
        return;
    node_boot(scene, node);
    faults_plan_departure(scene->world, node);
}

static void leave(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    if (world->nodes[event->to].boots != event->link ||
        !world->nodes[event->to].relay)
        return; /* a crash came first */
    node_leave(scene, event->to, event->handle);
    uint64_t away_us = faults_away_us(world, event->to);
    world_schedule(
        world, world->now_us + away_us, event->to, event->to, EVENT_BOOT, 0, 0);
}

static void crash(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    node_leave(scene, event->to, false);
    if (event->handle == CRASH_FOR_GOOD) {
        world->dead_count += !world->nodes[event->to].is_dead;
        world->nodes[event->to].is_dead = true;
        return;
    }
    if (event->handle == CRASH_DISK_LOST)
        node_lose_shelf(scene, event->to);
    world_schedule(world, world->now_us + world->scenario.crash_for_us,
        event->to, event->to, EVENT_BOOT, 0, 0);
}

/* A split begins or ends; what is caught up with is counted from here. */
static void turn_split(struct world *world, bool is_split)
{
    struct counts *counts = &world->counts;
    world->is_split = is_split;
    world->has_healed = !is_split;
    counts->catchup_new = counts->catchup_bytes = counts->catchup_trips = 0;
}

void faults_happen(struct scene *scene, const struct queue_event *event)
{
    struct world *world = scene->world;
    world_stir(world);
    if (world->fault_us < world->now_us)
        world->fault_us = world->now_us;
    if (event->kind == EVENT_BOOT)
        boot(scene, event->to);
    else if (event->kind == EVENT_LEAVE)
        leave(scene, event);
    else if (event->kind == EVENT_CRASH)
        crash(scene, event);
    else
        turn_split(world, event->kind == EVENT_SPLIT);
}

bool faults_are_over(const struct world *world)
{
    const struct scenario *s = &world->scenario;
    uint64_t now_us = world->now_us;
    bool split_is = s->partition_for_us == 0 ||
                    now_us > s->partition_at_us +
                                 (splits(s) - 1) * s->partition_every_us +
                                 s->partition_for_us;
    bool crash_is =
        s->crash_share_ppm == 0 || now_us > s->crash_at_us + s->crash_for_us;
    bool kill_is = s->kill_share_ppm == 0 || now_us > s->kill_at_us;
    bool churn_is = s->session_us == 0 || now_us > churn_end_us(s);
    return split_is && crash_is && kill_is && churn_is &&
           world->whole.counts.nodes_up + world->whole.dead_nodes ==
               world->node_count;
}
