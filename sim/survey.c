/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spies are judged as in Dandelion++ (Fanti and others 2018): all of them
 * together take for the sender of an envelope whoever brought it first to any
 * of them.  Recall is the share of envelopes for which that is right; precision
 * averages over senders the share of right ones among all that are laid at
 * their door. */
#include "sim/survey.h"

#include <stdlib.h>

#include "sim/edge_list.h"
#include "sim/flood.h"
#include "sim/overlay.h"
#include "sim/union_find.h"
#include "sim/units.h"

enum { FRIENDS = 2 };

static bool is_sound(const struct world *world, uint32_t node)
{
    const struct lot *lot = &world->lots[node];
    return (lot->role == ROLE_HONEST || lot->role == ROLE_SPY) &&
           !world_has_died(world, node);
}

static void join(
    const struct world *world, uint32_t *above, uint32_t one, uint32_t other)
{
    if (is_sound(world, one) && is_sound(world, other))
        union_find_join(above, one, other);
}

enum status survey_parts(
    const struct world *world, const struct sketch *sketch, uint32_t *parts)
{
    const struct topology *topology = &world->topology;
    uint32_t *above = malloc(world->node_count * sizeof(*above));
    if (!above)
        return STATUS_NO_MEMORY;
    union_find_init(above, world->node_count);
    for (size_t i = 0; i < topology->edge_count; i++)
        join(world, above, topology->edges[i].from, topology->edges[i].to);
    for (uint32_t i = 0; i < world->node_count; i++)
        for (uint32_t k = 0; sketch->of[i] && k < sketch->of[i]->end_count; k++)
            join(world, above, i, sketch->of[i]->ends[k].peer);
    for (uint32_t i = 0; i < world->node_count; i++)
        parts[i] = union_find_root(above, i);
    free(above);
    return STATUS_OK;
}

static uint64_t share(uint64_t some, uint64_t all, uint64_t of_none)
{
    return all ? some * PPM / all : of_none;
}

static uint64_t delivered_reachable(
    const struct letters *letters, const uint32_t *parts)
{
    uint64_t reachable = 0, shown = 0;
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        if (parts[fate->from] != parts[fate->to])
            continue;
        reachable++;
        shown += fate->shown_us != LETTERS_NEVER && !letters_is_late(fate);
    }
    return share(shown, reachable, PPM);
}

/* How many envelopes of vaults those have that this world moves. */
static uint64_t envelopes_had(const struct world *world)
{
    uint64_t came = 0;
    for (uint32_t i = world->first_node; i < world->end_node; i++) {
        const struct ledger *shelf = &world->nodes[i].shelf;
        for (uint32_t number = ledger_next(shelf, 0);
             is_sound(world, i) && number != SLAB_NONE;
             number = ledger_next(shelf, number + 1))
            came += slab_item(&world->slab, number)->origin != SLAB_NONE;
    }
    return came;
}

static bool is_liar(const struct world *world, uint32_t node)
{
    return llabs(world->lots[node].skew_s) > (long long)LIMIT_CLOCK_LIE_S;
}

static bool has_mail(const struct world *world, const struct node *node)
{
    for (uint32_t number = ledger_next(&node->shelf, 0); number != SLAB_NONE;
         number = ledger_next(&node->shelf, number + 1))
        if (slab_item(&world->slab, number)->origin != SLAB_NONE)
            return true;
    return false;
}

/* What receipts have not cleared yet. */
static uint64_t uncleared(const struct world *world, const struct node *node)
{
    uint64_t count = 0;
    for (uint32_t number = ledger_next(&node->shelf, 0); number != SLAB_NONE;
         number = ledger_next(&node->shelf, number + 1))
        count += ledger_get(&node->shelf, number) == LEDGER_STORED &&
                 slab_item(&world->slab, number)->is_opened;
    return count;
}

void survey_take(struct survey_part *out, const struct world *world)
{
    *out = (struct survey_part){.envelopes_had = envelopes_had(world)};
    for (uint32_t i = world->first_node; i < world->end_node; i++) {
        const struct node *node = &world->nodes[i];
        if (node->attack_ns > out->attack_most_ns)
            out->attack_most_ns = node->attack_ns;
        out->liars_reached += is_liar(world, i) && has_mail(world, node);
        if (world->lots[i].role == ROLE_HONEST && node->relay)
            out->uncleared += uncleared(world, node);
    }
    flood_work(world, &out->flooders_worked_us, &out->flooders_had_us);
}

void survey_add(struct survey_part *into, const struct survey_part *more)
{
    into->envelopes_had += more->envelopes_had;
    into->liars_reached += more->liars_reached;
    into->uncleared += more->uncleared;
    into->flooders_worked_us += more->flooders_worked_us;
    into->flooders_had_us += more->flooders_had_us;
    if (more->attack_most_ns > into->attack_most_ns)
        into->attack_most_ns = more->attack_most_ns;
}

/* Over all envelopes of vaults and all nodes that could have them. */
static uint64_t reliability(
    const struct world *world, const struct survey_part *all)
{
    uint64_t nodes = 0, envelopes = 0;
    for (uint32_t number = 0; number < world->slab.count; number++)
        envelopes += slab_item(&world->slab, number)->origin != SLAB_NONE;
    for (uint32_t i = 0; i < world->node_count; i++)
        nodes += is_sound(world, i);
    return share(all->envelopes_had, nodes * envelopes, PPM);
}

static bool is_eclipsed(
    const struct world *world, const struct sketch_node *node)
{
    for (uint32_t k = 0; k < node->end_count; k++)
        if (is_sound(world, node->ends[k].peer))
            return false;
    return true;
}

