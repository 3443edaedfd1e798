/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for a link: what goes first, and what still finds room. */
#include "platform/transport_queue.h"

#include <string.h>

#include "tests/tap.h"

enum { MAXIMUM = 64 * 1024, FRAME = 1000 };

static struct transport_queue queue;

static enum status put_in(enum transport_rank rank, uint32_t flow, uint8_t mark)
{
    uint8_t bytes[FRAME];
    memset(bytes, mark, sizeof(bytes));
    return transport_queue_push(&queue, (struct transport_lane){rank, flow},
        (struct span){bytes, sizeof(bytes)}, MAXIMUM);
}

static enum status put(enum transport_rank rank, uint8_t mark)
{
    return put_in(rank, 0, mark);
}

/* By many, a frame each. */
static size_t fill(enum transport_rank rank)
{
    uint32_t flow = 1;
    while (put_in(rank, flow++, 9) == STATUS_OK)
        continue;
    return queue.bytes;
}

static void flows_have_turns(void)
{
    size_t cost = transport_queue_cost(FRAME), open = MAXIMUM / 8 * 6;
    size_t flood = 0, other = 0;
    while (put_in(TRANSPORT_FORWARD, 1, 1) == STATUS_OK)
        flood++;
    ok(flood * cost <= open / 9 * 8 && (flood + 1) * cost > open / 9 * 8 - cost,
        "one flow leaves a ninth of what is open");
    while (put_in(TRANSPORT_FORWARD, 2, 2) == STATUS_OK)
        other++;
    ok(other >= open / 9 / cost / 2, "where another finds room");
    ok(put_in(TRANSPORT_FORWARD, 1, 1) == STATUS_AGAIN,
        "and the first has none the more");
    size_t waited = 0;
    while (other > 0) {
        other -= transport_queue_first(&queue).data[0] == 2;
        transport_queue_pop(&queue);
        waited++;
    }
    ok(waited < flood / 2, "which does not wait for all that was there before");
    transport_queue_clear(&queue);
}

int main(void)
{
    ok(transport_queue_is_empty(&queue), "a queue begins empty");
    static const enum transport_rank ranks[] = {TRANSPORT_RECONCILE,
        TRANSPORT_FORWARD, TRANSPORT_CONTROL, TRANSPORT_FORWARD,
        TRANSPORT_RECEIPT, TRANSPORT_CONTROL};
    for (uint8_t i = 0; i < 6; i++)
        need(put(ranks[i], i) == STATUS_OK);
    static const uint8_t order[] = {2, 5, 4, 1, 3, 0};
    bool ordered = true;
    for (int i = 0; i < 6; i++) {
        ordered &= transport_queue_first(&queue).data[0] == order[i];
        transport_queue_pop(&queue);
    }
    ok(ordered && transport_queue_is_empty(&queue) && queue.bytes == 0,
        "higher ranks leave first, each in its order");
    size_t cost = transport_queue_cost(FRAME);
    size_t half = fill(TRANSPORT_RECONCILE);
    ok(half <= MAXIMUM / 2 && half > MAXIMUM / 2 - cost,
        "reconciliation fills half of it");
    size_t more = fill(TRANSPORT_FORWARD);
    ok(more <= MAXIMUM / 4 * 3 && more > MAXIMUM / 4 * 3 - cost,
        "what is forwarded three quarters");
    ok(put(TRANSPORT_RECONCILE, 9) == STATUS_AGAIN &&
            put(TRANSPORT_RECEIPT, 9) == STATUS_OK,
        "then a receipt still finds room");
    size_t all = (fill(TRANSPORT_RECEIPT), fill(TRANSPORT_CONTROL));
    ok(all <= MAXIMUM && all > MAXIMUM - cost, "and control all of it");
    transport_queue_clear(&queue);
    ok(transport_queue_is_empty(&queue) && queue.bytes == 0, "and is cleared");
    flows_have_turns();
    return tap_done();
}
