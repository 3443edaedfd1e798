/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node's disk: which envelopes it has, and what is known of how they came.
 * What is done to one is asked of the oracle first, by what the node's ledger
 * says, and then counted. */
#include "sim/perform_inside.h"

#include <stdlib.h>

#include "base/number.h"
#include "crypto/stamp.h"
#include "sim/flood.h"

/* A relay can only name what it was given, so not knowing it is the relay's
 * fault. */
bool perform_find(
    struct place *place, const struct relay_effect *effect, uint32_t *number)
{
    *number = slab_find(&place->world->slab, &effect->id);
    oracle_check(&place->world->oracle, *number != SLAB_NONE, INVARIANT_LOCAL,
        place->index, place->world->now_us,
        "a relay named an envelope that nobody made");
    return *number != SLAB_NONE;
}

static uint64_t item_bytes(const struct slab_item *item)
{
    return envelope_class_bytes(item->envelope.class_);
}

/* An id is a hash: a part of it tells it from others. */
static uint64_t digest_of(const struct slab_item *item)
{
    return number_get(item->id.bytes, sizeof(uint64_t));
}

/* Change what a node's disk has of an envelope, and the books with it. */
static void move_to(
    struct place *place, uint32_t number, enum ledger_state state)
{
    struct world *world = place->world;
    struct node *node = place->node;
    const struct slab_item *item = slab_item(&world->slab, number);
    enum ledger_state before = ledger_get(&node->shelf, number);
    uint64_t bytes = item_bytes(item);
    world->counts.shelf_moves++;
    if (before == LEDGER_STORED)
        node->shelf_digest -= digest_of(item);
    if (state == LEDGER_STORED)
        node->shelf_digest += digest_of(item);
    if (before == LEDGER_STORED) {
        world->counts.stored--;
        world->counts.stored_bytes -= bytes;
        node->shelf_bytes -= bytes;
        slab_forget_hops(
            &world->slab, number, world_place(world, place->index));
        slab_drop(&world->slab, number);
    }
    world->counts.cleared -= before == LEDGER_CLEARED;
    world->counts.cleared += state == LEDGER_CLEARED;
    if (state == LEDGER_STORED) {
        slab_hold(&world->slab, number);
        world->counts.stored++;
        world->counts.stored_bytes += bytes;
        node->shelf_bytes += bytes;
        if (node->shelf_bytes > world->counts.shelf_peak_bytes)
            world->counts.shelf_peak_bytes = node->shelf_bytes;
    }
    world_need(ledger_set(&node->shelf, number, state));
}

static void pushed_on(const struct place *place, uint32_t number)
{
    struct world *world = place->world;
    if (!place->scene->by_stem &&
        world_has_settled(world, slab_item(&world->slab, number)->shown_us))
        world_need(arrivals_add(&world->arrivals, number, world->now_us));
}

/* A flooder is told, later, that a peer took what it made. */
static void tell_flooder(
    struct place *place, const struct slab_item *item, uint32_t number)
{
    struct world *world = place->world;
    uint32_t from = place->scene->from;
    if (item->origin == SLAB_NONE && world->lots[from].role == ROLE_FLOODER &&
        world->scenario.flood != FLOOD_STAMPS)
        world_schedule(world, world->now_us + FLOOD_TOLD_US, from, place->index,
            EVENT_TAKEN, 0, number);
}

/* An envelope is new to a node, one link farther than where it came from; on
 * its stem it goes no way yet. */
static void travelled(struct place *place, uint32_t number)
{
    struct world *world = place->world;
    struct slab_item *item = slab_item(&world->slab, number);
    bool is_honest = world->lots[place->index].role == ROLE_HONEST;
    bool is_new = is_honest && item->origin != SLAB_NONE;
    world->counts.payloads_new += is_new;
    if (is_honest && item->origin == SLAB_NONE)
        world->counts.flood_bytes += item_bytes(item);
    world->counts.catchup_new += is_new && world->has_healed;
    if (is_new)
        pushed_on(place, number);
    uint16_t before = place->scene->hops;
    if (before == 0)
        return;
    world_need(
        slab_set_hops(&world->slab, number, world_place(world, place->index),
            place->scene->by_stem ? 1 : before + 1));
    if (!place->scene->by_stem && before > item->hops_most)
        item->hops_most = before;
}

/* What came: not all who hold it may have the same. */
static void note_stamp(
    struct place *place, uint32_t number, const struct relay_effect *effect)
{
    struct world *world = place->world;
    world_need(
        slab_restamp(&world->slab, number, world_place(world, place->index),
            stamp_bits(effect->store.envelope->stamp)));
}