/* Of those that have so many friends. */
static uint64_t eclipsed(
    const struct world *world, const struct sketch *sketch, uint32_t friends)
{
    uint64_t nodes = 0, alone = 0;
    for (uint32_t i = 0; i < world->node_count; i++) {
        const struct sketch_node *node = sketch->of[i];
        if (world->lots[i].role != ROLE_HONEST || !node ||
            world->lots[i].friends < friends)
            continue;
        nodes++;
        alone += is_eclipsed(world, node);
    }
    return share(alone, nodes, 0);
}

static uint64_t liars_reached(
    const struct world *world, const struct survey_part *all)
{
    uint64_t liars = 0;
    for (uint32_t i = 0; i < world->node_count; i++)
        liars += is_liar(world, i);
    return share(all->liars_reached, liars, 0);
}

static uint64_t hops_last(const struct world *world)
{
    const struct slab *slab = &world->slab;
    uint64_t most = 0;
    for (uint32_t number = 0; number < slab->count; number++)
        if (slab_item(slab, number)->hops_most > most &&
            world_has_settled(world, slab_item(slab, number)->shown_us))
            most = slab_item(slab, number)->hops_most;
    return most;
}

/* Of one node: what it sent, what was laid at its door, and was rightly. */
struct suspect {
    uint32_t sent;
    uint32_t blamed;
    uint32_t rightly;
};

/* Precision and recall of the guesses, into two values. */
static void judge_suspects(
    const struct suspect *suspects, uint32_t count, uint64_t *out)
{
    uint64_t senders = 0, sent = 0, rightly = 0, precision_ppm = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct suspect *s = &suspects[i];
        if (s->sent == 0)
            continue;
        senders++;
        sent += s->sent;
        rightly += s->rightly;
        precision_ppm += share(s->rightly, s->blamed, 0);
    }
    out[0] = senders ? precision_ppm / senders : 0;
    out[1] = share(rightly, sent, 0);
}

static void suspect(
    struct suspect *suspects, uint32_t maker, const struct sighting *sighting)
{
    if (maker == SLAB_NONE)
        return;
    suspects[maker].sent++;
    if (!sighting)
        return;
    suspects[sighting->from].blamed++;
    suspects[sighting->from].rightly += sighting->from == maker;
}

static enum status survey_spies(
    const struct world *world, bool of_receipts, uint64_t *out)
{
    struct suspect *suspects = calloc(world->node_count, sizeof(*suspects));
    if (!suspects)
        return STATUS_NO_MEMORY;
    for (uint32_t number = 0; number < world->slab.count; number++) {
        const struct slab_item *item = slab_item(&world->slab, number);
        if (of_receipts)
            suspect(suspects, item->confirmed_by,
                sightings_find(&world->receipts_seen, &item->id));
        else
            suspect(suspects, item->origin,
                sightings_find(&world->mail_seen, &item->id));
    }
    judge_suspects(suspects, world->node_count, out);
    free(suspects);
    return STATUS_OK;
}

static uint64_t invalid_work(
    const struct world *world, const struct survey_part *all)
{
    uint64_t from_us = world->scenario.attack_from_us;
    if (world->now_us <= from_us)
        return 0;
    return all->attack_most_ns * (PPM / 1000) / (world->now_us - from_us);
}

/* In thousandths twice, so that nothing overflows and little is cut off. */
static uint64_t flood_work_ppm(const struct survey_part *all)
{
    uint64_t had_ms = all->flooders_had_us / 1000;
    return had_ms ? all->flooders_worked_us * 1000 / had_ms : 0;
}

/* By each honest node, of what nobody's vault made. */
static uint64_t flood_taken(const struct world *world)
{
    uint64_t honest = 0;
    for (uint32_t i = 0; i < world->node_count; i++)
        honest += world->lots[i].role == ROLE_HONEST;
    return honest ? world->counts.flood_bytes / honest : 0;
}

/* The links that are up. */
static enum status survey_overlay(const struct sketch *sketch, uint64_t *values)
{
    struct edge_list list = {0};
    enum status status = sketch_edges(sketch, &list);
    const struct topology mesh = {.nodes = sketch->node_count,
        .edges = list.edges,
        .edge_count = list.count};
    if (!status)
        status = overlay_measure(&mesh, values);
    edge_list_clear(&list);
    return status;
}

enum status survey(const struct world *world, const struct sketch *sketch,
    const struct survey_part *all, struct measures *out)
{
    uint32_t *parts = malloc(world->node_count * sizeof(*parts));
    enum status status =
        parts ? survey_parts(world, sketch, parts) : STATUS_NO_MEMORY;
    if (!status) {
        uint64_t *values = out->values;
        values[METRIC_DELIVERED_REACHABLE] =
            delivered_reachable(&world->letters, parts);
        values[METRIC_RELIABILITY] = reliability(world, all);
        values[METRIC_HOPS_LAST] = hops_last(world);
        values[METRIC_ECLIPSED] = eclipsed(world, sketch, 0);
        values[METRIC_ECLIPSED_PINNED] = eclipsed(world, sketch, FRIENDS);
        values[METRIC_LIARS_REACHED] = liars_reached(world, all);
        values[METRIC_UNCLEARED] = all->uncleared;
        values[METRIC_INVALID_WORK] = invalid_work(world, all);
        values[METRIC_FLOOD_WORK] = flood_work_ppm(all);
        values[METRIC_FLOOD_TAKEN] = flood_taken(world);
        spread_measure(&world->spread, &values[METRIC_SPREAD_P50]);
        status = survey_spies(world, false, &values[METRIC_SPY_PRECISION]);
    }
    if (!status)
        status = survey_spies(
            world, true, &out->values[METRIC_SPY_RECEIPT_PRECISION]);
    free(parts);
    return status ? status : survey_overlay(sketch, out->values);
}
