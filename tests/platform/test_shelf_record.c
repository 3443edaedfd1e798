/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/shelf_record.h"

#include <string.h>

#include "tests/tap.h"

static struct shelf_record record_of(enum shelf_row_state state)
{
    struct shelf_record record = {
        .row = {.expires_h = 487654,
            .bytes = 2048,
            .stamp_bits = 17,
            .state = state},
        .slot = 123456,
        .serial = UINT64_C(0x0102030405060708),
    };
    memset(record.row.id.bytes, 1, sizeof(record.row.id.bytes));
    memset(record.row.tag.bytes, 2, sizeof(record.row.tag.bytes));
    if (state == SHELF_ROW_CLEARED)
        memset(record.row.opening.bytes, 4, sizeof(record.row.opening.bytes));
    else
        memset(record.row.receipt_hash.bytes, 3,
            sizeof(record.row.receipt_hash.bytes));
    return record;
}

static bool is_same(const struct shelf_record *a, const struct shelf_record *b)
{
    return envelope_id_equal(&a->row.id, &b->row.id) &&
           memcmp(&a->row.tag, &b->row.tag, sizeof(a->row.tag)) == 0 &&
           memcmp(&a->row.receipt_hash, &b->row.receipt_hash,
               sizeof(a->row.receipt_hash)) == 0 &&
           memcmp(&a->row.opening, &b->row.opening, sizeof(a->row.opening)) ==
               0 &&
           a->row.expires_h == b->row.expires_h &&
           a->row.bytes == b->row.bytes &&
           a->row.stamp_bits == b->row.stamp_bits &&
           a->row.state == b->row.state && a->slot == b->slot &&
           a->serial == b->serial;
}

static bool comes_back(enum shelf_row_state state)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    struct shelf_record record = record_of(state), got;
    shelf_record_encode(&record, bytes);
    return shelf_record_decode(bytes, &got) == STATUS_OK &&
           is_same(&record, &got);
}

/* Each bit of a record, turned around, is seen. */
static bool every_bit_counts(void)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    struct shelf_record record = record_of(SHELF_ROW_STORED), got;
    shelf_record_encode(&record, bytes);
    for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (shelf_record_decode(bytes, &got) != STATUS_INVALID)
            return false;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    return shelf_record_decode(bytes, &got) == STATUS_OK;
}

static void test_head(void)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    const struct shelf_head head = {SHELF_FORMAT, 77};
    struct shelf_head got;
    struct shelf_record record;
    shelf_head_encode(&head, bytes);
    ok(shelf_head_decode(bytes, &got) == STATUS_OK &&
            got.format == SHELF_FORMAT && got.synced == 77,
        "a head comes back");
    ok(shelf_record_decode(bytes, &record) == STATUS_INVALID,
        "and is no record");
    bytes[20] ^= 1;
    ok(shelf_head_decode(bytes, &got) == STATUS_INVALID,
        "a damaged one is refused");
    record = record_of(SHELF_ROW_STORED);
    shelf_record_encode(&record, bytes);
    ok(shelf_head_decode(bytes, &got) == STATUS_INVALID, "and so is a record");
}

int main(void)
{
    uint8_t bytes[SHELF_RECORD_BYTES] = {0};
    struct shelf_record record;
    ok(comes_back(SHELF_ROW_STORED) && comes_back(SHELF_ROW_CLEARED) &&
            comes_back(SHELF_ROW_EVICTED),
        "a record of each state comes back whole");
    ok(every_bit_counts(), "no bit of it can be turned unseen");
    ok(shelf_record_decode(bytes, &record) == STATUS_NOT_FOUND,
        "zeros are no record");
    record = record_of(SHELF_ROW_STORED);
    record.row.bytes = 32769;
    shelf_record_encode(&record, bytes);
    ok(shelf_record_decode(bytes, &record) == STATUS_INVALID,
        "an envelope of more bytes than there are is refused");
    test_head();
    return tap_done();
}
