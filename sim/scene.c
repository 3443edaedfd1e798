/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first-in, first-out list of batches.  The memory of a batch's effects
 * lives until it has been performed, so port messages go from one engine to
 * the other without a copy.  An envelope that an effect borrows lies in the
 * slab and is held until the scene is over. */
#include "sim/scene.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/examiner.h"

void scene_init(struct scene *scene, struct world *world)
{
    *scene = (struct scene){.world = world};
}

void scene_clear(struct scene *scene)
{
    while (scene->spare) {
        struct batch *batch = scene->spare;
        scene->spare = batch->next;
        relay_effects_free(&batch->relay);
        vault_effects_free(&batch->vault);
        free(batch);
    }
    free(scene->held);
    *scene = (struct scene){0};
}

void scene_begin(struct scene *scene, uint32_t node)
{
    assert(!scene->first && scene->held_count == 0);
    scene->node = node;
}

void scene_end(struct scene *scene)
{
    assert(!scene->first);
    for (size_t i = 0; i < scene->held_count; i++)
        slab_drop(&scene->world->slab, scene->held[i]);
    scene->held_count = 0;
}

static struct batch *batch_add(struct scene *scene, bool from_vault)
{
    struct batch *batch = scene->spare;
    if (batch) {
        scene->spare = batch->next;
    } else {
        batch = malloc(sizeof(*batch));
        world_need(batch ? STATUS_OK : STATUS_NO_MEMORY);
        relay_effects_init(&batch->relay);
        vault_effects_init(&batch->vault);
    }
    batch->next = NULL;
    batch->from_vault = from_vault;
    if (scene->first)
        scene->last->next = batch;
    else
        scene->first = batch;
    scene->last = batch;
    return batch;
}

void scene_performed(struct scene *scene, struct batch *batch)
{
    if (batch->from_vault)
        vault_effects_reset(&batch->vault);
    else
        relay_effects_reset(&batch->relay);
    batch->next = scene->spare;
    scene->spare = batch;
}

void scene_relay(struct scene *scene, struct relay_event *event, bool from_peer)
{
    struct relay *relay = scene->world->nodes[scene->node].relay;
    if (!relay)
        return;
    event->now_ms = world_now_ms(scene->world);
    event->clock_s = world_node_clock_s(scene->world, scene->node);
    struct batch *batch = batch_add(scene, false);
    batch->from_peer = from_peer;
    world_need(relay_step(relay, event, &batch->relay));
    examiner_relay_stepped(scene->world, scene->node, event, &batch->relay);
}

void scene_vault(struct scene *scene, struct vault_event *event)
{
    struct end *end = scene->world->nodes[scene->node].end;
    if (!end || !end->vault)
        return;
    event->now_ms = world_now_ms(scene->world);
    event->clock_s = world_node_clock_s(scene->world, scene->node);
    struct batch *batch = batch_add(scene, true);
    world_need(vault_step(end->vault, event, &batch->vault));
    examiner_vault_stepped(scene->world, scene->node, &batch->vault);
}

void scene_request(
    struct scene *scene, uint64_t client, const struct control_request *request)
{
    struct vault_event event = {.kind = VAULT_REQUEST,
        .request = {.client = client, .request = request}};
    scene_vault(scene, &event);
}

void scene_port(struct scene *scene, const struct port_message *message)
{
    if (!scene->world->nodes[scene->node].end)
        return; /* nobody lives here: no event need be made */
    struct vault_event event = {.kind = VAULT_PORT, .port = message};
    scene_vault(scene, &event);
}

void scene_refused(struct scene *scene, const struct control_reply *reply)
{
    struct world *world = scene->world;
    bool is_later =
        world->refusal.text[0] != '\0' && world->refusal.at_us <= world->now_us;
    if (is_later || reply->kind != CONTROL_ERROR)
        return;
    world->refusal.at_us = world->now_us;
    world->refusal.node = scene->node;
    snprintf(world->refusal.text, sizeof(world->refusal.text), "%.*s",
        (int)reply->error.message.size, (char *)reply->error.message.data);
}

void scene_hold(struct scene *scene, uint32_t number)
{
    if (scene->held_count == scene->held_capacity) {
        size_t capacity = scene->held_capacity ? scene->held_capacity * 2 : 16;
        uint32_t *held = realloc(scene->held, capacity * sizeof(*held));
        world_need(held ? STATUS_OK : STATUS_NO_MEMORY);
        scene->held = held;
        scene->held_capacity = capacity;
    }
    scene->held[scene->held_count++] = number;
}
