/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for a link: what goes first, what still finds room, and what is
 * demoted, when and for whom. */
#include "proto/lanes.h"

#include <string.h>

#include "proto/limits.h"
#include "tests/tap.h"

enum { MAXIMUM = 64 * 1024, FRAME = 1000, FRAMES = 400, NOTHING = 1 << 16 };

static struct lanes lanes;
static struct waiting {
    struct lanes_item item; /* first */
    int mark;
} frames[FRAMES];
static int used;
static struct lanes_terms terms;

/* What waits goes, and what was demoted. */
static void begin(void)
{
    while (!lanes_is_empty(&lanes))
        lanes_take(&lanes);
    while (lanes_take_demoted(&lanes))
        continue;
    used = 0;
    terms = (struct lanes_terms){1000, MAXIMUM, SIZE_MAX / 2};
}

static enum status put_sized(
    struct lane lane, bool yields, int mark, size_t size)
{
    struct waiting *frame = &frames[used];
    need(used < FRAMES);
    *frame = (struct waiting){.mark = mark, .item = {.lane = lane}};
    frame->item.item.yields = yields;
    enum status status = lanes_add(&lanes, &frame->item, size, &terms);
    used += status == STATUS_OK;
    return status;
}

static enum status put_in(enum lane_rank rank, uint32_t flow, int mark)
{
    return put_sized((struct lane){rank, flow}, false, mark, FRAME);
}

static enum status forward(uint32_t flow, int mark)
{
    return put_sized((struct lane){LANE_FORWARD, flow}, true, mark, FRAME);
}

static int mark_of(const struct lanes_item *item)
{
    return item ? ((const struct waiting *)item)->mark : NOTHING;
}

static int take(void)
{
    return mark_of(lanes_take(&lanes));
}

static int demoted(void)
{
    return mark_of(lanes_take_demoted(&lanes));
}

/* By many, a frame each. */
static size_t fill(enum lane_rank rank)
{
    uint32_t flow = 1;
    while (put_in(rank, flow++, 9) == STATUS_OK)
        continue;
    return lanes.bytes;
}

static void types_have_ranks(void)
{
    const struct lane push = lanes_of(FRAME_PUSH, false, 7);
    const struct lane urgent = lanes_of(FRAME_PUSH, true, 7);
    ok(push.rank == LANE_FORWARD && push.flow == 7 &&
            urgent.rank == LANE_URGENT && urgent.flow == 0,
        "a push is forwarded in its peer's turn, or urgent");
    const struct lane stem = lanes_of(FRAME_STEM, false, 7);
    ok(stem.rank == LANE_RECEIPT && stem.flow == 7 &&
            lanes_of(FRAME_RECEIPT, false, 7).rank == LANE_RECEIPT,
        "what is on its stem goes with the receipts");
    const struct lane bye = lanes_of(FRAME_DISCONNECT, false, 7);
    const struct lane want = lanes_of(FRAME_WANT, false, 7);
    ok(bye.rank == LANE_RECONCILE && bye.flow == 0 &&
            want.rank == LANE_CONTROL && want.flow == 0 &&
            lanes_of(FRAME_IHAVE, false, 7).rank == LANE_CONTROL,
        "words go first and keep their order, a goodbye goes last");
}

static void ranks_go_first(void)
{
    begin();
    ok(lanes_is_empty(&lanes) && !lanes_first(&lanes), "it begins empty");
    static const enum lane_rank ranks[] = {LANE_RECONCILE, LANE_FORWARD,
        LANE_CONTROL, LANE_FORWARD, LANE_RECEIPT, LANE_CONTROL};
    for (int i = 0; i < 6; i++)
        need(put_in(ranks[i], 0, i) == STATUS_OK);
    static const int order[] = {2, 5, 4, 1, 3, 0};
    bool ordered = true;
    for (int i = 0; i < 6; i++) {
        ordered &= mark_of(lanes_first(&lanes)) == order[i];
        ordered &= take() == order[i];
    }
    ok(ordered && lanes_is_empty(&lanes) && lanes.bytes == 0,
        "higher ranks leave first, each in its order");
}

