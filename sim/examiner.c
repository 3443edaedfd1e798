/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at after every step costs as much whatever a node holds; the
 * whole look walks all of it, may be a hundred times the work of an event, and
 * so is seldom done.
 *
 * Envelopes expire by the hour, and none is stored that has: so a shelf that
 * holds nothing old holds nothing old until the next hour is over, and to walk
 * it then is to have looked after every event.  What a peer is thought of
 * changes by what that peer sends, so after its frames it is looked at, and all
 * peers with the shelf. */
#include "sim/examiner.h"

#include "sim/units.h"

enum { MINUTE_S = 60, LIGHT_KNOWN = 512 };

static void judge(struct world *world, uint32_t node, const char *violation)
{
    oracle_check(&world->oracle, !violation, INVARIANT_LOCAL, node,
        world->now_us, violation);
}

void examiner_relay_stepped(struct world *world, uint32_t node,
    const struct relay_event *event, const struct relay_effects *effects)
{
    judge(world, node,
        relay_step_violation(world->nodes[node].relay, event, effects));
}

void examiner_vault_stepped(
    struct world *world, uint32_t node, const struct vault_effects *effects)
{
    judge(world, node,
        vault_step_violation(world->nodes[node].end->vault, effects));
}

/* A node's clock, as far as its relay can have seen it: that it was put off is
 * seen with the next event alone. */
static uint64_t clock_s(const struct world *world, uint32_t node)
{
    uint64_t clock_s = world_node_clock_s(world, node);
    if (world->scenario.skew_at_us > 0)
        clock_s -= world->scenario.skew_us / 1000000;
    return clock_s;
}

static void look_at_shelf(struct world *world, uint32_t index, uint64_t now_s)
{
    const struct ledger *shelf = &world->nodes[index].shelf;
    for (uint32_t number = ledger_next(shelf, 0); number != SLAB_NONE;
         number = ledger_next(shelf, number + 1))
        if (ledger_get(shelf, number) == LEDGER_STORED)
            oracle_kept(&world->oracle, slab_item(&world->slab, number), now_s,
                index, world->now_us);
}

/* After so long nothing is left of a score (score.h). */
enum { FORGIVEN_S = 201 * 60 };

static bool is_forgiven(const struct world *world)
{
    return world->now_us >=
               world->whole.calm_since_us + FORGIVEN_S * SECOND_US &&
           !world->has_adversaries;
}

static void judge_esteem(struct world *world, uint32_t index, uint32_t link)
{
    oracle_esteemed(&world->oracle,
        relay_score_of(world->nodes[index].relay, link), index, world->now_us);
}

static void look_at_esteem(struct world *world, uint32_t index)
{
    const struct node *node = &world->nodes[index];
    if (!is_forgiven(world))
        return;
    for (uint32_t i = 0; i < node->link_count; i++)
        judge_esteem(world, index, node->links[i].number);
}

void examiner_heard(struct world *world, uint32_t index, uint32_t link)
{
    if (world->nodes[index].relay && is_forgiven(world))
        judge_esteem(world, index, link);
}

void examiner_event_passed(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    if (!node->relay)
        return;
    uint64_t now_s = clock_s(world, index);
    if (now_s >= node->due_s) {
        look_at_shelf(world, index, now_s);
        look_at_esteem(world, index);
        node->due_s = (uint32_t)(now_s - (now_s - MINUTE_S) % HOUR_S + HOUR_S);
    }
}

void examiner_look(struct world *world, uint32_t index)
{
    const struct node *node = &world->nodes[index];
    if (node->relay) {
        look_at_shelf(world, index, clock_s(world, index));
        look_at_esteem(world, index);
        judge(world, index, relay_violation(node->relay));
    }
    if (node->end && node->end->vault)
        judge(world, index, vault_violation(node->end->vault));
}

/* By the square: by how much it knows alone, each event would pay for a look at
 * LIGHT_KNOWN envelopes however long a flood goes on. */
uint32_t examiner_weight(const struct world *world, uint32_t node)
{
    uint32_t heavy = world->nodes[node].shelf.known / LIGHT_KNOWN;
    return 1 + heavy * heavy;
}
