/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time is in two phases.  Until `rage_us` anything may strike; then it has an
 * end, and what is left is the time in which everything must arrive: two rounds
 * of comparing shelves, and some, as invariant 1 has it.  What cannot be
 * promised is not expected: a shelf that may overflow, a flood that has paid
 * for its place, a wall of droppers.
 *
 * In the end comparing shelves brings whatever the trees did not, and so hides
 * that they don't: some meshes are left in peace, and compare nothing. */
#include "sim/swarm.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/limits.h"
#include "sim/noise.h"
#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/settings.h"
#include "sim/units.h"

#define MS           UINT64_C(1000)
#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* Where there are so many nodes, people live at some of them, whatever befalls
 * the others. */
enum {
    CALM_EXTRA_S = 330,
    DOWNTIMES = 12,
    NODES_FOR_HARM = 12,
    NODES_THAT_AGE = 12,
    CROWD = 90,
    CROWD_S = 700,
    CROWDS_IN = 40,  /* seeds, one */
    CROWD_DRAW = 4,  /* apart from all else, which it would change */
    PEOPLE_DRAW = 5, /* likewise */
    PEACE_DRAW = 6,  /* likewise */
    PEACES_IN = 8,
    PEACE_S = 120,
    PROMPT_S = 10, /* besides the way */
};

struct draw {
    struct scenario *scenario;
    uint64_t seed;
    uint64_t draws;
    uint64_t rage_us;     /* when all faults are over */
    uint64_t downtime_us; /* of who churns */
    bool is_crowd;
    bool is_peaceful;
    bool is_attacked;
    bool is_flooded;
    bool may_overflow;
};

static uint64_t roll(struct draw *draw, uint64_t bound)
{
    return noise_below(noise(draw->seed, 0, NOISE_SWARM, draw->draws++), bound);
}

static uint64_t between(struct draw *draw, uint64_t least, uint64_t most)
{
    return least + roll(draw, most - least + 1);
}

static bool in_hundred(struct draw *draw, uint64_t times)
{
    return roll(draw, 100) < times;
}

static uint64_t seconds(struct draw *draw, uint64_t least, uint64_t most)
{
    return between(draw, least, most) * SECOND_US;
}

static uint64_t hundredths(struct draw *draw, uint64_t least, uint64_t most)
{
    return between(draw, least, most) * (PPM / 100);
}

/* A setting that is then the scenario's own, not a default. */
static void give(
    struct draw *draw, const char *section, const char *key, uint64_t value)
{
    size_t count;
    const struct setting *setting = settings_find(section, key);
    assert(setting && setting->type != SETTING_TEXT);
    assert(setting->type == SETTING_WORD ||
           (value >= setting->least && value <= setting->most));
    memcpy((uint8_t *)draw->scenario + setting->offset, &value, sizeof(value));
    draw->scenario->given[setting - settings_all(&count)].is_given = true;
}

static void expect(struct draw *draw, const char *line)
{
    struct complaint complaint;
    char text[64];
    snprintf(text, sizeof(text), "expect.%s", line);
    enum status status = scenario_set(draw->scenario, "fuzz", text, &complaint);
    assert(status == STATUS_OK);
    (void)status;
}

static uint64_t draw_nodes(struct draw *draw)
{
    uint64_t sort = roll(draw, 10);
    if (sort == 0)
        return between(draw, 2, 4);
    return sort < 8 ? between(draw, 5, 30) : between(draw, 31, 90);
}

/* A degree that the topology can have; nodes are made even where they must
 * be. */
static void draw_degree(struct draw *draw, uint64_t topology, uint64_t nodes)
{
    if (topology == TOPOLOGY_RANDOM_REGULAR) {
        uint64_t degree = between(draw, 2, nodes - 1 < 9 ? nodes - 1 : 9);
        give(draw, "mesh", "degree", degree - (degree * nodes) % 2);
    } else {
        uint64_t most = nodes / 2 < 8 ? nodes / 2 : 8;
        uint64_t degree = between(draw, 2, most);
        give(draw, "mesh", "degree", degree - degree % 2);
    }
    if (topology == TOPOLOGY_WATTS_STROGATZ && in_hundred(draw, 50))
        give(draw, "mesh", "rewire", hundredths(draw, 0, 50));
}