static void ranks_are_bounded(void)
{
    begin();
    size_t cost = lanes_cost(FRAME);
    size_t half = fill(LANE_RECONCILE);
    ok(half <= MAXIMUM / 2 && half > MAXIMUM / 2 - cost,
        "reconciliation fills half of it");
    size_t more = fill(LANE_FORWARD);
    ok(more <= MAXIMUM / 4 * 3 && more > MAXIMUM / 4 * 3 - cost,
        "what is forwarded three quarters");
    ok(put_in(LANE_RECONCILE, 0, 9) == STATUS_AGAIN &&
            put_in(LANE_RECEIPT, 0, 9) == STATUS_OK,
        "then a receipt still finds room");
    size_t all = (fill(LANE_RECEIPT), fill(LANE_CONTROL));
    ok(all <= MAXIMUM && all > MAXIMUM - cost, "and control all of it");
    ok(demoted() == NOTHING, "what does not yield is never demoted");
    begin();
    ok(lanes_is_empty(&lanes) && lanes.bytes == 0, "and all can be taken");
}

static void flows_have_turns(void)
{
    begin();
    size_t cost = lanes_cost(FRAME), open = MAXIMUM / 8 * 6;
    size_t flood = 0, other = 0, waited = 0;
    while (put_in(LANE_FORWARD, 1, 1) == STATUS_OK)
        flood++;
    ok(flood * cost <= open / 9 * 8 && (flood + 1) * cost > open / 9 * 8 - cost,
        "one flow leaves a ninth of what is open");
    while (put_in(LANE_FORWARD, 2, 2) == STATUS_OK)
        other++;
    ok(other >= open / 9 / cost / 2, "where another finds room");
    ok(put_in(LANE_FORWARD, 1, 1) == STATUS_AGAIN,
        "and the first has none the more");
    for (; other > 0; waited++)
        other -= take() == 2;
    ok(waited < flood / 2, "which does not wait for all that was there before");
}

/* A flow of forwards, marked from 0, until it begins to make room for itself.
 * How many wait then. */
static int flood(uint32_t flow)
{
    int count = 0;
    while (!lanes.demoted) {
        terms.now_ms++;
        need(forward(flow, count++) == STATUS_OK);
    }
    return count - 1;
}

static void the_stalest_makes_room(void)
{
    begin();
    int waits = flood(1);
    ok(demoted() == 0 && demoted() == NOTHING,
        "a full queue demotes the stalest forward and takes the newest");
    ok(mark_of(lanes_first(&lanes)) == 1, "the next is first then");
    int taken = 0;
    for (; !lanes_is_empty(&lanes); taken++)
        take();
    ok(taken == waits && lanes.bytes == 0 && lanes.yielding[LANE_FORWARD] == 0,
        "and nothing is counted that is not there");
}

static void a_flood_makes_room_itself(void)
{
    begin();
    int own = 500;
    for (; own < 504; own++)
        need(forward(2, own) == STATUS_OK);
    flood(1);
    bool of_flood = true;
    int gone = 0;
    for (; own < 516; own++) {
        terms.now_ms++;
        need(forward(2, own) == STATUS_OK);
        need(forward(1, 300) == STATUS_OK);
        for (int mark; (mark = demoted()) != NOTHING; gone++)
            of_flood &= mark < 500;
    }
    ok(gone > 12 && of_flood,
        "a flood demotes its own, not what others brought before it");
}

static void the_more_important_stays(void)
{
    begin();
    flood(1);
    size_t forwards = lanes.yielding[LANE_FORWARD];
    demoted();
    ok(put_in(LANE_RECONCILE, 0, 9) == STATUS_AGAIN && demoted() == NOTHING &&
            lanes.yielding[LANE_FORWARD] == forwards,
        "what is less important demotes no forward");
    int receipts = 0, gone = 0;
    while (put_in(LANE_RECEIPT, (uint32_t)receipts, 9) == STATUS_OK)
        receipts++;
    while (demoted() != NOTHING)
        gone++;
    size_t cost = lanes_cost(FRAME);
    ok(gone > 0 && lanes.yielding[LANE_FORWARD] == 0 &&
            (size_t)receipts == MAXIMUM / 8 * 7 / cost,
        "what is more important demotes them all in the end");
    ok(forward(1, 1) == STATUS_AGAIN, "and a forward demotes no receipt");
}

