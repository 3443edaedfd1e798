/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over links that are slow, uneven and lossy: by a clock of our own. */
#include "platform/shape.h"

#include <string.h>

#include "proto/limits.h"
#include "tests/tap.h"

static const struct lane forward = {LANE_FORWARD, 0},
                         control = {LANE_CONTROL, 0};

enum { SECOND_US = 1000000, FRAME = 1000 };

static uint8_t bytes[FRAME];
static const struct span frame = {bytes, FRAME};
static struct random_seeded chance;

static struct shape *make(const char *text)
{
    struct shape_terms terms;
    random_seeded_init(&chance, 7, 1);
    return shape_read(text, &terms) == STATUS_OK
               ? shape_new(&terms, &chance.base)
               : NULL;
}

/* Take all that arrive by then; how many, and the last one's mark. */
static int take_all(struct shape *shape, uint64_t now_us, uint8_t *mark)
{
    struct shape_arrival arrival;
    int count = 0;
    for (; shape_take(shape, now_us, &arrival); count++)
        *mark = arrival.frame.data[0];
    return count;
}

static void test_read(void)
{
    struct shape_terms terms;
    ok(shape_read("jitter_us=3,latency_us=20,loss_ppm=1000000,bandwidth=5",
           &terms) == STATUS_OK &&
            terms.latency_us == 20 && terms.jitter_us == 3 &&
            terms.loss_ppm == 1000000 && terms.bandwidth == 5,
        "terms are read by name, in any order");
    ok(shape_read("", &terms) == STATUS_OK && terms.latency_us == 0,
        "none are none");
    static const char *const wrong[] = {"latency=20ms",
        "latency_us=", "latency_us=-1", "latency_us=1x", "loss_ppm=1000001",
        ",", "latency_us=1,,jitter_us=1", "latency_us=9999999999999999999"};
    bool refused = true;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refused = refused && shape_read(wrong[i], &terms) == STATUS_INVALID;
    ok(refused, "what is none of these is refused");
}

static void test_latency(void)
{
    struct shape *shape = make("latency_us=20000");
    uint8_t mark = 0;
    ok(shape_due_us(shape) == UINT64_MAX, "nothing is under way at first");
    ok(shape_send(shape, 1, forward, frame, 5) == STATUS_OK &&
            shape_due_us(shape) == 20005,
        "a frame takes the latency");
    ok(take_all(shape, 20004, &mark) == 0 && take_all(shape, 20005, &mark) == 1,
        "and is there then, and not before");
    shape_free(shape);
}

static void test_jitter(void)
{
    struct shape *shape = make("latency_us=1000,jitter_us=50000");
    bool ordered = true;
    struct shape_arrival arrival;
    uint64_t least = UINT64_MAX, most = 0;
    for (int i = 0; i < 200; i++) {
        bytes[0] = (uint8_t)i;
        ordered = ordered &&
                  shape_send(shape, 1 + i % 2, control, frame, 0) == STATUS_OK;
    }
    uint8_t last[2] = {0, 0};
    for (int i = 0; i < 200; i++) {
        uint64_t due = shape_due_us(shape);
        least = due < least ? due : least;
        most = due > most ? due : most;
        ordered = ordered && shape_take(shape, due, &arrival);
        uint8_t *before = &last[arrival.link - 1];
        ordered = ordered && arrival.frame.data[0] >= *before;
        *before = arrival.frame.data[0];
    }
    ok(ordered, "the frames of a link keep their order");
    ok(least >= 1000 && most <= 51000 && most > 40000,
        "jitter is added to the latency, and no more than that");
    shape_free(shape);
    bytes[0] = 0;
}

static void test_loss(void)
{
    struct shape *shape = make("loss_ppm=250000");
    uint8_t mark = 0;
    for (int i = 0; i < 2000; i++)
        (void)!shape_send(shape, 3, forward, frame, 0);
    int came = take_all(shape, 0, &mark);
    ok(came > 1400 && came < 1600, "a quarter of the frames is lost");
    shape_free(shape);
}

static void test_bandwidth(void)
{
    struct shape *shape = make("bandwidth=10000");
    uint8_t mark = 0;
    for (int i = 0; i < 10; i++)
        (void)!shape_send(shape, 4, forward, frame, 0);
    ok(take_all(shape, SECOND_US / 2, &mark) == 5,
        "half a second carries half of a second's bytes");
    ok(shape_send(shape, 5, forward, frame, SECOND_US / 2) == STATUS_OK &&
            take_all(shape, SECOND_US * 6 / 10, &mark) == 2,
        "and each link has its own");
    int taken = 0;
    while (taken < 1000 &&
           shape_send(shape, 4, forward, frame, SECOND_US) == STATUS_OK)
        taken++;
    ok(taken > 200 && taken <= (int)(LIMIT_LINK_QUEUE_BYTES / FRAME) + 1,
        "what waits is bounded by a link's queue");
    shape_free(shape);
}

static void test_hurry(void)
{
    struct shape *shape = make("latency_us=1000000");
    struct shape_arrival arrival = {0};
    bytes[0] = 1;
    (void)!shape_send(shape, 1, forward, frame, 0);
    bytes[0] = 2;
    (void)!shape_send(shape, 2, control, frame, 0);
    bytes[0] = 3;
    (void)!shape_send(shape, 2, forward, frame, 0);
    shape_hurry(shape, 2);
    ok(shape_take(shape, 0, &arrival) && arrival.frame.data[0] == 2 &&
            arrival.lane.rank == LANE_CONTROL &&
            shape_take(shape, 0, &arrival) && arrival.frame.data[0] == 3 &&
            !shape_take(shape, 0, &arrival),
        "what is under way on a link that ends is there at once, in order");
    ok(shape_take(shape, SECOND_US, &arrival) && arrival.link == 1,
        "and the other's later");
    shape_free(shape);
}

int main(void)
{
    test_read();
    test_latency();
    test_jitter();
    test_loss();
    test_bandwidth();
    test_hurry();
    return tap_done();
}