/* What is stored from a link is not to go back over it; but for what came on
 * its stem, which goes everywhere when that ends. */
static void came_by(struct place *place, uint32_t number)
{
    struct link *link = world_link(place->node, place->scene->by_link);
    bool was_there;
    if (link && !place->scene->by_stem)
        world_need(sent_set_add(&link->sent, number,
            slab_first_held(&place->world->slab), &was_there));
}

/* What the shelf was to this envelope, as far as that forbids to store it: one
 * that was evicted may return by its own vault, and for a stamp. */
static enum ledger_state state_before(const struct place *place,
    const struct relay_effect *effect, uint32_t number)
{
    enum ledger_state before = ledger_get(&place->node->shelf, number);
    bool may_return =
        !place->from_peer || !stamp_is_none(effect->store.envelope->stamp);
    return before == LEDGER_EVICTED && may_return ? LEDGER_UNKNOWN : before;
}

void perform_store(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint32_t number;
    if (!perform_find(place, effect, &number))
        return;
    struct slab_item *item = slab_item(&world->slab, number);
    oracle_stored(&world->oracle, item, state_before(place, effect, number),
        world_node_clock_s(world, place->index), place->index, world->now_us);
    if (item->references == 0)
        return; /* it borrowed what nobody holds: reported by the checks */
    if (place->from_peer) {
        came_by(place, number);
        travelled(place, number);
        tell_flooder(place, item, number);
        const struct topology_edge way = {place->scene->from, place->index};
        if (item->is_pictured)
            picture_came(world->picture, &way, world->now_us);
    }
    note_stamp(place, number, effect);
    move_to(place, number, LEDGER_STORED);
}

void perform_restamp(struct place *place, const struct relay_effect *effect)
{
    uint32_t number;
    if (!perform_find(place, effect, &number))
        return;
    place->restamped = number;
    note_stamp(place, number, effect);
}

void perform_clear(struct place *place, const struct relay_effect *effect)
{
    struct world *world = place->world;
    uint32_t number;
    if (!perform_find(place, effect, &number))
        return;
    struct slab_item *item = slab_item(&world->slab, number);
    oracle_cleared(
        &world->oracle, item, &effect->opening, place->index, world->now_us);
    item->is_opened = true;
    if (!item->is_proven)
        item->opening = effect->opening;
    move_to(place, number, LEDGER_CLEARED);
}

void perform_change(struct place *place, const struct relay_effect *effect,
    enum ledger_state state)
{
    uint32_t number;
    if (state == LEDGER_EVICTED)
        place->node->evicted_s = world_second(place->world) + 1;
    if (perform_find(place, effect, &number))
        move_to(place, number, state);
}

static void hand_over(struct place *place, uint32_t number)
{
    struct slab_item *item = slab_item(&place->world->slab, number);
    if (ledger_get(&place->node->shelf, number) != LEDGER_STORED)
        return;
    slab_hold(&place->world->slab, number);
    scene_hold(place->scene, number);
    struct port_message message = {.type = PORT_ENVELOPE,
        .envelope = {.id = item->id, .envelope = &item->envelope}};
    perform_tell(place, &message);
}

void perform_deliver(struct place *place, const struct relay_effect *effect)
{
    uint32_t number;
    if (perform_find(place, effect, &number))
        hand_over(place, number);
}

/* Those under a tag that the node has, by id.  Returns how many; out may be
 * NULL, to count them. */
static size_t with_tag(
    const struct place *place, const struct tag *tag, uint32_t *out)
{
    const struct slab *slab = &place->world->slab;
    size_t count = 0;
    for (uint32_t number = slab_find_tag(slab, tag); number != SLAB_NONE;
         number = slab_item(slab, number)->next_same_tag) {
        if (ledger_get(&place->node->shelf, number) != LEDGER_STORED)
            continue;
        if (out)
            out[count] = number;
        count++;
    }
    return count;
}

void perform_find_tag(struct place *place, const struct relay_effect *effect)
{
    size_t count = with_tag(place, &effect->tag, NULL);
    uint32_t *numbers = count ? malloc(count * sizeof(*numbers)) : NULL;
    if (count == 0)
        return;
    world_need(numbers ? STATUS_OK : STATUS_NO_MEMORY);
    with_tag(place, &effect->tag, numbers);
    slab_sort(&place->world->slab, numbers, count);
    for (size_t i = 0; i < count; i++)
        hand_over(place, numbers[i]);
    free(numbers);
}