static void draw_mesh(struct draw *draw)
{
    static const uint64_t any[] = {TOPOLOGY_LINE, TOPOLOGY_RING, TOPOLOGY_GRID,
        TOPOLOGY_STAR, TOPOLOGY_GEOMETRIC, TOPOLOGY_RANDOM_REGULAR,
        TOPOLOGY_RANDOM_REGULAR, TOPOLOGY_RANDOM_REGULAR, TOPOLOGY_ERDOS_RENYI,
        TOPOLOGY_WATTS_STROGATZ, TOPOLOGY_BARABASI_ALBERT, TOPOLOGY_JOIN,
        TOPOLOGY_JOIN};
    uint64_t nodes = draw->is_crowd ? CROWD : draw_nodes(draw);
    uint64_t topology =
        draw->is_crowd ? TOPOLOGY_JOIN : any[roll(draw, COUNT(any))];
    if (nodes < 5)
        topology = TOPOLOGY_LINE;
    if (topology == TOPOLOGY_STAR && nodes > 40)
        nodes = 40;
    give(draw, "mesh", "nodes", nodes);
    give(draw, "mesh", "topology", topology);
    if (topology == TOPOLOGY_RANDOM_REGULAR || topology >= TOPOLOGY_ERDOS_RENYI)
        draw_degree(draw, topology, nodes);
    if (topology == TOPOLOGY_JOIN) {
        give(draw, "node", "member", SWITCH_ON);
        give(draw, "mesh", "contacts", between(draw, 2, 6));
        if (in_hundred(draw, 30))
            give(draw, "node", "pins", between(draw, 1, 2));
    }
    if (in_hundred(draw, 30))
        give(draw, "mesh", "start", seconds(draw, 0, 30));
}

static void draw_links(struct draw *draw)
{
    if (in_hundred(draw, 60))
        give(draw, "links", "latency", between(draw, 1, 300) * MS);
    if (in_hundred(draw, 60))
        give(draw, "links", "jitter", between(draw, 0, 400) * MS);
    if (in_hundred(draw, 40))
        give(draw, "links", "loss", hundredths(draw, 1, 12));
    if (in_hundred(draw, 20))
        give(draw, "links", "bandwidth", between(draw, 4, 200) * 1000);
}

static void draw_churn(struct draw *draw)
{
    if (!in_hundred(draw, 35))
        return;
    draw->downtime_us = seconds(draw, 2, 40);
    give(draw, "churn", "session", seconds(draw, 15, 180));
    give(draw, "churn", "downtime", draw->downtime_us);
    give(draw, "churn", "share", hundredths(draw, 10, 100));
    give(draw, "churn", "graceful", hundredths(draw, 0, 100));
    give(draw, "churn", "from", seconds(draw, 0, 30));
    give(draw, "churn", "until", draw->rage_us);
}

/* Splits that heal before the rage is over. */
static void draw_splits(struct draw *draw)
{
    if (!in_hundred(draw, 30))
        return;
    uint64_t rage_s = draw->rage_us / SECOND_US;
    uint64_t times = between(draw, 1, 3), round_s = rage_s / (times + 1);
    give(draw, "faults", "partition_at", seconds(draw, 0, round_s));
    give(draw, "faults", "partition_for", seconds(draw, 1, round_s - 1));
    give(draw, "faults", "partition_share", hundredths(draw, 5, 95));
    give(draw, "faults", "partition_every", round_s * SECOND_US);
    give(draw, "faults", "partition_times", times);
}

