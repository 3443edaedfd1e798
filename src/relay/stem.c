/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In an epoch all that a node makes itself goes to one peer, and all that one
 * link brings to one peer, of two that are drawn among those that it dialled:
 * strangers who dial us in numbers do not get to carry our stems.  What is
 * drawn anew for each envelope would show a patient spy every path.
 *
 * An embargo runs wherever an item is hidden, and whoever's ends first shows
 * it: so a peer that drops what it is given costs seconds and no letter, and
 * nobody learns from the time of that who began.  One's own is kept, sent and
 * timed as what is relayed is; there is no mark to tell them apart by.
 *
 * With too few links the neighbours know anyway who begins what.
 *
 * Unlike in the paper, who ends a stem is drawn for each item and not once an
 * epoch for a node: envelopes of one person cannot be linked, so that a spy
 * gains nothing by many, and no letter's fate is the same for ten minutes. */
#include "relay/stem.h"

#include <assert.h>
#include <string.h>

void stem_init(struct stem *stem, uint64_t seed)
{
    *stem = (struct stem){.due_ms = UINT64_MAX};
    table_init(&stem->items, sizeof(struct envelope_id),
        sizeof(struct stem_item), LIMIT_STEM_ITEMS, seed);
}

void stem_clear(struct stem *stem)
{
    table_clear(&stem->items);
    *stem = (struct stem){.due_ms = UINT64_MAX};
}

static struct stem_link *find_link(struct stem *stem, uint32_t link)
{
    for (size_t i = 0; i < stem->link_count; i++)
        if (stem->links[i].link == link)
            return &stem->links[i];
    return NULL;
}

static uint8_t draw_way(struct turn *turn)
{
    return (uint8_t)random_below(turn->random, STEM_WAYS);
}

void stem_link_open(struct stem *stem, struct turn *turn, uint32_t link,
    bool outbound, bool speaks)
{
    assert(stem->link_count < LIMIT_LINKS);
    stem->links[stem->link_count++] =
        (struct stem_link){link, outbound, speaks, draw_way(turn)};
}

void stem_link_down(struct stem *stem, uint32_t link)
{
    struct stem_link *gone = find_link(stem, link);
    if (!gone)
        return;
    *gone = stem->links[--stem->link_count];
    for (size_t i = 0; i < STEM_WAYS; i++)
        if (stem->ways[i] == link)
            stem->ways[i] = 0;
}

static void begin_epoch(struct stem *stem, struct turn *turn)
{
    if (turn->now_ms < stem->epoch_until_ms)
        return;
    stem->epoch_until_ms = turn->now_ms + STEM_EPOCH_MS;
    memset(stem->ways, 0, sizeof(stem->ways));
    stem->own_way = draw_way(turn);
    for (size_t i = 0; i < stem->link_count; i++)
        stem->links[i].way = draw_way(turn);
}

static bool is_a_way(const struct stem *stem, uint32_t link)
{
    for (size_t i = 0; i < STEM_WAYS; i++)
        if (stem->ways[i] == link)
            return true;
    return false;
}

/* One at random of those that could be a way and are none; 0. */
static uint32_t draw_link(
    const struct stem *stem, struct turn *turn, bool outbound)
{
    uint32_t drawn = 0;
    uint64_t seen = 0;
    for (size_t i = 0; i < stem->link_count; i++) {
        const struct stem_link *link = &stem->links[i];
        if (!link->speaks || link->outbound != outbound ||
            is_a_way(stem, link->link))
            continue;
        if (random_below(turn->random, ++seen) == 0)
            drawn = link->link;
    }
    return drawn;
}

/* Those that dialled us come last, where we dialled too few. */
static void draw_ways(struct stem *stem, struct turn *turn)
{
    begin_epoch(stem, turn);
    for (size_t i = 0; i < STEM_WAYS; i++) {
        if (stem->ways[i] == 0)
            stem->ways[i] = draw_link(stem, turn, true);
        if (stem->ways[i] == 0)
            stem->ways[i] = draw_link(stem, turn, false);
    }
}

/* Where to what a link brings goes on, never back to it; 0: nowhere. */
static uint32_t next_link(struct stem *stem, uint32_t from)
{
    const struct stem_link *link = find_link(stem, from);
    size_t way = link ? link->way : stem->own_way;
    for (size_t i = 0; i < STEM_WAYS; i++, way = (way + 1) % STEM_WAYS)
        if (stem->ways[way] != 0 && stem->ways[way] != from)
            return stem->ways[way];
    return 0;
}

bool stem_may_hide(struct stem *stem, struct turn *turn, uint32_t from)
{
    if (turn->peers->count < LIMIT_STEM_LINKS ||
        stem->items.count == stem->items.maximum)
        return false;
    draw_ways(stem, turn);
    return next_link(stem, from) != 0;
}

