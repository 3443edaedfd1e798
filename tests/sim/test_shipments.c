/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in a file, and whether what comes out is that. */
#include <string.h>

#include "sim/letters.h"
#include "sim/shipments.h"
#include "tests/tap.h"

enum { BYTES = 20000, PART = 7001 };

static const char id[CONTROL_MESSAGE_ID_CHARS + 1] =
    "0123456789abcdef0123456789abcdef";
static const struct scenario plan = {.files = 6,
    .pairs = 2,
    .seed = 11,
    .first_us = 1000,
    .over_us = 9000,
    .file_least = BYTES,
    .lifetime_us = UINT64_C(7200000000)};
static const uint32_t homes[] = {3, 5, 7, 9, 11};

static void test_plan(const struct shipments *shipments)
{
    const struct shipment *list = shipments->list;
    ok(list[0].from == list[2].to && list[0].to == list[2].from &&
            list[0].from == list[4].from && list[1].from == list[3].to,
        "the two of a pair send in turn");
    ok(list[3].bytes == BYTES && list[3].life_h == 2 &&
            list[3].write_at_us >= 1000 && list[3].write_at_us <= 10000,
        "as planned");
}

static void test_names(const struct shipments *shipments)
{
    char name[SHIPMENTS_NAME_CHARS];
    uint32_t index = 9;
    ok(shipments_find(shipments, shipments_name(5, name), &index) ==
                STATUS_OK &&
            index == 5,
        "a file is found by its name");
    ok(shipments_find(shipments, span_of_text("f6.bin"), &index) &&
            shipments_find(shipments, span_of_text("f5.bi"), &index) &&
            shipments_find(shipments, span_of_text("f05.bin"), &index) &&
            shipments_find(shipments, span_of_text("f"), &index),
        "nothing else is one's name");
}

static void test_content(
    const struct shipments *shipments, const uint8_t whole[static BYTES])
{
    uint8_t piece[100], other[100];
    size_t good = 0;
    for (size_t from = 0; from < 40; from++) {
        shipments_content(shipments, 1, from, piece, sizeof(piece) - from);
        good += memcmp(piece, whole + from, sizeof(piece) - from) == 0;
    }
    ok(good == 40, "a content is the same wherever it is cut");
    shipments_content(shipments, 2, 0, other, sizeof(other));
    ok(memcmp(other, whole, sizeof(other)) != 0, "and another file's another");
}

/* Parts come out until one is refused; how many were taken. */
static int take_all(struct shipments *shipments, uint32_t index,
    const uint8_t *bytes, size_t size)
{
    int taken = 0;
    for (size_t from = 0; from < size; from += PART) {
        size_t left = size - from;
        struct span part = {bytes + from, left < PART ? left : PART};
        if (shipments_take(shipments, index, part, left <= PART, 50))
            break;
        taken++;
    }
    return taken;
}

static void test_take(struct shipments *shipments, uint8_t *whole)
{
    ok(take_all(shipments, 1, whole, BYTES) == 3 && shipments->whole == 1 &&
            shipments->list[1].whole_us == 50,
        "a file that comes out as it was sent is there");
    ok(take_all(shipments, 1, whole, BYTES) == 0 &&
            shipments->list[1].is_damaged,
        "once");
    shipments_content(shipments, 2, 0, whole, BYTES);
    whole[PART + 3] ^= 1;
    ok(take_all(shipments, 2, whole, BYTES) == 1 && shipments->whole == 1,
        "one with a wrong byte is not");
    whole[PART + 3] ^= 1;
    ok(take_all(shipments, 2, whole, BYTES) == 0, "nor when it comes again");
    shipments_content(shipments, 3, 0, whole, BYTES);
    ok(take_all(shipments, 3, whole, BYTES - 1) == 2 && shipments->whole == 1,
        "nor one that lacks its last byte");
    shipments_content(shipments, 4, 0, whole, BYTES + 1);
    ok(take_all(shipments, 4, whole, BYTES + 1) == 2 && shipments->whole == 1,
        "nor one that has a byte too many");
}

static void test_counts(struct shipments *shipments)
{
    need(shipments_sent(shipments, 1, id, 40) == STATUS_OK);
    shipments_receipt(shipments, id, 60);
    shipments_receipt(shipments, id, 70);
    shipments_refused(shipments, 0);
    ok(shipments->sent == 1 && shipments->receipts == 1 &&
            shipments->list[1].receipt_us == 60 && shipments->refused == 1,
        "what was sent, confirmed and refused is counted once");
    struct shipment shipment = {.sent_us = 5, .life_h = 1};
    ok(!shipments_is_late(&shipment), "what never came is not late");
    shipment.whole_us = UINT64_C(3600000005);
    ok(!shipments_is_late(&shipment), "nor what came at the last moment");
    shipment.whole_us++;
    ok(shipments_is_late(&shipment), "what came after it is");
}

int main(void)
{
    static uint8_t whole[BYTES + 1];
    struct shipments shipments;
    need(shipments_init(&shipments, &plan, homes, 5) == STATUS_OK);
    shipments_content(&shipments, 1, 0, whole, BYTES);
    test_plan(&shipments);
    test_names(&shipments);
    test_content(&shipments, whole);
    test_take(&shipments, whole);
    test_counts(&shipments);
    shipments_clear(&shipments);
    return tap_done();
}