static void draw_crashes(struct draw *draw)
{
    if (in_hundred(draw, 35)) {
        uint64_t at_us = seconds(draw, 1, draw->rage_us / SECOND_US / 2);
        give(draw, "faults", "crash_at", at_us);
        give(draw, "faults", "crash_for",
            seconds(draw, 1, (draw->rage_us - at_us) / SECOND_US));
        give(draw, "faults", "crash_share", hundredths(draw, 5, 100));
        give(draw, "faults", "crash_disk", roll(draw, 2));
    }
    if (draw->scenario->nodes >= NODES_FOR_HARM && in_hundred(draw, 15)) {
        give(draw, "faults", "kill_at",
            seconds(draw, 1, draw->rage_us / SECOND_US));
        give(draw, "faults", "kill_share", hundredths(draw, 2, 20));
    }
}

static void draw_sickness(struct draw *draw)
{
    if (draw->scenario->nodes >= NODES_FOR_HARM && in_hundred(draw, 15)) {
        give(draw, "faults", "slow_share", hundredths(draw, 5, 20));
        give(draw, "faults", "slow_bandwidth", between(draw, 200, 5000));
    }
    if (in_hundred(draw, 20)) {
        give(draw, "faults", "skew_share", hundredths(draw, 5, 60));
        give(draw, "faults", "skew", seconds(draw, 1, 3500));
        if (in_hundred(draw, 50))
            give(draw, "faults", "skew_at",
                seconds(draw, 1, draw->rage_us / SECOND_US));
    }
}

/* One or two kinds. */
static void draw_adversaries(struct draw *draw)
{
    static const struct {
        const char *key;
        bool is_enemy, is_flood;
    } kinds[] = {{"droppers", true, false}, {"announcers", true, false},
        {"delayers", true, false}, {"replayers", true, false},
        {"forgers", true, true}, {"flooders", true, true},
        {"sybils", true, false}, {"flash", true, false},
        {"spies", false, false}};
    if (draw->scenario->nodes < NODES_FOR_HARM || !in_hundred(draw, 35))
        return;
    for (uint64_t left = between(draw, 1, 2); left > 0; left--) {
        size_t kind = roll(draw, COUNT(kinds));
        uint64_t most = kinds[kind].is_flood ? 8 : 20;
        give(draw, "adversaries", kinds[kind].key, hundredths(draw, 2, most));
        draw->is_attacked |= kinds[kind].is_enemy;
        draw->is_flooded |= kinds[kind].is_flood;
    }
    give(draw, "adversaries", "from", seconds(draw, 0, 20));
    give(draw, "adversaries", "rate", between(draw, 1, 40));
    give(draw, "adversaries", "delay", between(draw, 50, 5000) * MS);
    give(draw, "adversaries", "flood", roll(draw, 3));
    give(draw, "adversaries", "flash_at",
        seconds(draw, 1, draw->rage_us / SECOND_US));
}

static void draw_workload(struct draw *draw)
{
    uint64_t text = in_hundred(draw, 80) ? between(draw, 16, 2000)
                                         : between(draw, 2000, 20000);
    give(draw, "workload", "letters", between(draw, 3, 60));
    give(draw, "workload", "pairs", between(draw, 1, 8));
    give(draw, "workload", "text", text);
    if (in_hundred(draw, 50))
        give(draw, "workload", "text_most", text + roll(draw, 4000));
    give(draw, "workload", "first", seconds(draw, 1, 20));
    give(draw, "workload", "over", draw->rage_us - 20 * SECOND_US);
    if (in_hundred(draw, 40))
        give(draw, "workload", "lifetime", between(draw, 1, 200) * HOUR_US);
    if (in_hundred(draw, 30))
        give(draw, "workload", "urgent", hundredths(draw, 10, 100));
}

static void draw_node(struct draw *draw)
{
    give(draw, "node", "reconcile", seconds(draw, 5, 60));
    if (in_hundred(draw, 50))
        give(draw, "node", "receipt", between(draw, 1, 20000) * MS);
    if (in_hundred(draw, 15))
        give(draw, "node", "tree", SWITCH_OFF);
    if (in_hundred(draw, 25))
        give(draw, "node", "stem", SWITCH_OFF);
}

/* The fewest nodes where people live: all that are neither adversaries nor die
 * nor are slow, each share of which may be one node more. */
