/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conservative parallel simulation in the manner of Nicol (1993): windows as
 * long as the least delay between two nodes, and a meeting of all parts after
 * each.  Between meetings a part is a world of its own and shares nothing, so
 * there is nothing to lock; whether its neighbour is a thread or a process on
 * another machine is the exchange's affair.
 *
 * What one node does to another in no time would tell how the mesh was cut, so
 * nothing may: facts about the whole are known at the end of each virtual
 * second, in one part or in many. */
#include "sim/together.h"

#include <string.h>

#include "sim/account.h"
#include "sim/sweep_plan.h"

void together_init(
    struct together *together, struct world *world, struct exchange *exchange)
{
    *together = (struct together){
        .world = world, .exchange = exchange, .until_us = UINT64_MAX};
    crossing_init(&together->crossing);
    if (exchange)
        return;
    world_need(exchange_init(&together->alone, 0, 1));
    together->exchange = &together->alone;
}

void together_clear(struct together *together)
{
    sketch_clear(&together->sketch);
    crossing_clear(&together->crossing);
    if (together->exchange == &together->alone)
        exchange_clear(&together->alone);
}

static void tell_all(struct exchange *exchange, const void *data, size_t size)
{
    world_need(exchange_tell_all(exchange, (struct span){data, size}));
}

struct beginning {
    uint32_t status;
    char scenario[SWEEP_FINGERPRINT_CHARS + 1];
};

enum status together_agree(struct together *together, enum status status)
{
    struct exchange *exchange = together->exchange;
    struct beginning ours = {.status = status}, theirs;
    if (!status)
        sweep_fingerprint(&together->world->scenario, ours.scenario);
    tell_all(exchange, &ours, sizeof(ours));
    world_need(exchange_swap(exchange, EXCHANGE_STATUS));
    for (uint32_t i = 0; i < exchange->parts && !status; i++) {
        memcpy(&theirs, exchange->in[i].data, sizeof(theirs));
        status = (enum status)theirs.status;
        if (!status && strcmp(theirs.scenario, ours.scenario) != 0)
            status = STATUS_INVALID;
    }
    return status;
}

struct named_card { /* of somebody, for those who write to them */
    uint32_t node;
    char text[CARD_TEXT_CHARS + 1];
};

void together_share_cards(struct together *together)
{
    struct world *world = together->world;
    struct exchange *exchange = together->exchange;
    struct named_card card;
    for (uint32_t i = world->first_node; i < world->end_node; i++) {
        if (!world->nodes[i].end)
            continue;
        card.node = i;
        memcpy(card.text, world->nodes[i].end->card, sizeof(card.text));
        tell_all(exchange, &card, sizeof(card));
    }
    world_need(exchange_swap(exchange, EXCHANGE_CARDS));
    for (uint32_t part = 0; part < exchange->parts; part++) {
        struct span in = exchange->in[part];
        for (size_t at = 0; at < in.size; at += sizeof(card)) {
            memcpy(&card, in.data + at, sizeof(card));
            memcpy(world->nodes[card.node].end->card, card.text,
                sizeof(card.text));
        }
    }
}

/* What each part says with what crosses in a window. */
struct note {
    uint64_t first_us; /* of what is to come, here or on its way from here */
    uint64_t stops;
};

/* What the others sent, and when the first event is that is left anywhere. */
static uint64_t take_window(struct together *together)
{
    const struct exchange *exchange = together->exchange;
    uint64_t first_us = UINT64_MAX;
    struct note note;
    for (uint32_t i = 0; i < exchange->parts; i++) {
        struct span in = exchange->in[i];
        in.size -= sizeof(note);
        memcpy(&note, in.data + in.size, sizeof(note));
        first_us = note.first_us < first_us ? note.first_us : first_us;
        together->stops |= note.stops != 0;
        crossing_take(&together->crossing, together->world, in);
    }
    crossing_pass(&together->crossing, together->world);
    return first_us;
}

void together_pass_window(struct together *together, uint64_t at_most_us)
{
    struct world *world = together->world;
    struct exchange *exchange = together->exchange;
    together->until_us = UINT64_MAX;
    if (exchange->parts == 1)
        return;
    struct note note = {queue_first_us(world->queue), together->stops};
    uint64_t sent_us =
        crossing_write(&together->crossing, world, exchange->out);
    note.first_us = sent_us < note.first_us ? sent_us : note.first_us;
    tell_all(exchange, &note, sizeof(note));
    world_need(exchange_swap(exchange, EXCHANGE_WINDOW));
    uint64_t free_us = take_window(together) + world->scenario.latency_us - 1;
    together->until_us = free_us < at_most_us ? free_us : at_most_us;
}

void together_take(struct totals *out, const struct world *world)
{
    *out = (struct totals){
        .counts = world->counts,
        .frames_under_way = world->frames_under_way,
        .living_bytes = world->living.bytes,
        .dead_nodes = world->dead_count,
        .letters_sent = world->letters.sent,
        .letters_shown = world->letters.shown,
        .letters_refused = world->letters.refused,
        .receipts = world->letters.receipts,
        .circles_sent = world->circles.sent,
        .circles_shown = world->circles.shown,
        .circles_refused = world->circles.refused,
        .circles_receipts = world->circles.receipts,
        .circles_seeing = world->circles.seeing,
        .shipments_sent = world->shipments.sent,
        .shipments_whole = world->shipments.whole,
        .shipments_refused = world->shipments.refused,
        .shipments_receipts = world->shipments.receipts,
        .pictures_due = world->picture && world->picture->is_due,
        .fault_us = world->fault_us,
        .calm_since_us = world->calm_since_us,
        .news_us = world->news_us,
        .now_us = world->now_us,
    };
}

