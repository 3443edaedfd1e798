/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file is handed over in pieces, and comes out part by part, within one scene
 * each: a person's program does both in one go. */
#include "sim/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "sim/node_inside.h"
#include "sim/oracle/invariants.h"

enum { PIECE_BYTES = CONTROL_DATA_CHARS / 2 };

struct piece {
    uint8_t bytes[PIECE_BYTES];
    char text[2 * PIECE_BYTES + 1];
};

static void hand_over(struct scene *scene, uint32_t index)
{
    const struct shipments *shipments = &scene->world->shipments;
    const struct shipment *shipment = &shipments->list[index];
    struct piece *piece = malloc(sizeof(*piece));
    world_need(piece ? STATUS_OK : STATUS_NO_MEMORY);
    for (size_t done = 0; done < shipment->bytes && !shipment->refused;) {
        size_t left = shipment->bytes - done;
        size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
        shipments_content(shipments, index, done, piece->bytes, size);
        hex_encode((struct span){piece->bytes, size}, piece->text);
        struct control_request request = {.method = CONTROL_FILE_MORE,
            .cursor = done,
            .data = {(const uint8_t *)piece->text, 2 * size}};
        scene_request(scene, people_client(PEOPLE_SHIPMENT, index), &request);
        node_settle(scene);
        done += size;
    }
    free(piece);
}

void people_ship(struct scene *scene, uint32_t index)
{
    const struct shipment *shipment = &scene->world->shipments.list[index];
    char name[SHIPMENTS_NAME_CHARS], contact[16];
    struct control_request request = {.method = CONTROL_FILE_SEND,
        .name = node_contact_name(shipment->to, contact),
        .file = shipments_name(index, name),
        .size = shipment->bytes,
        .life_h = shipment->life_h,
        .urgent = shipment->urgent};
    scene_begin(scene, shipment->from);
    scene_request(scene, people_client(PEOPLE_SHIPMENT, index), &request);
    node_settle(scene);
    hand_over(scene, index);
    node_finish(scene);
}

static void shipment_replied(
    struct scene *scene, uint32_t index, const struct control_reply *reply)
{
    struct world *world = scene->world;
    if (reply->kind == CONTROL_SENT) {
        world_need(shipments_sent(
            &world->shipments, index, reply->sent.id, world->now_us));
    } else if (reply->kind == CONTROL_ERROR) {
        shipments_refused(&world->shipments, index);
        scene_refused(scene, reply);
    }
}

static void ask_content(struct scene *scene, uint32_t index, uint64_t cursor)
{
    const struct shipment *shipment = &scene->world->shipments.list[index];
    struct control_request request = {.method = CONTROL_FILE_GET,
        .letter = span_of_text(shipment->id),
        .cursor = cursor};
    scene_request(scene, people_client(PEOPLE_CONTENT, index), &request);
}

/* A part, as a person's program has it; false: it makes no sense. */
static bool take_part(
    struct world *world, uint32_t index, const struct control_part *part)
{
    uint8_t bytes[LIMIT_FILE_PART_BYTES];
    size_t size = part->data.size / 2;
    if (size > sizeof(bytes) ||
        hex_decode((const char *)part->data.data, bytes, size))
        return false;
    return shipments_take(&world->shipments, index, (struct span){bytes, size},
               part->next == 0, world->now_us) == STATUS_OK;
}

static void content_replied(
    struct scene *scene, uint32_t index, const struct control_reply *reply)
{
    struct world *world = scene->world;
    bool is_right =
        reply->kind == CONTROL_PART && take_part(world, index, &reply->part);
    oracle_check(&world->oracle, is_right, 1, scene->node, world->now_us,
        "a file came out changed, or not to its end");
    if (is_right && reply->part.next)
        ask_content(scene, index, reply->part.next);
}

void people_file_replied(struct scene *scene, enum people_asker asker,
    uint32_t number, const struct control_reply *reply)
{
    if (asker == PEOPLE_SHIPMENT)
        shipment_replied(scene, number, reply);
    else
        content_replied(scene, number, reply);
}

void people_file_shown(struct scene *scene, const struct control_letter *letter)
{
    struct world *world = scene->world;
    uint32_t index;
    oracle_offered(&world->oracle, &world->shipments, letter->file, scene->node,
        world->now_us);
    if (shipments_find(&world->shipments, letter->file, &index) == STATUS_OK)
        world->shipments.list[index].offered++;
}

void people_file_noted(struct scene *scene, const struct control_file *file)
{
    struct shipments *shipments = &scene->world->shipments;
    uint32_t index;
    if (strcmp(file->state, "whole") != 0 ||
        shipments_find(shipments, file->name, &index) ||
        shipments->list[index].is_asked)
        return;
    struct shipment *shipment = &shipments->list[index];
    shipment->is_asked = true;
    memcpy(shipment->id, file->id, sizeof(shipment->id));
    ask_content(scene, index, 0);
}
