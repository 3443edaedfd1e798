/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file's content is a function of the seed and its number, so nobody keeps
 * one to compare with: what comes out is held against what is drawn again,
 * byte by byte, which is no less than its hash would say. */
#include "sim/shipments.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/letters.h"
#include "sim/noise.h"

/* What a file's draws are for, by their counter; content comes behind. */
enum { DRAW_SIZE, DRAW_TIME, DRAW_LIFE, DRAW_URGENT, DRAW_CONTENT = 16 };
enum { WORD_BYTES = 8, PIECE_BYTES = 4096 };

struct by_id {
    char id[CONTROL_MESSAGE_ID_CHARS];
    uint32_t index;
};

static void draw(const struct scenario *s, uint32_t nodes, uint32_t index,
    struct shipment *out)
{
    uint64_t span =
        s->file_most ? s->file_most - s->file_least + 1 : UINT64_C(1);
    uint64_t size = noise(s->seed, index, NOISE_FILES, DRAW_SIZE);
    uint64_t time = noise(s->seed, index, NOISE_FILES, DRAW_TIME);
    uint64_t life = noise(s->seed, index, NOISE_FILES, DRAW_LIFE);
    uint64_t haste = noise(s->seed, index, NOISE_FILES, DRAW_URGENT);
    *out = (struct shipment){
        .bytes = (uint32_t)(s->file_least + noise_below(size, span)),
        .life_h = letters_life_h(s, life),
        .urgent = noise_hits(haste, s->urgent_ppm),
        .write_at_us = s->first_us + noise_below(time, s->over_us + 1),
    };
    letters_draw_ends(s, nodes, index, &out->from, &out->to);
}

enum status shipments_init(struct shipments *shipments,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count)
{
    *shipments = (struct shipments){
        .count = (uint32_t)scenario->files, .seed = scenario->seed};
    shipments->list = calloc(shipments->count + 1ul, sizeof(*shipments->list));
    if (!shipments->list)
        return STATUS_NO_MEMORY;
    table_init(&shipments->by_id, CONTROL_MESSAGE_ID_CHARS,
        sizeof(struct by_id), shipments->count, 0);
    for (uint32_t i = 0; i < shipments->count; i++) {
        struct shipment *shipment = &shipments->list[i];
        draw(scenario, count, i, shipment);
        shipment->from = homes[shipment->from];
        shipment->to = homes[shipment->to];
    }
    return STATUS_OK;
}

void shipments_clear(struct shipments *shipments)
{
    free(shipments->list);
    table_clear(&shipments->by_id);
    *shipments = (struct shipments){0};
}

struct span shipments_name(
    uint32_t index, char out[static SHIPMENTS_NAME_CHARS])
{
    snprintf(out, SHIPMENTS_NAME_CHARS, "f%" PRIu32 ".bin", index);
    return span_of_text(out);
}

enum status shipments_find(
    const struct shipments *shipments, struct span name, uint32_t *index)
{
    char expected[SHIPMENTS_NAME_CHARS];
    uint32_t number;
    size_t end;
    if (name.size < 2 || name.data[0] != 'f' ||
        letters_number(name, 1, shipments->count, &number, &end) != STATUS_OK ||
        !span_equal(name, shipments_name(number, expected)))
        return STATUS_NOT_FOUND;
    *index = number;
    return STATUS_OK;
}

void shipments_content(const struct shipments *shipments, uint32_t index,
    size_t from, uint8_t *out, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t at = from + done, within = at % WORD_BYTES;
        uint64_t bits = noise(shipments->seed, index, NOISE_FILES,
            DRAW_CONTENT + at / WORD_BYTES);
        for (bits >>= 8 * within; within < WORD_BYTES && done < size;
             within++, bits >>= 8)
            out[done++] = (uint8_t)bits;
    }
}

static bool is_right(const struct shipments *shipments, uint32_t index,
    size_t from, struct span piece)
{
    uint8_t expected[PIECE_BYTES];
    if (piece.size > shipments->list[index].bytes - from)
        return false;
    for (size_t done = 0; done < piece.size;) {
        size_t left = piece.size - done;
        size_t size = left < sizeof(expected) ? left : sizeof(expected);
        shipments_content(shipments, index, from + done, expected, size);
        if (memcmp(expected, piece.data + done, size) != 0)
            return false;
        done += size;
    }
    return true;
}

enum status shipments_take(struct shipments *shipments, uint32_t index,
    struct span piece, bool is_last, uint64_t now_us)
{
    struct shipment *shipment = &shipments->list[index];
    if (shipment->is_out || shipment->is_damaged ||
        !is_right(shipments, index, shipment->taken, piece))
        shipment->is_damaged = true;
    else
        shipment->taken += (uint32_t)piece.size;
    if (is_last && shipment->taken != shipment->bytes)
        shipment->is_damaged = true;
    if (shipment->is_damaged)
        return STATUS_INVALID;
    if (!is_last)
        return STATUS_OK;
    shipment->is_out = true;
    shipment->whole_us = now_us;
    shipments->whole++;
    return STATUS_OK;
}

enum status shipments_sent(struct shipments *shipments, uint32_t index,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    void *added;
    enum status status = table_add(&shipments->by_id, id, &added);
    if (status)
        return status;
    ((struct by_id *)added)->index = index;
    assert(shipments->list[index].sent_us == LETTERS_NEVER);
    shipments->list[index].sent_us = now_us;
    shipments->sent++;
    return STATUS_OK;
}

void shipments_refused(struct shipments *shipments, uint32_t index)
{
    shipments->list[index].refused = true;
    shipments->refused++;
}

void shipments_receipt(struct shipments *shipments,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us)
{
    const struct by_id *entry = table_find(&shipments->by_id, id);
    if (!entry || shipments->list[entry->index].receipt_us != LETTERS_NEVER)
        return;
    shipments->list[entry->index].receipt_us = now_us;
    shipments->receipts++;
}

bool shipments_is_late(const struct shipment *shipment)
{
    return shipment->whole_us != LETTERS_NEVER &&
           shipment->whole_us > shipment->sent_us + shipment->life_h * HOUR_S *
                                                        UINT64_C(1000000);
}