/* An envelope that left its stem in this second, as far as we know. */
struct told {
    struct envelope_id id;
    uint64_t shown_us;
};

static void tell_shown(const struct world *world, struct exchange *exchange)
{
    for (size_t i = 0; i < world->shown.count; i++) {
        const struct slab_item *item =
            slab_item(&world->slab, world->shown.list[i].number);
        const struct told told = {item->id, item->shown_us};
        tell_all(exchange, &told, sizeof(told));
    }
}

/* What has not come here yet will bring with it what its sender knows. */
static void hear_shown(struct world *world, struct span in)
{
    struct told told;
    for (size_t at = 0; at < in.size; at += sizeof(told)) {
        memcpy(&told, in.data + at, sizeof(told));
        uint32_t number = slab_find(&world->slab, &told.id);
        if (number != SLAB_NONE)
            slab_show(slab_item(&world->slab, number), told.shown_us);
    }
}

/* When each was first pushed is certain now, so how long it took can be said.
 */
static void judge_arrivals(struct world *world)
{
    for (size_t i = 0; i < world->arrivals.count; i++) {
        const struct arrival *arrival = &world->arrivals.list[i];
        uint64_t shown_us = slab_item(&world->slab, arrival->number)->shown_us;
        if (world_has_settled(world, shown_us))
            spread_add(&world->spread, arrival->at_us - shown_us);
    }
    world->arrivals.count = world->shown.count = 0;
}

void together_add_up(struct together *together)
{
    struct world *world = together->world;
    struct exchange *exchange = together->exchange;
    struct totals totals;
    together_take(&totals, world);
    tell_all(exchange, &totals, sizeof(totals));
    tell_shown(world, exchange);
    world_need(exchange_swap(exchange, EXCHANGE_TOTALS));
    world->whole = (struct totals){.fault_us = 0};
    for (uint32_t i = 0; i < exchange->parts; i++) {
        struct span in = exchange->in[i];
        memcpy(&totals, in.data, sizeof(totals));
        totals_add(&world->whole, &totals);
        in.data += sizeof(totals);
        in.size -= sizeof(totals);
        if (i != exchange->part)
            hear_shown(world, in);
    }
    judge_arrivals(world);
}

/* What was written for the first is for all. */
static void swap_the_same(struct exchange *exchange, enum exchange_of what)
{
    struct span ours = buf_span(&exchange->out[0]);
    for (uint32_t i = 1; i < exchange->parts; i++)
        world_need(buf_append(&exchange->out[i], ours));
    world_need(exchange_swap(exchange, what));
}

void together_share_edges(struct together *together, struct graph *graph)
{
    struct exchange *exchange = together->exchange;
    world_need(edges_write(together->world, &exchange->out[0]));
    swap_the_same(exchange, EXCHANGE_EDGES);
    for (uint32_t i = 0; i < exchange->parts; i++)
        graph_take(graph, together->world, exchange->in[i]);
}

void together_draw(struct together *together, bool has_eager)
{
    struct exchange *exchange = together->exchange;
    world_need(sketch_write(together->world, has_eager, &exchange->out[0]));
    swap_the_same(exchange, EXCHANGE_SKETCH);
    sketch_begin(&together->sketch);
    for (uint32_t i = 0; i < exchange->parts; i++)
        sketch_add(&together->sketch, exchange->in[i]);
}

void together_tell_opened(struct together *together)
{
    struct slab *slab = &together->world->slab;
    struct exchange *exchange = together->exchange;
    struct envelope_id id;
    for (uint32_t i = 0; i < slab->count; i++)
        if (slab_item(slab, i)->is_opened)
            tell_all(exchange, &slab_item(slab, i)->id, sizeof(id));
    world_need(exchange_swap(exchange, EXCHANGE_OPENED));
    for (uint32_t part = 0; part < exchange->parts; part++) {
        struct span in = exchange->in[part];
        for (size_t at = 0; at < in.size; at += sizeof(id)) {
            memcpy(&id, in.data + at, sizeof(id));
            uint32_t number = slab_find(slab, &id);
            if (number != SLAB_NONE)
                slab_item(slab, number)->is_opened = true;
        }
    }
}

/* The first part's world becomes that of the whole run. */
static void become_whole(struct world *world)
{
    const struct totals *whole = &world->whole;
    world->counts = whole->counts;
    world->now_us = whole->now_us;
    world->letters.sent = (uint32_t)whole->letters_sent;
    world->letters.shown = (uint32_t)whole->letters_shown;
    world->letters.refused = (uint32_t)whole->letters_refused;
    world->letters.receipts = (uint32_t)whole->receipts;
    world->circles.sent = (uint32_t)whole->circles_sent;
    world->circles.shown = (uint32_t)whole->circles_shown;
    world->circles.refused = (uint32_t)whole->circles_refused;
    world->circles.receipts = (uint32_t)whole->circles_receipts;
    world->circles.seeing = (uint32_t)whole->circles_seeing;
    world->shipments.sent = (uint32_t)whole->shipments_sent;
    world->shipments.whole = (uint32_t)whole->shipments_whole;
    world->shipments.refused = (uint32_t)whole->shipments_refused;
    world->shipments.receipts = (uint32_t)whole->shipments_receipts;
}

void together_settle(struct together *together, struct survey_part *all)
{
    struct world *world = together->world;
    struct exchange *exchange = together->exchange;
    if (exchange->part != 0)
        account_write(world, &exchange->out[0]);
    world_need(exchange_swap(exchange, EXCHANGE_ACCOUNT));
    if (exchange->part != 0)
        return;
    for (uint32_t i = 1; i < exchange->parts; i++)
        account_read(world, all, exchange->in[i]);
    become_whole(world);
}