static void what_was_asked_for_stays(void)
{
    begin();
    while (put_in(LANE_FORWARD, 1, 1) == STATUS_OK)
        continue;
    size_t asked = lanes.bytes;
    ok(forward(1, 2) == STATUS_AGAIN && demoted() == NOTHING,
        "what was asked for makes no room");
    while (lanes.bytes > asked / 2)
        take();
    while (!lanes.demoted)
        need(forward(2, 3) == STATUS_OK);
    ok(demoted() == 3, "but forwards beside it do");
    while (put_in(LANE_FORWARD, 1, 1) == STATUS_OK)
        continue;
    bool only_forwards = true;
    for (int mark; (mark = demoted()) != NOTHING;)
        only_forwards &= mark == 3;
    ok(only_forwards && lanes.bytes >= asked - lanes_cost(FRAME),
        "and for it, too");
}

static void none_is_demoted_in_vain(void)
{
    begin();
    while (put_in(LANE_RECEIPT, (uint32_t)used, 9) == STATUS_OK)
        if (lanes.bytes > MAXIMUM / 2)
            break;
    for (int i = 0; i < 5; i++)
        need(forward(1, i) == STATUS_OK);
    size_t before = lanes.bytes;
    ok(put_sized((struct lane){LANE_FORWARD, 2}, true, 9, MAXIMUM / 4) ==
                STATUS_AGAIN &&
            lanes.bytes == before && demoted() == NOTHING,
        "none is demoted for what would find no room even so");
}

static void the_node_is_bounded(void)
{
    begin();
    for (int i = 0; i < 5; i++)
        need(forward(1, i) == STATUS_OK);
    terms.spare = 0;
    size_t before = lanes.bytes;
    ok(forward(2, 7) == STATUS_OK && demoted() == 0 && lanes.bytes == before,
        "where it may not grow, as much gives way as comes");
    terms.spare = lanes_cost(FRAME);
    ok(forward(2, 8) == STATUS_OK && demoted() == NOTHING &&
            lanes.bytes == before + terms.spare,
        "where it may by so much, it does");
    terms.spare = 0;
    ok(put_in(LANE_RECONCILE, 0, 9) == STATUS_AGAIN,
        "and what has nobody to give way is refused");
}

static void the_stale_are_demoted(void)
{
    begin();
    ok(lanes_stale_ms(&lanes) == UINT64_MAX, "nothing is never stale");
    need(put_in(LANE_FORWARD, 5, 90) == STATUS_OK);
    need(put_in(LANE_RECEIPT, 5, 91) == STATUS_OK);
    need(forward(1, 0) == STATUS_OK);
    terms.now_ms += 1000;
    need(forward(2, 1) == STATUS_OK && forward(1, 2) == STATUS_OK);
    uint64_t stale_ms = terms.now_ms - 1000 + LIMIT_FORWARD_STALE_MS;
    ok(lanes_stale_ms(&lanes) == stale_ms, "it is known when the next is");
    lanes_pass_time(&lanes, stale_ms - 1);
    ok(demoted() == NOTHING, "no forward is demoted before it is stale");
    lanes_pass_time(&lanes, stale_ms);
    ok(demoted() == 0 && demoted() == NOTHING, "then that one is");
    lanes_pass_time(&lanes, UINT64_MAX);
    ok(demoted() == 1 && demoted() == 2 && demoted() == NOTHING,
        "and those behind it in their turn, whatever their flow");
    ok(take() == 91 && take() == 90 && lanes_is_empty(&lanes),
        "what does not yield waits for ever");
}

int main(void)
{
    types_have_ranks();
    ranks_go_first();
    ranks_are_bounded();
    flows_have_turns();
    the_stalest_makes_room();
    a_flood_makes_room_itself();
    the_more_important_stays();
    what_was_asked_for_stays();
    none_is_demoted_in_vain();
    the_node_is_bounded();
    the_stale_are_demoted();
    return tap_done();
}
