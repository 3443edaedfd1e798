/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first-in, first-out list of batches.  The memory of a batch's effects
 * lives until it has been performed, so port messages go from one engine to
 * the other without a copy.  An envelope that an effect borrows lies in the
 * slab and is held until the turn is over. */
#include "sim/turn.h"

#include <assert.h>
#include <stdlib.h>

void turn_init(struct turn *turn, struct world *world)
{
    *turn = (struct turn){.world = world};
}

void turn_clear(struct turn *turn)
{
    while (turn->spare) {
        struct batch *batch = turn->spare;
        turn->spare = batch->next;
        relay_effects_free(&batch->relay);
        vault_effects_free(&batch->vault);
        free(batch);
    }
    free(turn->held);
    *turn = (struct turn){0};
}

void turn_begin(struct turn *turn, uint32_t node)
{
    assert(!turn->first && turn->held_count == 0);
    turn->node = node;
}

void turn_end(struct turn *turn)
{
    assert(!turn->first);
    for (size_t i = 0; i < turn->held_count; i++)
        slab_drop(&turn->world->slab, turn->held[i]);
    turn->held_count = 0;
}

static struct batch *batch_add(struct turn *turn, bool from_vault)
{
    struct batch *batch = turn->spare;
    if (batch) {
        turn->spare = batch->next;
    } else {
        batch = malloc(sizeof(*batch));
        world_need(batch ? STATUS_OK : STATUS_NO_MEMORY);
        relay_effects_init(&batch->relay);
        vault_effects_init(&batch->vault);
    }
    batch->next = NULL;
    batch->from_vault = from_vault;
    if (turn->last)
        turn->last->next = batch;
    else
        turn->first = batch;
    turn->last = batch;
    return batch;
}

struct batch *turn_next(struct turn *turn)
{
    struct batch *batch = turn->first;
    if (!batch)
        return NULL;
    turn->first = batch->next;
    if (!turn->first)
        turn->last = NULL;
    return batch;
}

void turn_performed(struct turn *turn, struct batch *batch)
{
    if (batch->from_vault)
        vault_effects_reset(&batch->vault);
    else
        relay_effects_reset(&batch->relay);
    batch->next = turn->spare;
    turn->spare = batch;
}

void turn_relay(struct turn *turn, struct relay_event *event, bool from_peer)
{
    struct relay *relay = turn->world->nodes[turn->node].relay;
    if (!relay)
        return;
    event->now_ms = world_now_ms(turn->world);
    event->clock_s = world_clock_s(turn->world);
    struct batch *batch = batch_add(turn, false);
    batch->from_peer = from_peer;
    world_need(relay_step(relay, event, &batch->relay));
}

void turn_vault(struct turn *turn, struct vault_event *event)
{
    struct end *end = turn->world->nodes[turn->node].end;
    if (!end || !end->vault)
        return;
    event->now_ms = world_now_ms(turn->world);
    event->clock_s = world_clock_s(turn->world);
    struct batch *batch = batch_add(turn, true);
    world_need(vault_step(end->vault, event, &batch->vault));
}

void turn_request(
    struct turn *turn, uint64_t client, const struct control_request *request)
{
    struct vault_event event = {.kind = VAULT_REQUEST,
        .request = {.client = client, .request = request}};
    turn_vault(turn, &event);
}

void turn_port(struct turn *turn, const struct port_message *message)
{
    struct vault_event event = {.kind = VAULT_PORT, .port = message};
    turn_vault(turn, &event);
}

void turn_hold(struct turn *turn, uint32_t number)
{
    if (turn->held_count == turn->held_capacity) {
        size_t capacity = turn->held_capacity ? turn->held_capacity * 2 : 16;
        uint32_t *held = realloc(turn->held, capacity * sizeof(*held));
        world_need(held ? STATUS_OK : STATUS_NO_MEMORY);
        turn->held = held;
        turn->held_capacity = capacity;
    }
    turn->held[turn->held_count++] = number;
}