static uint64_t fewest_homes(const struct scenario *s)
{
    uint64_t taken_ppm = s->kill_share_ppm + s->slow_share_ppm;
    uint64_t shares = (s->kill_share_ppm > 0) + (s->slow_share_ppm > 0);
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++) {
        taken_ppm += s->role_ppm[role];
        shares += s->role_ppm[role] > 0;
    }
    uint64_t taken = s->nodes * taken_ppm / PPM + shares;
    return taken < s->nodes ? s->nodes - taken : 0;
}

/* What people do besides writing to each other: at times, and little, since a
 * group costs a first contact for each two of it. */
static void draw_people(struct draw *draw)
{
    struct draw own = *draw;
    uint64_t homes = fewest_homes(draw->scenario);
    own.seed = noise(draw->seed, PEOPLE_DRAW, NOISE_SWARM, 0);
    own.draws = 0;
    if (draw->is_crowd || homes < 3)
        return;
    if (in_hundred(&own, 15)) {
        give(&own, "workload", "groups", between(&own, 1, 2));
        give(&own, "workload", "group_size",
            between(&own, 2, homes < 5 ? homes : 5));
        give(&own, "workload", "group_letters", between(&own, 2, 10));
    }
    if (draw->scenario->receipts == SWITCH_ON && in_hundred(&own, 15)) {
        give(&own, "workload", "files", between(&own, 1, 3));
        give(&own, "workload", "file_size", between(&own, 1, 1000));
        give(&own, "workload", "file_size_most", between(&own, 1000, 60000));
    }
}

/* So much that shelves overflow. */
static void draw_flood_of_letters(struct draw *draw)
{
    if (!in_hundred(draw, 12))
        return;
    draw->may_overflow = true;
    give(draw, "node", "shelf", LIMIT_SHELF_MINIMUM_BYTES);
    give(draw, "workload", "letters", between(draw, 80, 200));
    give(draw, "workload", "text", between(draw, 6000, 14000));
    give(draw, "workload", "text_most", between(draw, 14000, 20000));
    give(draw, "node", "receipt", seconds(draw, 1, 600));
}

/* So many come and go that who stays has more neighbours, one after the other,
 * than anybody counts (BROADCAST_TAKERS). */
static void draw_crowd(struct draw *draw)
{
    if (!draw->is_crowd)
        return;
    draw->downtime_us = 5 * SECOND_US;
    give(draw, "churn", "session", 15 * SECOND_US);
    give(draw, "churn", "downtime", draw->downtime_us);
    give(draw, "churn", "share", hundredths(draw, 50, 80));
    give(draw, "churn", "graceful", PPM);
    give(draw, "churn", "until", draw->rage_us);
    give(draw, "node", "receipts", SWITCH_OFF);
    give(draw, "workload", "pairs", between(draw, 20, 40));
    give(draw, "workload", "over", 30 * SECOND_US);
}

/* So long that envelopes expire, which nothing else clears. */
static void draw_age(struct draw *draw)
{
    if (draw->scenario->nodes > NODES_THAT_AGE || !in_hundred(draw, 12))
        return;
    give(draw, "node", "receipts", SWITCH_OFF);
    give(draw, "workload", "lifetime", HOUR_US);
    give(draw, "workload", "letters", between(draw, 3, 12));
    give(draw, "mesh", "quiet", 5 * HOUR_US);
    give(draw, "mesh", "duration", 5 * HOUR_US);
}

/* Where a frame may be lost a node needs several that tell it of what it lacks:
 * with fewer the trees promise nothing. */
static bool has_many_edges(const struct scenario *s)
{
    enum { MANY = 5 };
    return s->topology == TOPOLOGY_RANDOM_REGULAR && s->degree >= MANY;
}

/* All know each other before the first letter, and whatever the trees do not
 * bring does not come. */
