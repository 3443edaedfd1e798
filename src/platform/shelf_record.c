/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed places, and a sum over them that finds what a failing disk did.  Not
 * what a person did: who can write here can also make the sum. */
#include "platform/shelf_record.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "proto/limits.h"

enum {
    AT_ID = 0,
    AT_TAG = 16,
    AT_PROOF = 32, /* the receipt's hash, and once cleared its opening */
    AT_SERIAL = 64,
    AT_EXPIRES = 72,
    AT_SLOT = 76,
    AT_BYTES = 80,
    AT_STATE = 84,
    AT_BITS = 85,
    AT_ZEROS = 88,
    AT_SUM = 120,
};

static const char head_magic[16] = "Sotto's shelf\n\r";

enum { AT_FORMAT = 16, AT_SYNCED = 20 };

/* In one store and one load: what was just stored in pieces is slow to load
 * whole, as it waits for all that was stored before. */
static void put_word(uint8_t *at, uint64_t word)
{
    uint64_t bytes = htobe64(word);
    memcpy(at, &bytes, sizeof(bytes));
}

static uint64_t word_at(const uint8_t *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return be64toh(bytes);
}

/* After FNV-1a (Fowler, Noll and Vo), eight bytes a step. */
static uint64_t sum(const uint8_t bytes[static AT_SUM])
{
    uint64_t state = UINT64_C(0xcbf29ce484222325);
    for (size_t at = 0; at < AT_SUM; at += 8) {
        state = (state ^ word_at(bytes + at)) * UINT64_C(0x100000001b3);
        state ^= state >> 32;
    }
    return state;
}

static void seal(uint8_t bytes[static SHELF_RECORD_BYTES])
{
    put_word(bytes + AT_SUM, sum(bytes));
}

static bool is_sealed(const uint8_t bytes[static SHELF_RECORD_BYTES])
{
    return number_get(bytes + AT_SUM, 8) == sum(bytes);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

void shelf_record_encode(
    const struct shelf_record *record, uint8_t out[static SHELF_RECORD_BYTES])
{
    const struct shelf_row *row = &record->row;
    memcpy(out + AT_ID, row->id.bytes, sizeof(row->id.bytes));
    memcpy(out + AT_TAG, row->tag.bytes, sizeof(row->tag.bytes));
    if (row->state == SHELF_ROW_CLEARED)
        memcpy(out + AT_PROOF, row->opening.bytes, sizeof(row->opening.bytes));
    else
        memcpy(out + AT_PROOF, row->receipt_hash.bytes,
            sizeof(row->receipt_hash.bytes));
    put_word(out + AT_SERIAL, record->serial);
    put_word(out + AT_EXPIRES, (uint64_t)row->expires_h << 32 | record->slot);
    put_word(out + AT_BYTES, (uint64_t)row->bytes << 32 |
                                 (uint64_t)(uint8_t)row->state << 24 |
                                 (uint64_t)row->stamp_bits << 16);
    memset(out + AT_ZEROS, 0, AT_SUM - AT_ZEROS);
    seal(out);
}

enum status shelf_record_decode(
    const uint8_t bytes[static SHELF_RECORD_BYTES], struct shelf_record *out)
{
    struct shelf_record record = {
        .serial = number_get(bytes + AT_SERIAL, 8),
        .slot = (uint32_t)number_get(bytes + AT_SLOT, 4),
        .row = {.expires_h = (uint32_t)number_get(bytes + AT_EXPIRES, 4),
            .bytes = (uint32_t)number_get(bytes + AT_BYTES, 4),
            .stamp_bits = bytes[AT_BITS]},
    };
    struct shelf_row *row = &record.row;
    if (is_zero(bytes, SHELF_RECORD_BYTES))
        return STATUS_NOT_FOUND;
    if (!is_sealed(bytes) || bytes[AT_STATE] > SHELF_ROW_EVICTED ||
        row->bytes == 0 || row->bytes > LIMIT_ENVELOPE_BYTES)
        return STATUS_INVALID;
    row->state = (enum shelf_row_state)bytes[AT_STATE];
    memcpy(row->id.bytes, bytes + AT_ID, sizeof(row->id.bytes));
    memcpy(row->tag.bytes, bytes + AT_TAG, sizeof(row->tag.bytes));
    if (row->state == SHELF_ROW_CLEARED)
        memcpy(
            row->opening.bytes, bytes + AT_PROOF, sizeof(row->opening.bytes));
    else
        memcpy(row->receipt_hash.bytes, bytes + AT_PROOF,
            sizeof(row->receipt_hash.bytes));
    *out = record;
    return STATUS_OK;
}

void shelf_head_encode(
    const struct shelf_head *head, uint8_t out[static SHELF_RECORD_BYTES])
{
    memset(out, 0, SHELF_RECORD_BYTES);
    memcpy(out, head_magic, sizeof(head_magic));
    number_put(out + AT_FORMAT, 4, head->format);
    number_put(out + AT_SYNCED, 8, head->synced);
    seal(out);
}

enum status shelf_head_decode(
    const uint8_t bytes[static SHELF_RECORD_BYTES], struct shelf_head *out)
{
    if (memcmp(bytes, head_magic, sizeof(head_magic)) != 0 || !is_sealed(bytes))
        return STATUS_INVALID;
    out->format = (uint32_t)number_get(bytes + AT_FORMAT, 4);
    out->synced = number_get(bytes + AT_SYNCED, 8);
    return STATUS_OK;
}
