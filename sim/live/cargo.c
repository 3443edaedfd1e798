/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node takes one file at a time of a program, and the next piece of it once
 * it has answered for the last, so no more than a piece is ever under way.
 * Files come out part by part; after a crash, a file that was being handed over
 * is begun anew, and one that was coming out goes on where it was. */
#include "config.h"

#include "sim/live/cargo.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "proto/limits.h"
#include "sim/live/course_state.h"
#include "sim/live/errand.h"

enum { PIECE_BYTES = CONTROL_DATA_CHARS / 2 };

struct piece {
    uint8_t bytes[PIECE_BYTES];
    char text[2 * PIECE_BYTES + 1];
};

/* Sending. */

static void ask_about(
    struct course *course, uint32_t index, struct control_request *request)
{
    const struct shipment *shipment =
        &course_world(course)->shipments.list[index];
    const struct errand errand = {shipment->from, ERRAND_SHIPMENT, index};
    errand_ask(course, &errand, request);
}

void cargo_ship(struct course *course, uint32_t index)
{
    const struct shipment *shipment =
        &course_world(course)->shipments.list[index];
    struct folk_shipment *going = &course->folk.shipments[index];
    char name[SHIPMENTS_NAME_CHARS], contact[ERRAND_NAME_CHARS];
    going->waits = course->folk.is_handing[shipment->from];
    if (going->waits)
        return;
    course->folk.is_handing[shipment->from] = true;
    going->handed = 0;
    struct control_request request = {.method = CONTROL_FILE_SEND,
        .name = errand_name(shipment->to, contact),
        .file = shipments_name(index, name),
        .size = shipment->bytes,
        .life_h = shipment->life_h,
        .urgent = shipment->urgent};
    errand_begin(course, &going->writing);
    ask_about(course, index, &request);
}

static void hand_over(struct course *course, uint32_t index)
{
    const struct shipments *shipments = &course_world(course)->shipments;
    struct folk_shipment *going = &course->folk.shipments[index];
    struct piece *piece = malloc(sizeof(*piece));
    world_need(piece ? STATUS_OK : STATUS_NO_MEMORY);
    size_t left = shipments->list[index].bytes - going->handed;
    size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
    shipments_content(shipments, index, going->handed, piece->bytes, size);
    hex_encode((struct span){piece->bytes, size}, piece->text);
    struct control_request request = {.method = CONTROL_FILE_MORE,
        .cursor = going->handed,
        .data = {(const uint8_t *)piece->text, 2 * size}};
    ask_about(course, index, &request);
    going->handed += (uint32_t)size;
    free(piece);
}

/* Their next file, if one waits. */
static void go_on(struct course *course, uint32_t node)
{
    const struct shipments *shipments = &course_world(course)->shipments;
    course->folk.is_handing[node] = false;
    for (uint32_t i = 0; i < shipments->count; i++)
        if (shipments->list[i].from == node &&
            course->folk.shipments[i].waits) {
            cargo_ship(course, i);
            return;
        }
}

static void was_sent(struct course *course, uint32_t index, const char *id)
{
    struct shipments *shipments = &course_world(course)->shipments;
    if (shipments->list[index].sent_us == LETTERS_NEVER)
        world_need(shipments_sent(shipments, index, id,
            course->folk.shipments[index].writing.asked_us));
}

void cargo_replied(
    struct course *course, uint32_t index, const struct control_reply *reply)
{
    struct shipments *shipments = &course_world(course)->shipments;
    const struct shipment *shipment = &shipments->list[index];
    if (reply->kind == CONTROL_DONE) {
        hand_over(course, index);
        return;
    }
    if (reply->kind == CONTROL_SENT) {
        was_sent(course, index, reply->sent.id);
    } else if (shipment->sent_us == LETTERS_NEVER) {
        shipments_refused(shipments, index);
        errand_refused(course, shipment->from, reply);
    }
    go_on(course, shipment->from);
}

/* Receiving. */

void cargo_shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new)
{
    struct world *world = course_world(course);
    uint32_t index = 0;
    bool is_known =
        shipments_find(&world->shipments, letter->file, &index) == STATUS_OK;
    struct shipment *shipment = &world->shipments.list[index];
    const struct folk_writing *writing = &course->folk.shipments[index].writing;
    if (is_known && shipment->offered > 0 && (!is_new || writing->times > 1))
        return;
    oracle_offered(
        &world->oracle, &world->shipments, letter->file, node, world->now_us);
    if (!is_known)
        return;
    oracle_check(&world->oracle,
        errand_is_in_time(course, shipment->from, writing, letter), 1, node,
        world->now_us, "a file's letter has not the time of its writer");
    was_sent(course, index, letter->id);
    shipment->offered++;
}

/* Parts are counted from where the last one ended. */
static void ask_content(struct course *course, uint32_t index)
{
    const struct shipment *shipment =
        &course_world(course)->shipments.list[index];
    struct control_request request = {.method = CONTROL_FILE_GET,
        .letter = span_of_text(shipment->id),
        .cursor = shipment->taken / LIMIT_FILE_PART_BYTES};
    const struct errand errand = {shipment->to, ERRAND_CONTENT, index};
    errand_ask(course, &errand, &request);
}

void cargo_noted(
    struct course *course, uint32_t node, const struct control_file *file)
{
    struct shipments *shipments = &course_world(course)->shipments;
    uint32_t index;
    if (!errand_is_up(course, node) || strcmp(file->state, "whole") != 0 ||
        shipments_find(shipments, file->name, &index) ||
        shipments->list[index].to != node || shipments->list[index].is_asked)
        return;
    struct shipment *shipment = &shipments->list[index];
    shipment->is_asked = true;
    memcpy(shipment->id, file->id, sizeof(shipment->id));
    ask_content(course, index);
}

/* A part, as a person's program has it; false: it makes no sense. */
static bool take_part(
    struct course *course, uint32_t index, const struct control_part *part)
{
    struct shipments *shipments = &course_world(course)->shipments;
    uint8_t bytes[LIMIT_FILE_PART_BYTES];
    size_t size = part->data.size / 2;
    if (size > sizeof(bytes) ||
        hex_decode((const char *)part->data.data, bytes, size))
        return false;
    return shipments_take(shipments, index, (struct span){bytes, size},
               part->next == 0, course_state_now_us(course)) == STATUS_OK;
}

void cargo_came_out(
    struct course *course, uint32_t index, const struct control_reply *reply)
{
    struct world *world = course_world(course);
    bool is_right =
        reply->kind == CONTROL_PART && take_part(course, index, &reply->part);
    oracle_check(&world->oracle, is_right, 1, world->shipments.list[index].to,
        world->now_us, "a file came out changed, or not to its end");
    if (is_right && reply->part.next)
        ask_content(course, index);
}

void cargo_forget(struct course *course, uint32_t node)
{
    struct shipments *shipments = &course_world(course)->shipments;
    course->folk.is_handing[node] = false;
    for (uint32_t i = 0; i < shipments->count; i++) {
        struct shipment *shipment = &shipments->list[i];
        if (shipment->to == node && !shipment->is_out && !shipment->is_damaged)
            shipment->is_asked = false;
    }
}
