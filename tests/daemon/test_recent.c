/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "daemon/recent.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "tests/tap.h"

static struct recent recent;
static uint8_t frame[LIMIT_FRAME_BYTES];

static struct envelope_id id_of(uint32_t number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

/* A frame of that size whose every byte is its number's. */
static void put(uint32_t number, size_t size)
{
    struct envelope_id id = id_of(number);
    memset(frame, (int)(number % 251), size);
    recent_put(&recent, &id,
        &(struct transport_frame){.bytes = {frame, size}, .held = number});
}

static bool holds(uint32_t number, size_t size)
{
    struct envelope_id id = id_of(number);
    struct transport_frame found;
    if (!recent_find(&recent, &id, &found) || found.bytes.size != size ||
        found.held != number)
        return false;
    for (size_t i = 0; i < size; i++)
        if (found.bytes.data[i] != number % 251)
            return false;
    return true;
}

static void test_few(void)
{
    put(1, 100);
    put(2, 2048);
    ok(holds(1, 100) && holds(2, 2048), "frames are found by their ids");
    put(1, 50);
    ok(holds(1, 50), "the newer of one id is found");
    struct envelope_id id = id_of(1);
    recent_drop(&recent, &id);
    ok(!holds(1, 50) && holds(2, 2048), "what is dropped is gone, alone");
    put(2 + RECENT_SLOTS, 64);
    ok(holds(2 + RECENT_SLOTS, 64) && !holds(2, 2048),
        "of two ids that meet the later stays");
    id = id_of(2);
    recent_drop(&recent, &id);
    ok(holds(2 + RECENT_SLOTS, 64), "and is not dropped for the other");
}

/* Sizes that do not divide the ring, many times round. */
static void test_round(void)
{
    enum { FRAMES = 1000, SIZE = 2061 };
    bool last = true, right = true;
    size_t found = 0;
    for (uint32_t i = 0; i < FRAMES; i++) {
        put(i, SIZE);
        last = last && holds(i, SIZE);
    }
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct envelope_id id = id_of(i);
        struct transport_frame found_frame;
        bool there = recent_find(&recent, &id, &found_frame);
        found += there;
        right = right && (!there || holds(i, SIZE));
    }
    ok(last, "what was put last is always there");
    ok(right, "what is found is whole");
    ok(found == RECENT_BYTES / SIZE, "the ring holds what fits and no more");
}

int main(void)
{
    if (recent_init(&recent))
        return 1;
    test_few();
    test_round();
    recent_clear(&recent);
    return tap_done();
}
