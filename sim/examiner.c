/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at after every step costs as much whatever a node holds; the
 * whole look walks all of it, may be a hundred times the work of an event, and
 * so is seldom done.
 *
 * Envelopes expire by the hour, and none is stored that has: so a shelf that
 * holds nothing old holds nothing old until the next hour is over, and to walk
 * it then is to have looked after every event. */
#include "sim/examiner.h"

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

static void look_at_esteem(struct world *world, uint32_t index)
{
    const struct node *node = &world->nodes[index];
    uint64_t since_us = world->whole.calm_since_us;
    if (world->now_us < since_us + FORGIVEN_S * UINT64_C(1000000) ||
        world->has_adversaries)
        return;
    for (uint32_t i = 0; i < node->link_count; i++)
        oracle_esteemed(&world->oracle,
            relay_score_of(node->relay, node->links[i].number), index,
            world->now_us);
}

void examiner_event_passed(struct world *world, uint32_t index)
{
    struct node *node = &world->nodes[index];
    if (!node->relay)
        return;
    uint64_t now_s = clock_s(world, index);
    if (now_s >= node->due_s) {
        look_at_shelf(world, index, now_s);
        node->due_s = (uint32_t)(now_s - (now_s - MINUTE_S) % HOUR_S + HOUR_S);
    }
    look_at_esteem(world, index);
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