static void draw_peace(struct draw *draw)
{
    give(draw, "links", "latency", between(draw, 1, 150) * MS);
    give(draw, "links", "jitter", between(draw, 0, 100) * MS);
    give(draw, "mesh", "start", 2 * SECOND_US);
    give(draw, "node", "pins", 0);
    draw_workload(draw);
    give(draw, "workload", "first", 20 * SECOND_US);
    give(draw, "node", "reconcile", HOUR_US);
    give(draw, "node", "receipt", between(draw, 1, 5000) * MS);
    if (has_many_edges(draw->scenario) && in_hundred(draw, 50))
        give(draw, "links", "loss", hundredths(draw, 1, 5));
    if (draw->scenario->loss_ppm > 0 || in_hundred(draw, 30))
        give(draw, "node", "receipts", SWITCH_OFF);
    give(draw, "mesh", "quiet", PEACE_S * SECOND_US);
    give(draw, "mesh", "duration", draw->rage_us + 2 * PEACE_S * SECOND_US);
}

static void expect_prompt(struct draw *draw)
{
    const struct scenario *s = draw->scenario;
    char line[64];
    uint64_t way_us = s->nodes * (s->latency_us + s->jitter_us);
    snprintf(line, sizeof(line), "spread_p99<=%" PRIu64 "us",
        way_us + PROMPT_S * SECOND_US);
    expect(draw, line);
    if (s->receipts == SWITCH_OFF)
        expect(
            draw, s->loss_ppm > 0 ? "reliability>=0.99" : "reliability>=1.0");
}

static void draw_expectations(struct draw *draw)
{
    const struct scenario *s = draw->scenario;
    if (draw->is_flooded || draw->may_overflow)
        return;
    if (draw->is_peaceful)
        expect_prompt(draw);
    if (draw->is_peaceful && s->loss_ppm > 0)
        return;
    expect(draw, "delivered_reachable>=1.0");
    if (draw->is_attacked || s->receipts == SWITCH_OFF)
        return;
    if (s->kill_share_ppm != 0) /* the dead may have cut off a receipt's way */
        return;
    expect(draw, "confirmed>=1.0");
    expect(draw, "uncleared<=0");
}

/* How long the mesh then has. */
static void draw_calm(struct draw *draw)
{
    const struct scenario *s = draw->scenario;
    uint64_t calm_us = 2 * s->reconcile_us + CALM_EXTRA_S * SECOND_US +
                       DOWNTIMES * draw->downtime_us;
    give(draw, "mesh", "quiet", calm_us);
    give(draw, "mesh", "duration", draw->rage_us + 2 * calm_us);
}

/* Whatever may befall a mesh, and the calm after it. */
static void draw_storm(struct draw *draw)
{
    draw_links(draw);
    draw_churn(draw);
    draw_splits(draw);
    draw_crashes(draw);
    draw_sickness(draw);
    draw_adversaries(draw);
    draw_workload(draw);
    draw_node(draw);
    draw_flood_of_letters(draw);
    draw_crowd(draw);
    draw_calm(draw);
    draw_age(draw);
}

void swarm_draw(uint64_t seed, struct scenario *out)
{
    struct complaint complaint;
    struct draw draw = {.scenario = out, .seed = seed};
    scenario_init(out);
    snprintf(out->name, sizeof(out->name), "seed-%" PRIu64, seed);
    draw.is_crowd =
        noise_below(noise(seed, CROWD_DRAW, NOISE_SWARM, 0), CROWDS_IN) == 0;
    draw.is_peaceful =
        !draw.is_crowd &&
        noise_below(noise(seed, PEACE_DRAW, NOISE_SWARM, 0), PEACES_IN) == 0;
    draw.rage_us =
        draw.is_crowd ? CROWD_S * SECOND_US : seconds(&draw, 40, 300);
    draw_mesh(&draw);
    give(&draw, "mesh", "seed", seed);
    if (draw.is_peaceful)
        draw_peace(&draw);
    else
        draw_storm(&draw);
    draw_people(&draw);
    draw_expectations(&draw);
    enum status status = scenario_check(out, &complaint);
    assert(status == STATUS_OK);
    (void)status;
}
