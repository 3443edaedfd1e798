/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared desk of the rooms.  Memory that fails is remembered once, here:
 * the relay is given up after it, so that what the rooms wrote meanwhile does
 * not matter as long as it was written somewhere. */
#include "relay/turn.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

enum { TURN_FIRST_ELEMENTS = 4 };

const struct peer *turn_peer(const struct turn *turn, uint32_t link)
{
    for (size_t i = 0; i < turn->peers->count; i++)
        if (turn->peers->list[i].link == link)
            return &turn->peers->list[i];
    return NULL;
}

uint32_t turn_hour(const struct turn *turn)
{
    return (uint32_t)(turn->clock_s / HOUR_S);
}

void turn_refuse(struct turn *turn, enum refusal why)
{
    turn->refused[why]++;
}

struct relay_effect *turn_effect(struct turn *turn, enum relay_effect_kind kind)
{
    struct relay_effect *effect;
    enum status status = relay_effects_add(turn->effects, kind, &effect);
    if (status) {
        turn->status = status;
        return &turn->effects->spare;
    }
    effect->from = turn->from;
    return effect;
}

struct relay_effect *turn_effect_on(struct turn *turn,
    enum relay_effect_kind kind, const struct envelope_id *id)
{
    struct relay_effect *effect = turn_effect(turn, kind);
    effect->id = *id;
    return effect;
}

void *turn_alloc(struct turn *turn, size_t size)
{
    void *out = NULL;
    enum status status = relay_effects_alloc(turn->effects, size, &out);
    if (status)
        turn->status = status;
    return out;
}

struct frame *turn_send(struct turn *turn, uint32_t link, enum frame_type type)
{
    struct relay_effect *effect = turn_effect(turn, RELAY_SEND);
    effect->link = link;
    effect->frame.type = type;
    return &effect->frame;
}

void turn_waits(struct turn *turn, const struct envelope_id *id, uint8_t bits)
{
    turn_effect_on(turn, RELAY_WAITS, id)->stamp.bits = bits;
}

void turn_push(struct turn *turn, uint32_t link, const struct envelope_id *id)
{
    turn_effect_on(turn, RELAY_PUSH, id)->link = link;
}

void turn_forward(
    struct turn *turn, uint32_t link, const struct envelope_id *id)
{
    struct relay_effect *effect = turn_effect_on(turn, RELAY_PUSH, id);
    effect->link = link;
    effect->is_forward = turn->from != 0;
}

void turn_receipt(struct turn *turn, uint32_t link,
    const struct envelope_id *id, const struct opening *opening)
{
    struct frame *frame = turn_send(turn, link, FRAME_RECEIPT);
    frame->receipt.id = *id;
    frame->receipt.opening = *opening;
}

enum status turn_grow(struct turn *turn, void **list, size_t count,
    size_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return STATUS_OK;
    size_t more = *capacity ? *capacity * 2 : TURN_FIRST_ELEMENTS;
    void *grown = realloc(*list, more * element_bytes);
    if (!grown) {
        turn->status = STATUS_NO_MEMORY;
        return STATUS_NO_MEMORY;
    }
    *list = grown;
    *capacity = more;
    return STATUS_OK;
}
