/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for a link in memory: its bytes are kept as they were, and those
 * of what is demoted are not.  What goes first and what is demoted is tested in
 * tests/proto/test_lanes.c. */
#include "platform/transport_queue.h"

#include <string.h>

#include "platform/transport_demotions.h"
#include "proto/limits.h"
#include "tests/tap.h"

enum { MAXIMUM = 64 * 1024, FRAME = 1000 };

static struct transport_queue queue;
static struct lanes_terms terms = {1000, MAXIMUM, SIZE_MAX / 2};

static struct envelope_id id_of(unsigned number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

static enum status put(enum lane_rank rank, uint8_t mark, bool is_forward)
{
    uint8_t bytes[FRAME];
    const struct envelope_id id = id_of(mark);
    memset(bytes, mark, sizeof(bytes));
    const struct transport_frame frame = {
        .bytes = {bytes, sizeof(bytes)}, .forward = is_forward ? &id : NULL};
    return transport_queue_push(&queue, (struct lane){rank, 0}, &frame, &terms);
}

static bool is_first(enum lane_rank rank, uint8_t mark)
{
    uint8_t bytes[FRAME];
    memset(bytes, mark, sizeof(bytes));
    struct span first = transport_queue_first(&queue);
    return transport_queue_lane(&queue).rank == rank && first.size == FRAME &&
           memcmp(first.data, bytes, FRAME) == 0;
}

static bool demoted(unsigned number)
{
    struct envelope_id id = id_of(99), expected = id_of(number);
    return transport_queue_take_demoted(&queue, &id) &&
           envelope_id_equal(&id, &expected);
}

static void frames_are_kept(void)
{
    struct envelope_id unused;
    ok(transport_queue_is_empty(&queue) &&
            !transport_queue_take_demoted(&queue, &unused),
        "a queue begins empty");
    need(put(LANE_FORWARD, 1, true) == STATUS_OK);
    need(put(LANE_CONTROL, 2, false) == STATUS_OK);
    need(put(LANE_FORWARD, 3, true) == STATUS_OK);
    bool first = is_first(LANE_CONTROL, 2);
    transport_queue_pop(&queue);
    ok(first && is_first(LANE_FORWARD, 1), "frames are kept, and go by rank");
    transport_queue_pop(&queue);
    transport_queue_pop(&queue);
    ok(transport_queue_is_empty(&queue) && queue.lanes.bytes == 0,
        "until none is left");
}

static void forwards_are_demoted(void)
{
    struct envelope_id unused;
    need(put(LANE_FORWARD, 1, true) == STATUS_OK);
    need(put(LANE_FORWARD, 2, false) == STATUS_OK);
    lanes_pass_time(&queue.lanes, terms.now_ms + LIMIT_FORWARD_STALE_MS);
    ok(demoted(1) && !transport_queue_take_demoted(&queue, &unused),
        "of a forward that is stale the envelope is told");
    ok(is_first(LANE_FORWARD, 2), "and what was asked for stays");
    while (put(LANE_FORWARD, 3, false) == STATUS_OK)
        continue;
    ok(put(LANE_FORWARD, 4, false) == STATUS_AGAIN, "until it is full");
    transport_queue_clear(&queue);
    uint8_t mark = 0;
    while (!queue.lanes.demoted)
        need(put(LANE_FORWARD, ++mark, true) == STATUS_OK);
    ok(demoted(1), "of one that is in the way as well");
    need(put(LANE_FORWARD, ++mark, true) == STATUS_OK && queue.lanes.demoted);
    transport_queue_clear(&queue);
    ok(transport_queue_is_empty(&queue) && queue.lanes.bytes == 0 &&
            !transport_queue_take_demoted(&queue, &unused),
        "what is cleared is gone, demoted or not");
}

static bool takes(
    struct transport_demotions *demotions, uint32_t link, unsigned number)
{
    struct transport_demoted out;
    struct envelope_id id = id_of(number);
    return transport_demotions_take(demotions, &out) && out.link == link &&
           out.is_known == (number > 0) &&
           (!out.is_known || envelope_id_equal(&out.id, &id));
}

static void demotions_are_bounded(void)
{
    struct transport_demotions demotions;
    bool in_order = true;
    need(transport_demotions_init(&demotions, 2) == STATUS_OK);
    for (unsigned i = 1; i <= 3 * TRANSPORT_DEMOTIONS; i++) {
        const struct envelope_id id = id_of(i);
        transport_demotions_add(&demotions, 5, &id);
        in_order &= i % 2 == 0 || takes(&demotions, 5, i / 2 + 1);
        if (demotions.count == TRANSPORT_DEMOTIONS)
            break;
    }
    ok(in_order, "demotions are told in order");
    const struct envelope_id more = id_of(7777);
    for (uint32_t link = 5; link < 9; link++)
        for (int i = 0; i < 3; i++)
            transport_demotions_add(&demotions, link, &more);
    for (unsigned i = 0; i < TRANSPORT_DEMOTIONS; i++) {
        struct transport_demoted out;
        in_order &= transport_demotions_take(&demotions, &out) && out.is_known;
    }
    ok(in_order && takes(&demotions, 5, 0) && takes(&demotions, 6, 0) &&
            demotions.count == 0,
        "of too many it is told once a link that there are such");
    transport_demotions_clear(&demotions);
}

int main(void)
{
    frames_are_kept();
    forwards_are_demoted();
    demotions_are_bounded();
    return tap_done();
}