static void due_at(struct stem *stem, struct stem_item *item, uint64_t at_ms)
{
    item->due_ms = at_ms;
    if (at_ms < stem->due_ms)
        stem->due_ms = at_ms;
}

static void pass_on(
    struct turn *turn, uint32_t link, const struct stem_item *item)
{
    if (item->bytes > 0) {
        turn_effect_on(turn, RELAY_STEM, &item->id)->link = link;
        return;
    }
    struct frame *frame = turn_send(turn, link, FRAME_STEM_RECEIPT);
    frame->receipt.id = item->id;
    memcpy(frame->receipt.opening.bytes, item->proof, sizeof(item->proof));
}

static uint64_t jitter_ms(struct turn *turn)
{
    return random_below(turn->random, STEM_JITTER_MS + 1);
}

uint32_t stem_hide(struct stem *stem, struct turn *turn, uint32_t from,
    const struct stem_item *item)
{
    void *out = NULL;
    enum status status = table_add(&stem->items, &item->id, &out);
    if (status) {
        assert(status == STATUS_NO_MEMORY);
        turn->status = status;
        return 0;
    }
    struct stem_item *hidden = out;
    *hidden = *item;
    hidden->from = from;
    hidden->to = 0;
    if (from && random_below(turn->random, STEM_HOPS) == 0) {
        due_at(stem, hidden, turn->now_ms + jitter_ms(turn));
        return 0;
    }
    due_at(stem, hidden,
        turn->now_ms + STEM_HOPS * STEM_HOP_MS +
            random_exponential(turn->random, STEM_EMBARGO_MS));
    hidden->to = next_link(stem, from);
    pass_on(turn, hidden->to, item);
    return hidden->to;
}

void stem_again(struct stem *stem, struct turn *turn,
    const struct envelope_id *id, uint8_t bits)
{
    struct stem_item *item = table_find(&stem->items, id);
    if (!item)
        return;
    item->bits = bits;
    if (find_link(stem, item->to))
        pass_on(turn, item->to, item);
}

bool stem_beside(
    struct stem *stem, struct turn *turn, const struct envelope_id *id)
{
    if (!stem_may_hide(stem, turn, 0))
        return false;
    turn_effect_on(turn, RELAY_STEM, id)->link = next_link(stem, 0);
    return true;
}

const struct stem_item *stem_find(
    const struct stem *stem, const struct envelope_id *id)
{
    return table_find(&stem->items, id);
}

void stem_circled(
    struct stem *stem, struct turn *turn, const struct envelope_id *id)
{
    struct stem_item *item = table_find(&stem->items, id);
    uint64_t soon_ms = turn->now_ms + jitter_ms(turn);
    if (item && soon_ms < item->due_ms)
        due_at(stem, item, soon_ms);
}

void stem_forget(struct stem *stem, const struct envelope_id *id)
{
    table_remove(&stem->items, id);
}

bool stem_take(
    struct stem *stem, const struct envelope_id *id, struct stem_item *out)
{
    const struct stem_item *item = table_find(&stem->items, id);
    if (!item)
        return false;
    *out = *item;
    table_remove(&stem->items, &out->id);
    return true;
}

bool stem_take_due(
    struct stem *stem, const struct turn *turn, struct stem_item *out)
{
    if (stem->due_ms > turn->now_ms)
        return false;
    size_t cursor = 0;
    stem->due_ms = UINT64_MAX;
    const struct stem_item *due = NULL;
    for (const struct stem_item *item;
         (item = table_next(&stem->items, &cursor));) {
        if (!due && item->due_ms <= turn->now_ms)
            due = item;
        else if (item->due_ms < stem->due_ms)
            stem->due_ms = item->due_ms;
    }
    return due && stem_take(stem, &due->id, out);
}

size_t stem_bytes(const struct stem *stem)
{
    return table_bytes(&stem->items);
}

static const char *item_violation(
    const struct stem *stem, const struct stem_item *item)
{
    return item->due_ms < stem->due_ms || stem->due_ms == UINT64_MAX
               ? "what is hidden would never be shown"
               : NULL;
}

const char *stem_step_violation(const struct stem *stem)
{
    for (size_t i = 0; i < STEM_WAYS; i++)
        for (size_t j = 0; stem->ways[i] && j < i; j++)
            if (stem->ways[i] == stem->ways[j])
                return "two ways of the stem are one";
    return stem->items.count > stem->items.maximum
               ? "more is hidden than may be"
               : NULL;
}

const char *stem_item_violation(
    const struct stem *stem, const struct envelope_id *id)
{
    const struct stem_item *item = stem_find(stem, id);
    return item ? item_violation(stem, item) : NULL;
}

const char *stem_violation(const struct stem *stem)
{
    size_t cursor = 0;
    const char *why = stem_step_violation(stem);
    for (const struct stem_item *item;
         !why && (item = table_next(&stem->items, &cursor));)
        why = item_violation(stem, item);
    return why;
}
